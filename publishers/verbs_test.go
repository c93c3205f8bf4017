package publishers_test

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// The verbs of the stories with all that they need.

func choices(staff ...string) []domain.ServiceChoice {
	var out []domain.ServiceChoice
	for i, member := range staff {
		out = append(out, domain.ServiceChoice{Service: service(i), StaffID: member})
	}
	return out
}

func (s *story) request(id string, at time.Time, staff ...string) {
	s.requestOf(id, at, choices(staff...)...)
}

func (s *story) requestOf(id string, at time.Time, services ...domain.ServiceChoice) {
	s.do(id, byCustomer, func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Request(domain.Request{
			BookingID: id, CustomerID: customer, Roster: s.roster(), StartAt: at, Services: services, Now: s.now,
			Actor: byCustomer, NewClaimID: s.mint,
		})
	})
}

// walkIn begins a booking of somebody who stands there; without a guest it is the customer.
func (s *story) walkIn(id string, at time.Time, guest *domain.Guest, services ...domain.ServiceChoice) {
	s.do(id, byDesk, func(b domain.Booking) ([]domain.BookingEvent, error) {
		w := domain.WalkIn{
			BookingID: id, Guest: guest, Roster: s.roster(), StartAt: at, Services: services, Now: at, NewClaimID: s.mint,
		}
		if guest == nil {
			w.CustomerID = customer
		}
		return b.WalkIn(w)
	})
}

func (s *story) confirm(id string, staff map[string]string) { s.do(id, byDesk, s.confirming(staff)) }

func (s *story) confirming(staff map[string]string) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Confirm(domain.Confirm{Roster: s.roster(), Staff: staff, Now: b.StartAt, NewClaimID: s.mint})
	}
}

func (s *story) assign(id, segment, staff string) { s.do(id, byDesk, s.assigning(segment, staff)) }

func (s *story) assigning(segment, staff string, overrides ...domain.Override) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Assign(domain.Assign{
			Roster: s.roster(), SegmentID: segment, StaffID: staff, Overrides: overrides, NewClaimID: s.mint,
		})
	}
}

func (s *story) unassigning(segment string) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Unassign(domain.Unassign{Roster: s.roster(), SegmentID: segment, Reason: "reason_canary", NewClaimID: s.mint})
	}
}

func (s *story) reject(id string) { s.do(id, byDesk, rejecting) }

func rejecting(b domain.Booking) ([]domain.BookingEvent, error) {
	return b.Reject(domain.Reject{ReasonCode: "code_canary", Reason: "We are full that evening."})
}

func (s *story) cancel(id string) { s.do(id, byDesk, cancelling) }

// cancelling is the salon's cancellation, or of a pending booking the customer's: the salon rejects those.
func cancelling(b domain.Booking) ([]domain.BookingEvent, error) {
	by := domain.PartySalon
	if b.Status == domain.StatusPending {
		by = domain.PartyCustomer
	}
	return b.Cancel(domain.Cancel{By: by, ReasonCode: "equipment", Reason: "The chair broke.", Now: b.StartAt.Add(-time.Hour)})
}

func (s *story) rescheduling(by domain.Party, to time.Time, staff map[string]string) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Reschedule(domain.Reschedule{
			Roster: s.roster(), StartAt: to, Staff: staff, By: by, Reason: "Later suits me better.", Now: s.now, NewClaimID: s.mint,
		})
	}
}

func (s *story) adding(choice domain.ServiceChoice, before string) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.AddService(domain.AddService{Roster: s.roster(), Choice: choice, Before: before, NewClaimID: s.mint})
	}
}

func (s *story) removing(segment string) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.RemoveService(domain.RemoveService{
			Roster: s.roster(), SegmentID: segment, Reason: "reason_canary", NewClaimID: s.mint,
		})
	}
}

func (s *story) lasting(segment string, minutes int) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.ChangeDuration(domain.ChangeDuration{
			Roster: s.roster(), SegmentID: segment, Minutes: minutes, Reason: "reason_canary", NewClaimID: s.mint,
		})
	}
}

func noting(id string, visibility domain.Visibility, author domain.Actor) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.AddNote(domain.AddNote{
			NoteID: id, Visibility: visibility, Body: domain.Sealed{KeyID: "key_" + id, Box: []byte("box")}, Author: author,
		})
	}
}

func redacting(id string) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.RedactNote(domain.RedactNote{NoteID: id, Reason: "reason_canary"})
	}
}

// The verbs of a visit; their times count from the booking's start.

func checkingIn(after time.Duration) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) { return b.CheckIn(b.StartAt.Add(after)) }
}

func starting(segment string, after time.Duration) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.StartService(segment, b.StartAt.Add(after))
	}
}

func (s *story) finishing(segment string, after time.Duration) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.FinishService(domain.FinishService{
			SegmentID: segment, Location: kolkata, Now: b.StartAt.Add(after), NewClaimID: s.mint,
		})
	}
}

func (s *story) completing(after time.Duration) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Complete(domain.Complete{
			Method: domain.PaidUPI, PaidMinor: 91827399, Location: kolkata, Now: b.StartAt.Add(after), NewClaimID: s.mint,
		})
	}
}

func (s *story) missing(after time.Duration) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.MarkNoShow(domain.NoShow{Location: kolkata, Now: b.StartAt.Add(after), NewClaimID: s.mint})
	}
}

// missingByClock is what the clock says some time after the end.
func (s *story) missingByClock(b domain.Booking) ([]domain.BookingEvent, error) {
	return b.AutoNoShow(domain.NoShow{Location: kolkata, Now: b.EndAt.Add(time.Hour), NewClaimID: s.mint})
}

func (s *story) correcting(to domain.Status) bookingVerb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Correct(domain.Correct{
			To: to, Reason: "reason_canary", Manager: true, Location: kolkata, Now: b.EndAt.Add(2 * time.Hour), NewClaimID: s.mint,
		})
	}
}

// asking is the wish for leave of a member at some branches, the first of which gives the clock.
func (s *story) asking(id, staff, from, to string, fromTime, toTime *domain.Minute, branches ...string) domain.AskLeave {
	a := domain.AskLeave{
		LeaveID: id, StaffID: staff, Type: domain.LeaveSick, FromDate: from, ToDate: to, FromTime: fromTime, ToTime: toTime,
		BranchID: branches[0], Zones: zones, Now: s.now, Reason: &domain.Sealed{KeyID: "key_" + id, Box: []byte("box")},
		Conflicts: s.inTheWay(staff),
	}
	for _, b := range branches {
		a.Branches = append(a.Branches, s.branches[b])
	}
	return a
}

// inTheWay is every claim of the member: the messages do not ask whether they overlap.
func (s *story) inTheWay(staff string) []domain.LeaveConflict {
	var out []domain.LeaveConflict
	for _, id := range s.order {
		for _, c := range s.bookings[id].Claims {
			if c.StaffID == staff {
				out = append(out, domain.LeaveConflict{
					ClaimID: c.ClaimID, BookingID: id, SegmentID: c.SegmentID, BranchID: branch, StartAt: c.StartAt, EndAt: c.EndAt,
				})
			}
		}
	}
	return out
}

func (s *story) today() map[string]string {
	return map[string]string{
		branch: s.now.In(kolkata).Format(domain.DayFormat), elsewhere: s.now.In(zones["Etc/GMT+3"]).Format(domain.DayFormat),
	}
}
