package projections_test

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// book runs the claim protocol of DESIGN.md §3: it claims what the booking will hold and did not, appends the facts, and
// releases what it holds no more. Nothing but the claims' coming and going is left of one that is refused.
func (h *history) book(id string, by domain.Actor, facts []domain.BookingEvent, err error) error {
	h.t.Helper()
	if err != nil {
		return err
	}
	before, after := h.bookings[id], h.bookings[id]
	for _, f := range facts {
		after = after.Evolve(f)
	}
	place, drop := domain.DiffClaims(before.Claims, after.Claims)
	for i, c := range place {
		if err := h.claimDays(after.BookingRef, c); err != nil {
			h.release(place[:i+1], domain.ReleaseRefused)
			return err
		}
	}
	for _, f := range facts {
		h.record(domain.BookingStream(id), by, f)
	}
	h.bookings[id] = after
	h.release(drop, domain.ReleaseDropped)
	return nil
}

func (h *history) claimDays(ref domain.BookingRef, c domain.Claim) error {
	for _, day := range c.Days() {
		stream := domain.StaffDayStream(c.StaffID, day)
		facts, err := h.days[stream].Place(ref, day, []domain.Claim{c})
		if err != nil {
			return err
		}
		h.day(stream, facts)
	}
	return nil
}

func (h *history) release(claims []domain.Claim, why domain.ReleaseReason) {
	for _, c := range claims {
		for _, day := range c.Days() {
			stream := domain.StaffDayStream(c.StaffID, day)
			h.day(stream, h.days[stream].Release(day, []string{c.ClaimID}, why))
		}
	}
}

func (h *history) day(stream string, facts []domain.StaffDayEvent) {
	for _, f := range facts {
		h.days[stream] = h.days[stream].Evolve(f)
		h.record(stream, engine, f)
	}
}

// choices are one service with each of the given members, one after the other.
func (h *history) choices(branchID, serviceID string, staff []string) []domain.ServiceChoice {
	var choices []domain.ServiceChoice
	for _, s := range staff {
		choices = append(choices, domain.ServiceChoice{Service: h.branches[branchID].Services[serviceID], StaffID: s})
	}
	return choices
}

func (h *history) tryRequest(id, who, branchID string, start time.Time, serviceID string, staff ...string) error {
	facts, err := h.bookings[id].Request(domain.Request{
		BookingID: id, CustomerID: who, Roster: h.roster(branchID), StartAt: start,
		Services: h.choices(branchID, serviceID, staff), Actor: reception, Now: start.Add(-48 * time.Hour), NewClaimID: h.claim,
	})
	return h.book(id, customer(who), facts, err)
}

func (h *history) request(id, who, branchID string, start time.Time, serviceID string, staff ...string) {
	h.t.Helper()
	h.must(h.tryRequest(id, who, branchID, start, serviceID, staff...))
}

// walkIn serves a guest.
func (h *history) walkIn(id, branchID string, start time.Time, serviceID string, staff ...string) {
	h.t.Helper()
	facts, err := h.bookings[id].WalkIn(domain.WalkIn{
		BookingID: id, Guest: guest(), Roster: h.roster(branchID), StartAt: start,
		Services: h.choices(branchID, serviceID, staff), Now: start, NewClaimID: h.claim,
	})
	h.must(h.book(id, reception, facts, err))
}

func guest() *domain.Guest {
	return &domain.Guest{
		Name:  domain.Sealed{KeyID: "key_name", Box: []byte("sealed name")},
		Phone: &domain.Sealed{KeyID: "key_phone", Box: []byte("sealed phone")},
	}
}

func (h *history) confirm(id string, staff map[string]string) {
	h.t.Helper()
	b := h.bookings[id]
	facts, err := b.Confirm(domain.Confirm{
		Roster: h.roster(b.BranchID), Staff: staff, Now: b.StartAt.Add(-24 * time.Hour), NewClaimID: h.claim,
	})
	h.must(h.book(id, reception, facts, err))
}

func (h *history) reject(id string) {
	h.t.Helper()
	facts, err := h.bookings[id].Reject(domain.Reject{ReasonCode: "fully_booked", Reason: "We are full that day"})
	h.must(h.book(id, reception, facts, err))
}

