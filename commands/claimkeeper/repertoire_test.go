package claimkeeper_test

import (
	"context"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/domain"
)

// part is a command that people of a salon issue.
type part struct {
	name  string
	makes string // "booking" or "leave", if it makes one
	notes string // the booking to which it adds a note, if it does
	issue func(e *commands.Service, store *steppedStore, o commands.Options) (commands.Receipt, error)
}

// repertoire is one command of every kind, with input as the choices have it.
func (s *salon) repertoire() []part {
	// Half of what people do is to book: otherwise there would be nothing to do the rest to.
	book := []part{s.request(), s.request(), s.request(), s.walkIn(), s.request(), s.request()}
	return append(append(book, s.changes()...), s.leaveDeeds()...)
}

func (s *salon) services() []commands.RequestedService {
	wishes := []commands.RequestedService{{ServiceID: []string{cut, colour}[s.c.below(2)], StaffID: s.member()}}
	if s.c.below(3) == 2 {
		wishes = append(wishes, commands.RequestedService{ServiceID: cut})
	}
	if s.c.below(3) == 2 {
		wishes[0].StaffID = ""
	}
	return wishes
}

// pickNote is the note of a booking that was written last.
func pickNote(notes map[string]string, booking string) string {
	if id, ok := notes[booking]; ok {
		return id
	}
	return "nt_unknown1"
}

// overrides are what the desk passes over, now and then.
func (s *salon) overrides() []domain.Override {
	return [][]domain.Override{nil, nil, nil, {domain.OverrideHours}, {domain.OverrideBuffer}, {domain.OverrideHours, domain.OverrideBuffer}}[s.c.below(6)]
}

// request is a customer's own, or the desk's for her.
func (s *salon) request() part {
	by := s.either(s.people.customer, s.oneOf(s.people.desks))
	w := commands.RequestBooking{BranchID: s.branch, Start: s.start(), Services: s.services()}
	if by.Role.Desk() {
		w.CustomerID, w.Overrides = s.people.customer.UserID, s.overrides()
	}
	return part{name: "request", makes: "booking", issue: func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
		return e.RequestBooking(context.Background(), by, o, w)
	}}
}

// walkIn is the customer, or a guest without an account.
func (s *salon) walkIn() part {
	by := s.oneOf(s.people.desks)
	w := commands.CreateWalkIn{BranchID: s.branch, Services: s.services(), Overrides: s.overrides()}
	name := "walk in"
	if w.CustomerID = s.people.customer.UserID; s.c.below(2) == 1 {
		name, w.CustomerID, w.Guest = "walk in, a guest", "", &commands.GuestIn{Name: "Gita", Phone: "+49 30 1234567"}
	}
	return part{name: name, makes: "booking", issue: func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
		return e.CreateWalkIn(context.Background(), by, o, w)
	}}
}

