package commands

// accept checks what can be checked without the store, in this order: who the caller is, the form of the input, and whether
// the command is for this caller. target is what the command is about, empty for what it creates.
func (s *Service) accept(
	name string, by Caller, may func(Caller) error, o Options, target string, body any,
) (command, error) {
	if err := by.check(); err != nil {
		return command{}, err
	}
	if err := s.inputs.check(by, body); err != nil {
		return command{}, err
	}
	if err := may(by); err != nil {
		return command{}, err
	}
	return s.identify(name, by.actor(""), o, target, body)
}

// acceptEdit is accept for the changes of a booking that someone else may be changing as well: the desk says on what it
// decided. It is asked for before the booking is looked up, so that the answer tells nothing of the booking.
func (s *Service) acceptEdit(
	name string, by Caller, may func(Caller) error, o Options, bookingID string, body any,
) (command, error) {
	cmd, err := s.accept(name, by, may, o, bookingID, body)
	if err == nil && by.Role.Desk() && o.IfMatch == nil {
		return command{}, errIfMatchRequired()
	}
	return cmd, err
}
