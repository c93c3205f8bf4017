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

func (s *salon) request() part {
	w := commands.RequestBooking{CustomerID: s.customer.UserID, BranchID: s.branch, Start: s.start(), Services: s.services()}
	return part{"request", "booking", func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
		return e.RequestBooking(context.Background(), owner, o, w)
	}}
}

func (s *salon) walkIn() part {
	w := commands.CreateWalkIn{BranchID: s.branch, CustomerID: s.customer.UserID, Services: s.services()}
	return part{"walk in", "booking", func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
		return e.CreateWalkIn(context.Background(), owner, o, w)
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
	finish := on("finish", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
		return e.FinishService(ctx, owner, o, commands.FinishService{BookingID: id, SegmentID: segment})
	})
	return []part{
		finish, finish,
		on("approve", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			c := commands.ApproveBooking{BookingID: id}
			if minutes > 40 {
				c.Assignments = []commands.Assignment{{SegmentID: segment, StaffID: member}}
			}
			return e.ApproveBooking(ctx, owner, o, c)
		}),
		on("reject", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.RejectBooking(ctx, owner, o, commands.RejectBooking{BookingID: id, Reason: "full"})
		}),
		on("cancel for the salon", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.CancelBooking(ctx, owner, o, commands.CancelBooking{BookingID: id, ReasonCode: "equipment"})
		}),
		on("cancel", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			o.IfMatch = nil
			return e.CancelBooking(ctx, s.customer, o, commands.CancelBooking{BookingID: id})
		}),
		on("reschedule", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.RescheduleBooking(ctx, owner, o, commands.RescheduleBooking{BookingID: id, Start: start})
		}),
		on("reschedule to another", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.RescheduleBooking(ctx, owner, o, commands.RescheduleBooking{
				BookingID: id, Start: start, Assignments: []commands.Assignment{{SegmentID: segment, StaffID: member}},
			})
		}),
		on("assign", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.AssignStaff(ctx, owner, o, commands.AssignStaff{BookingID: id, SegmentID: segment, StaffID: member})
		}),
		on("unassign", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.UnassignStaff(ctx, owner, o, commands.UnassignStaff{BookingID: id, SegmentID: segment, Reason: "sick"})
		}),
		on("add a service", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.AddService(ctx, owner, o, commands.AddService{BookingID: id, ServiceID: cut})
		}),
		on("remove a service", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.RemoveService(ctx, owner, o, commands.RemoveService{BookingID: id, SegmentID: segment})
		}),
		on("change a duration", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.ChangeDuration(ctx, owner, o, commands.ChangeDuration{BookingID: id, SegmentID: segment, Minutes: minutes})
		}),
		on("check in", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.CheckIn(ctx, owner, o, commands.CheckIn{BookingID: id})
		}),
		on("start", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.StartService(ctx, owner, o, commands.StartService{BookingID: id, SegmentID: segment})
		}),
		on("complete", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.CompleteBooking(ctx, owner, o, commands.CompleteBooking{BookingID: id, PaymentMethod: domain.PaidCash})
		}),
		on("no-show", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.MarkNoShow(ctx, owner, o, commands.MarkNoShow{BookingID: id})
		}),
		on("overdue", func(e *commands.Service, _ commands.Options) (commands.Receipt, error) {
			_, err := e.SettleOverdue(ctx, id)
			return commands.Receipt{}, err
		}),
		on("correct", func(e *commands.Service, o commands.Options) (commands.Receipt, error) {
			return e.CorrectOutcome(ctx, owner, o, commands.CorrectOutcome{BookingID: id, ToStatus: to, Reason: "wrong"})
		}),
	}
}

// leaveDeeds are the commands about leave.
func (s *salon) leaveDeeds() []part {
	ctx := context.Background()
	stylist := commands.Caller{UserID: "usr_" + s.staff[0][4:], Role: domain.RoleStaff, StaffID: s.member(), BranchIDs: []string{s.branch}}
	from := []string{"2026-06-16", "2026-06-17"}[s.c.below(2)]
	times := commands.LeaveTimes{BranchID: s.branch, FromDate: from, ToDate: from}
	if s.c.below(2) == 1 {
		times.ToDate, times.FromTime = "2026-06-17", "12:00"
	}
	deeds := []part{
		{"ask for leave", "leave", func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.RequestLeave(ctx, stylist, o, commands.RequestLeave{LeaveTimes: times, LeaveType: domain.LeaveCasual})
		}},
		{"mark off", "leave", func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.MarkStaffOff(ctx, owner, o, commands.MarkStaffOff{StaffID: stylist.StaffID, LeaveTimes: times})
		}},
	}
	id := pick(s, s.leaves)
	if id == "" {
		return deeds
	}
	return append(deeds,
		part{"approve leave", "", func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.ApproveLeave(ctx, owner, o, commands.ApproveLeave{LeaveID: id})
		}},
		part{"reject leave", "", func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.RejectLeave(ctx, owner, o, commands.RejectLeave{LeaveID: id, Reason: "full"})
		}},
		part{"revoke leave", "", func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.RevokeLeave(ctx, owner, o, commands.RevokeLeave{LeaveID: id})
		}},
		part{"revoke leave", "", func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.RevokeLeave(ctx, owner, o, commands.RevokeLeave{LeaveID: id})
		}},
		part{"withdraw leave", "", func(e *commands.Service, _ *steppedStore, o commands.Options) (commands.Receipt, error) {
			return e.WithdrawLeave(ctx, stylist, o, commands.WithdrawLeave{LeaveID: id})
		}},
	)
}