// changes are the commands on a booking. Before each of them the desk reads it, as people do.
func (s *salon) changes() []part {
	id := pick(s, s.bookings)
	if id == "" {
		return nil
	}
	segment := domain.SegmentID(s.c.below(5) / 2) // mostly one that there is
	member, start, minutes := s.member(), s.start(), 10+s.c.below(8)*10
	by, her, stylist := s.oneOf(s.people.desks), s.her(), s.oneOf(s.people.stylists)
	overrides, last := s.overrides(), pickNote(s.notes, id)
	mover, server, party := s.either(by, her), s.either(by, stylist), s.oneOf([]commands.Caller{by, her, stylist})
	to := domain.Statuses()[s.c.below(len(domain.Statuses()))]
	ctx := context.Background()
	on := func(name string, issue func(*commands.Service, commands.Options) (commands.Receipt, error)) part {
		return part{name: name, issue: func(e *commands.Service, store *steppedStore, o commands.Options) (commands.Receipt, error) {
			b, err := aggregate.Load[domain.Booking, domain.BookingEvent](ctx, store, domain.BookingStream(id))
			if err != nil {
				return commands.Receipt{}, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "read: %v", err)
			}
			o.IfMatch = &b.Visible
			return issue(e, o)
		}}
	}
	note := on("note", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
		o.IfMatch = nil
		return e.AddNote(ctx, party, o, commands.AddNote{BookingID: id, Note: "prefers tea"})
	})
	note.notes = id
	begin := on("start", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
		return e.StartService(ctx, server, o, commands.StartService{BookingID: id, SegmentID: segment})
	})
	// Who serves finishes what he has begun, if nobody comes between.
	finish := part{name: "finish", issue: func(e *commands.Service, store *steppedStore, o commands.Options) (commands.Receipt, error) {
		began := o
		began.IdempotencyKey += "-start"
		begun, err := begin.issue(e, store, began)
		if err == nil {
			o.IfMatch = &begun.Revision
			return e.FinishService(ctx, server, o, commands.FinishService{BookingID: id, SegmentID: segment})
		}
		return commands.Receipt{}, err
	}}
	return []part{
		finish, finish,
		on("approve", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			c := commands.ApproveBooking{BookingID: id, Overrides: overrides}
			if minutes > 40 {
				c.Assignments = []commands.Assignment{{SegmentID: segment, StaffID: member}}
			}
			return e.ApproveBooking(ctx, by, o, c)
		}),
		on("reject", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.RejectBooking(ctx, by, o, commands.RejectBooking{BookingID: id, Reason: "full"})
		}),
		on("cancel for the salon", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.CancelBooking(ctx, by, o, commands.CancelBooking{BookingID: id, ReasonCode: "equipment"})
		}),
		on("cancel", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			o.IfMatch = nil
			return e.CancelBooking(ctx, her, o, commands.CancelBooking{BookingID: id})
		}),
		on("reschedule", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.RescheduleBooking(ctx, mover, o, commands.RescheduleBooking{BookingID: id, Start: start})
		}),
		on("reschedule to another", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.RescheduleBooking(ctx, by, o, commands.RescheduleBooking{
				BookingID: id, Start: start, Assignments: []commands.Assignment{{SegmentID: segment, StaffID: member}}, Overrides: overrides,
			})
		}),
		on("assign", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.AssignStaff(ctx, by, o, commands.AssignStaff{BookingID: id, SegmentID: segment, StaffID: member, Overrides: overrides})
		}),
		on("unassign", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.UnassignStaff(ctx, by, o, commands.UnassignStaff{BookingID: id, SegmentID: segment, Reason: "sick"})
		}),
		on("add a service", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.AddService(ctx, party, o, commands.AddService{BookingID: id, ServiceID: cut})
		}),
		on("remove a service", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.RemoveService(ctx, mover, o, commands.RemoveService{BookingID: id, SegmentID: segment})
		}),
		on("change a duration", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.ChangeDuration(ctx, by, o, commands.ChangeDuration{BookingID: id, SegmentID: segment, Minutes: minutes, Overrides: overrides})
		}),
		on("check in", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.CheckIn(ctx, server, o, commands.CheckIn{BookingID: id})
		}),
		begin,
		on("complete", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.CompleteBooking(ctx, by, o, commands.CompleteBooking{BookingID: id, PaymentMethod: domain.PaidCash})
		}),
		on("no-show", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.MarkNoShow(ctx, by, o, commands.MarkNoShow{BookingID: id})
		}),
		on("cancel for her", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.CancelBooking(ctx, by, o, commands.CancelBooking{BookingID: id, CancelledBy: domain.PartyCustomer})
		}),
		note,
		on("redact", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			o.IfMatch = nil
			return e.RedactNote(ctx, party, o, commands.RedactNote{BookingID: id, NoteID: last})
		}),
		on("overdue", func(e *commands.Service, _ commands.Options) (commands.Receipt, error) {
			_, err := e.SettleOverdue(ctx, id)
			return commands.Receipt{}, err
		}),
		on("correct", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.CorrectOutcome(ctx, by, o, commands.CorrectOutcome{BookingID: id, ToStatus: to, Reason: "wrong"})
		}),
	}
}

// leaveDeeds are the commands about leave.
func (s *salon) leaveDeeds() []part {
	ctx := context.Background()
	stylist, by, boss := s.oneOf(s.people.stylists), s.oneOf(s.people.desks), s.oneOf(s.people.managers)
	from := []string{"2026-06-16", "2026-06-17"}[s.c.below(2)]
	times := commands.LeaveTimes{BranchID: s.branch, FromDate: from, ToDate: from}
	if s.c.below(2) == 1 {
		times.ToDate, times.FromTime = "2026-06-17", "12:00"
	}
	deeds := []part{
		{name: "ask for leave", makes: "leave", issue: func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.RequestLeave(ctx, stylist, o, commands.RequestLeave{LeaveTimes: times, LeaveType: domain.LeaveCasual})
		}},
		{name: "mark off", makes: "leave", issue: func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.MarkStaffOff(ctx, by, o, commands.MarkStaffOff{StaffID: stylist.StaffID, LeaveTimes: times})
		}},
	}
	id := pick(s, s.leaves)
	if id == "" {
		return deeds
	}
	return append(deeds,
		part{name: "approve leave", issue: func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.ApproveLeave(ctx, boss, o, commands.ApproveLeave{LeaveID: id})
		}},
		part{name: "reject leave", issue: func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.RejectLeave(ctx, boss, o, commands.RejectLeave{LeaveID: id, Reason: "full"})
		}},
		part{name: "revoke leave", issue: func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.RevokeLeave(ctx, boss, o, commands.RevokeLeave{LeaveID: id})
		}},
		part{name: "revoke leave", issue: func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.RevokeLeave(ctx, boss, o, commands.RevokeLeave{LeaveID: id})
		}},
		part{name: "withdraw leave", issue: func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.WithdrawLeave(ctx, stylist, o, commands.WithdrawLeave{LeaveID: id})
		}},
	)
}