// cancel is the customer's, an hour before the start.
func (h *history) cancel(id string) {
	h.t.Helper()
	b := h.bookings[id]
	facts, err := b.Cancel(domain.Cancel{By: domain.PartyCustomer, Reason: "I am ill", Now: b.StartAt.Add(-time.Hour)})
	h.must(h.book(id, customer(b.CustomerID), facts, err))
}

// move is the customer's, two days before the start.
func (h *history) move(id string, to time.Time) {
	h.t.Helper()
	b := h.bookings[id]
	facts, err := b.Reschedule(domain.Reschedule{
		Roster: h.roster(b.BranchID), StartAt: to, By: domain.PartyCustomer, Reason: "I work late",
		Now: b.StartAt.AddDate(0, 0, -2), NewClaimID: h.claim,
	})
	h.must(h.book(id, customer(b.CustomerID), facts, err))
}

func (h *history) assign(id, segmentID, staffID string) {
	h.t.Helper()
	b := h.bookings[id]
	facts, err := b.Assign(domain.Assign{
		Roster: h.roster(b.BranchID), SegmentID: segmentID, StaffID: staffID, NewClaimID: h.claim,
	})
	h.must(h.book(id, reception, facts, err))
}

func (h *history) unassign(id, segmentID string) {
	h.t.Helper()
	b := h.bookings[id]
	facts, err := b.Unassign(domain.Unassign{
		SegmentID: segmentID, Reason: "She is ill", Roster: h.roster(b.BranchID), NewClaimID: h.claim,
	})
	h.must(h.book(id, reception, facts, err))
}

func (h *history) checkIn(id string) {
	h.t.Helper()
	facts, err := h.bookings[id].CheckIn(h.bookings[id].StartAt)
	h.must(h.book(id, reception, facts, err))
}

func (h *history) start(id, segmentID string) {
	h.t.Helper()
	facts, err := h.bookings[id].StartService(segmentID, h.bookings[id].StartAt)
	h.must(h.book(id, reception, facts, err))
}

// complete is some minutes after the start.
func (h *history) complete(id string, minutes int) {
	h.t.Helper()
	b := h.bookings[id]
	facts, err := b.Complete(domain.Complete{
		Method: domain.PaidUPI, PaidMinor: 90_000, Location: h.zone(b.BranchID),
		Now: b.StartAt.Add(time.Duration(minutes) * time.Minute), NewClaimID: h.claim,
	})
	h.must(h.book(id, reception, facts, err))
}

// noShow is some minutes after the start.
func (h *history) noShow(id string, minutes int) {
	h.t.Helper()
	b := h.bookings[id]
	facts, err := b.MarkNoShow(domain.NoShow{
		Location: h.zone(b.BranchID), Now: b.StartAt.Add(time.Duration(minutes) * time.Minute), NewClaimID: h.claim,
	})
	h.must(h.book(id, reception, facts, err))
}

func (h *history) correct(id string, to domain.Status) {
	h.t.Helper()
	b := h.bookings[id]
	facts, err := b.Correct(domain.Correct{
		To: to, Reason: "A wrong tap", Manager: true, Location: h.zone(b.BranchID), Now: b.EndAt, NewClaimID: h.claim,
	})
	h.must(h.book(id, manager, facts, err))
}

func (h *history) note(id, noteID string, v domain.Visibility, by domain.Actor) {
	h.t.Helper()
	facts, err := h.bookings[id].AddNote(domain.AddNote{
		NoteID: noteID, Visibility: v, Body: domain.Sealed{KeyID: "key_" + noteID, Box: []byte("sealed " + noteID)}, Author: by,
	})
	h.must(h.book(id, by, facts, err))
}

func (h *history) redact(id, noteID string) {
	h.t.Helper()
	facts, err := h.bookings[id].RedactNote(domain.RedactNote{NoteID: noteID, Reason: "The customer asked"})
	h.must(h.book(id, manager, facts, err))
}

func (h *history) fence(id string) {
	h.t.Helper()
	h.must(h.book(id, engine, h.bookings[id].Fence(id, []string{"stray"}), nil))
}
