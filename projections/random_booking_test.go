package projections_test

import (
	"errors"
	"time"

	"github.com/royalglow/booking/domain"
)

var errSkip = errors.New("there is nothing to do")

func (c chance) offered() bool {
	_, ok := c.h.branches[c.branchID].Services[c.service]
	return ok
}

func (c chance) request() error {
	if !c.offered() {
		return errSkip
	}
	return c.h.tryRequest(c.bookingID, c.customer, c.branchID, c.at, c.service, c.able()...)
}

// able are the members drawn, with one who can do it in the place of each who cannot.
func (c chance) able() (staff []string) {
	for _, id := range c.staff {
		if !c.h.staff[id].Performs(c.branchID, c.service) {
			id = anita
		}
		staff = append(staff, id)
	}
	return staff
}

func (c chance) walkIn() error {
	if !c.offered() {
		return errSkip
	}
	facts, err := c.h.bookings[c.bookingID].WalkIn(domain.WalkIn{
		BookingID: c.bookingID, Guest: guest(), Roster: c.h.roster(c.branchID), StartAt: c.at,
		Services: c.h.choices(c.branchID, c.service, c.able()), Now: c.at, NewClaimID: c.h.claim,
	})
	return c.h.book(c.bookingID, reception, facts, err)
}

// changeBooking draws a verb that changes what is to take place, and suits the booking's status.
func (c chance) changeBooking() error {
	b := c.h.bookings[c.bookingID]
	if !b.Status.Open() {
		return c.settle()
	}
	if b.Status == domain.StatusPending && c.n < 4 {
		return c.answer()
	}
	roster, newID := c.h.roster(b.BranchID), c.h.claim
	segment := b.Segments[c.n%len(b.Segments)].SegmentID
	c.branchID = b.BranchID
	staff := c.able()[0]
	var facts []domain.BookingEvent
	var err error
	switch len(c.staff)*10 + c.n { // 10 to 39
	case 10, 11, 12, 13:
		facts, err = b.Unassign(domain.Unassign{Roster: roster, SegmentID: segment, Reason: "ill", NewClaimID: newID})
	case 14, 15, 16:
		service, ok := roster.Branch.Services[c.service]
		if !ok {
			return errSkip
		}
		facts, err = b.AddService(domain.AddService{
			Roster: roster, Choice: domain.ServiceChoice{Service: service, StaffID: staff}, NewClaimID: newID,
		})
	case 17, 18, 19:
		facts, err = b.RemoveService(domain.RemoveService{Roster: roster, SegmentID: segment, NewClaimID: newID})
	case 20, 21, 22, 23:
		facts, err = b.ChangeDuration(domain.ChangeDuration{
			Roster: roster, SegmentID: segment, Minutes: 30 + 5*c.n, NewClaimID: newID,
		})
	case 24, 25, 26:
		facts, err = b.Reschedule(domain.Reschedule{
			Roster: roster, StartAt: c.at, By: domain.PartyCustomer, Now: monday(), NewClaimID: newID,
		})
	case 27, 28, 29, 30:
		facts, err = b.Reschedule(domain.Reschedule{
			Roster: roster, StartAt: c.at, Staff: map[string]string{segment: c.staff[0]}, By: domain.PartySalon, Now: monday(),
			NewClaimID: newID, Overrides: []domain.Override{domain.OverrideBuffer},
		})
	default:
		facts, err = b.Assign(domain.Assign{Roster: roster, SegmentID: segment, StaffID: c.staff[0], NewClaimID: newID})
	}
	return c.h.book(c.bookingID, reception, facts, err)
}

// answer is what becomes of a request.
func (c chance) answer() error {
	b := c.h.bookings[c.bookingID]
	confirm := domain.Confirm{Roster: c.h.roster(b.BranchID), Now: b.StartAt.Add(-time.Hour), NewClaimID: c.h.claim}
	var facts []domain.BookingEvent
	var err error
	switch {
	case c.n == 0 && len(c.staff) == 1:
		facts, err = b.Expire(b.StartAt)
	case c.n == 0:
		confirm.Staff = map[string]string{b.Segments[0].SegmentID: c.staff[0]}
		facts, err = b.Confirm(confirm)
	default:
		facts, err = b.Confirm(confirm)
	}
	return c.h.book(c.bookingID, reception, facts, err)
}

