package domain

// Withdraw returns the fact that the member asks no more. Once it is approved only a manager can undo it.
func (l Leave) Withdraw() ([]LeaveEvent, error) {
	if l.Status != LeavePending {
		return nil, l.wrongStatus("withdrawn")
	}
	return []LeaveEvent{LeaveWithdrawn{LeaveRef: l.LeaveRef}}, nil
}

// ApproveLeave is the desk's "yes".
type ApproveLeave struct {
	// Conflicts are the bookings in the way; RejectOnConflict refuses the approval where there are some.
	Conflicts        []LeaveConflict
	RejectOnConflict bool
	Today            map[string]string // the present date at each of the leave's branches
}

// Approve returns the fact that the member is off. Bookings in the way become conflicts, which are closed one by one.
func (l Leave) Approve(a ApproveLeave) ([]LeaveEvent, error) {
	if l.Status != LeavePending {
		return nil, l.wrongStatus("approved")
	}
	if a.RejectOnConflict && len(a.Conflicts) > 0 {
		return nil, Refuse(Conflict, CodeLeaveConflicts, "%d bookings are in the way", len(a.Conflicts)).
			With("conflicts", a.Conflicts)
	}
	return []LeaveEvent{LeaveApproved{
		LeaveRef: l.LeaveRef, Today: a.Today, Conflicts: append([]LeaveConflict{}, a.Conflicts...),
	}}, nil
}

// Reject returns the fact that the member is not off.
func (l Leave) Reject(reason string) ([]LeaveEvent, error) {
	if l.Status != LeavePending {
		return nil, l.wrongStatus("rejected")
	}
	return []LeaveEvent{LeaveRejected{LeaveRef: l.LeaveRef, Reason: reason}}, nil
}

// Revoke returns the fact that an approved leave no longer holds.
func (l Leave) Revoke(reason string) ([]LeaveEvent, error) {
	if l.Status != LeaveGranted {
		return nil, l.wrongStatus("revoked")
	}
	return []LeaveEvent{LeaveRevoked{LeaveRef: l.LeaveRef, Reason: reason}}, nil
}

// wrongStatus refuses a verb that the leave's status does not allow.
func (l Leave) wrongStatus(verb string) *Refusal {
	if l.Status == LeaveNone {
		return ErrLeaveNotFound()
	}
	return Refuse(Conflict, CodeLeaveTransition, "a leave that is %s cannot be %s", l.Status, verb).With("status", l.Status)
}

// ErrLeaveNotFound is the answer for a leave that does not exist or is not the caller's to see.
func ErrLeaveNotFound() *Refusal { return Refuse(NotFound, CodeNotFound, "there is no such leave") }

// LeaveOf returns which leave a fact is about.
func LeaveOf(e LeaveEvent) LeaveRef {
	switch e := e.(type) {
	case LeaveRequested:
		return e.LeaveRef
	case LeaveWithdrawn:
		return e.LeaveRef
	case LeaveApproved:
		return e.LeaveRef
	case LeaveRejected:
		return e.LeaveRef
	case LeaveRevoked:
		return e.LeaveRef
	}
	return LeaveRef{}
}
