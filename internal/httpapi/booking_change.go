package httpapi

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// The forms of PATCH /api/bookings/{id}, one for each action.

type approveAction struct {
	Action      string                `json:"action" enum:"approve"`
	Assignments []commands.Assignment `json:"assignments,omitempty" doc:"Segments that other staff than those held shall do."`
}

type rejectAction struct {
	Action     string `json:"action" enum:"reject"`
	ReasonCode string `json:"reasonCode,omitempty" doc:"For programs; the customer does not see it."`
	Reason     string `json:"reason" doc:"In words for the customer." minLength:"1" maxLength:"500"`
}

type cancelAction struct {
	Action      string       `json:"action" enum:"cancel"`
	CancelledBy domain.Party `json:"cancelledBy,omitempty" enum:"customer,salon" doc:"Whose wish it is; the desk may cancel for a customer."`
	ReasonCode  string       `json:"reasonCode,omitempty" doc:"Required of the salon; the customer does not see it."`
	Reason      string       `json:"reason,omitempty" doc:"In words for the customer." maxLength:"500"`
}

type assignAction struct {
	Action    string `json:"action" enum:"assign"`
	SegmentID string `json:"segmentId"`
	StaffID   string `json:"staffId"`
}

type changeInput struct {
	ID string `path:"id" doc:"The booking's id."`
	CommandInput
	BodyInput
}

// change is one action on its way to the command that does it.
type change struct {
	id      string
	by      commands.Caller
	options commands.Options
	body    []byte
}

// actions maps the word in the body to what runs.
func (s *server) actions() map[string]func(context.Context, change) (commands.Receipt, error) {
	return map[string]func(context.Context, change) (commands.Receipt, error){
		"approve": s.approve, "reject": s.reject, "cancel": s.cancel, "assign": s.assign,
	}
}

func (s *server) changeBooking(ctx context.Context, in *changeInput) (*receiptOutput, error) {
	if err := checkID(domain.BookingPrefix, "id", in.ID); err != nil {
		return nil, err
	}
	options, err := in.options()
	if err != nil {
		return nil, err
	}
	run, err := s.action(in.RawBody)
	if err != nil {
		return nil, err
	}
	r, err := run(ctx, change{id: in.ID, by: sessionOf(ctx).caller(), options: options, body: in.RawBody})
	if err != nil {
		return nil, err
	}
	return receipt(r, ""), nil
}

// actionWord is what all forms have in common.
type actionWord struct {
	Action any            `json:"action"`
	Rest   map[string]any `json:",inline"` // the action's own form decides what may be here
}

// action looks at the word only; the action's own form is checked when it runs.
func (s *server) action(body []byte) (func(context.Context, change) (commands.Receipt, error), error) {
	word, err := decode[actionWord](body)
	if err != nil {
		return nil, err
	}
	actions := s.actions()
	name, _ := word.Action.(string)
	if run, ok := actions[name]; ok {
		return run, nil
	}
	return nil, wrongField("/action", "must be one of "+strings.Join(slices.Sorted(maps.Keys(actions)), ", "))
}

func (s *server) approve(ctx context.Context, c change) (commands.Receipt, error) {
	a, err := decode[approveAction](c.body)
	if err != nil {
		return commands.Receipt{}, err
	}
	return s.Commands.ApproveBooking(ctx, c.by, c.options,
		commands.ApproveBooking{BookingID: c.id, Assignments: a.Assignments})
}

func (s *server) reject(ctx context.Context, c change) (commands.Receipt, error) {
	a, err := decode[rejectAction](c.body)
	if err != nil {
		return commands.Receipt{}, err
	}
	return s.Commands.RejectBooking(ctx, c.by, c.options,
		commands.RejectBooking{BookingID: c.id, ReasonCode: a.ReasonCode, Reason: a.Reason})
}

func (s *server) cancel(ctx context.Context, c change) (commands.Receipt, error) {
	a, err := decode[cancelAction](c.body)
	if err != nil {
		return commands.Receipt{}, err
	}
	return s.Commands.CancelBooking(ctx, c.by, c.options, commands.CancelBooking{
		BookingID: c.id, CancelledBy: a.CancelledBy, ReasonCode: a.ReasonCode, Reason: a.Reason,
	})
}

func (s *server) assign(ctx context.Context, c change) (commands.Receipt, error) {
	a, err := decode[assignAction](c.body)
	if err != nil {
		return commands.Receipt{}, err
	}
	return s.Commands.AssignStaff(ctx, c.by, c.options,
		commands.AssignStaff{BookingID: c.id, SegmentID: a.SegmentID, StaffID: a.StaffID})
}