// settle corrects how a booking came to its end.
func (c chance) settle() error {
	b := c.h.bookings[c.bookingID]
	to := b.Corrections()
	if len(to) == 0 {
		return errSkip
	}
	correct := domain.Correct{
		To: to[c.n%len(to)], Reason: "wrong", Manager: true, Location: c.h.zone(b.BranchID), Now: b.EndAt, NewClaimID: c.h.claim,
	}
	facts, err := b.Correct(correct)
	if correct.To == domain.StatusCompleted && c.n%2 == 0 {
		facts, err = b.CorrectPaid(correct, domain.Payment{Method: domain.PaidCard, PaidMinor: int64(c.n)})
	}
	return c.h.book(c.bookingID, manager, facts, err)
}

// visit draws a verb of a visit, or one that ends it.
func (c chance) visit() error {
	b := c.h.bookings[c.bookingID]
	switch b.Status {
	case domain.StatusPending:
		return c.answer()
	case domain.StatusConfirmed, domain.StatusCheckedIn, domain.StatusInProgress:
	case domain.StatusNone, domain.StatusCompleted, domain.StatusRejected, domain.StatusCancelled, domain.StatusNoShow:
		return errSkip
	}
	loc, newID := c.h.zone(b.BranchID), c.h.claim
	segment := b.Segments[len(c.staff)%len(b.Segments)].SegmentID
	now := b.StartAt.Add(time.Duration(15*len(c.staff)) * time.Minute)
	var facts []domain.BookingEvent
	var err error
	switch c.n {
	case 0, 1:
		facts, err = b.CheckIn(b.StartAt)
	case 2, 3:
		facts, err = b.StartService(segment, now)
	case 4, 5, 6:
		facts, err = b.FinishService(domain.FinishService{
			SegmentID: segment, Location: loc, Now: now.Add(20 * time.Minute), NewClaimID: newID,
		})
	case 7:
		facts, err = b.Complete(domain.Complete{
			Method: domain.PaidCash, PaidMinor: b.TotalMinor, Location: loc, Now: now, NewClaimID: newID,
		})
	case 8:
		facts, err = b.MarkNoShow(domain.NoShow{Location: loc, Now: now, NewClaimID: newID})
	default:
		by := []domain.Party{domain.PartyCustomer, domain.PartySalon}[len(c.staff)%2]
		facts, err = b.Cancel(domain.Cancel{By: by, ReasonCode: "equipment", Now: b.StartAt.Add(-time.Hour)})
	}
	return c.h.book(c.bookingID, reception, facts, err)
}

func (c chance) note() error {
	b := c.h.bookings[c.bookingID]
	noteID := "nt_" + c.bookingID[4:] + c.segment[4:]
	if _, there := b.Notes[noteID]; there {
		facts, err := b.RedactNote(domain.RedactNote{NoteID: noteID})
		return c.h.book(c.bookingID, manager, facts, err)
	}
	v := []domain.Visibility{domain.VisibleInternal, domain.VisibleCustomer}[c.n%2]
	facts, err := b.AddNote(domain.AddNote{
		NoteID: noteID, Visibility: v, Body: domain.Sealed{KeyID: noteID, Box: []byte{1, 2}}, Author: reception,
	})
	return c.h.book(c.bookingID, reception, facts, err)
}

// stray is a command that dies between claiming and appending, and what the claim keeper does about it, sooner or later.
func (c chance) stray() error {
	b := c.h.bookings[c.bookingID]
	if b.Status == domain.StatusNone {
		b.BookingRef = domain.BookingRef{BookingID: c.bookingID, BranchID: c.branchID}
	}
	claim := domain.Claim{
		ClaimID: c.h.claim(), SegmentID: c.segment, StaffID: c.staff[0], StartAt: c.at, EndAt: c.at.Add(50 * time.Minute),
	}
	err := c.h.claimDays(b.BookingRef, claim)
	if c.n < 5 || err != nil {
		fences := c.h.bookings[c.bookingID].Fence(c.bookingID, []string{claim.ClaimID})
		err = errors.Join(err, c.h.book(c.bookingID, engine, fences, nil))
		c.h.release([]domain.Claim{claim}, domain.ReleaseFenced)
	}
	return err
}
