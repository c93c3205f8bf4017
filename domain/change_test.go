package domain_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

// A customer moves a booking twice, the desk as often as it likes.
func TestScenario27TheThirdRescheduleByTheCustomerIsRefused(t *testing.T) {
	t.Parallel()
	to := func(n int) time.Time { return opening.Add(time.Duration(n) * time.Hour) }
	given := history(t, wish("stf_anna01"), confirm,
		reschedule(domain.PartyCustomer, to(1), now), reschedule(domain.PartySalon, to(2), now),
		reschedule(domain.PartyCustomer, to(3), now))
	cellScenario(given, reschedule(domain.PartyCustomer, to(4), now), "BOOKING_MAX_RESCHEDULES").run(t)
	facts := scenario{given: given, when: reschedule(domain.PartySalon, to(4), now), then: []string{"booking.rescheduled"}}.run(t)
	e := facts[0].(domain.BookingRescheduled)
	if e.CustomerReschedules != 2 || e.DeskReschedules != 2 || e.ToStatus != domain.StatusConfirmed {
		t.Errorf("got %+v", e)
	}
	if e.FromSegments[0].LocalStart != "13:00" || e.Segments[0].LocalStart != "14:00" || len(e.Slots.Freed) != 1 || len(e.Slots.Taken) != 1 {
		t.Errorf("got %+v", e)
	}
}

// To move a booking to where it is makes no fact, and costs the customer nothing.
func TestScenario28ToRescheduleToTheSameSlotIsNoFact(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01"), confirm)
	cellScenario(given, reschedule(domain.PartyCustomer, opening, opening.Add(-time.Minute)), "-").run(t)
}

func TestReschedulingHasItsLimits(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01"), confirm)
	for name, c := range map[string]struct {
		by     domain.Party
		to, at time.Time
		cell   string
	}{
		"an hour before the start":       {domain.PartyCustomer, opening.Add(3 * time.Hour), opening.Add(-time.Hour), "rescheduled"},
		"less than an hour before":       {domain.PartyCustomer, opening.Add(3 * time.Hour), opening.Add(-time.Hour + 1), "BOOKING_RESCHEDULE_WINDOW_PASSED"},
		"to less than the lead time":     {domain.PartyCustomer, now.Add(time.Hour - 1), now, "BOOKING_LEAD_TIME"},
		"beyond the horizon":             {domain.PartyCustomer, now.AddDate(0, 0, 31), now, "BOOKING_BEYOND_HORIZON"},
		"the desk, late and far":         {domain.PartySalon, now.AddDate(0, 0, 31), opening.Add(-1), "rescheduled"},
		"the desk, into the past":        {domain.PartySalon, now.Add(-time.Hour), now, "BOOKING_LEAD_TIME"},
		"the desk, a moment into it":     {domain.PartySalon, now.Add(-15 * time.Minute), now, "rescheduled"},
		"the desk, to within an hour":    {domain.PartySalon, now.Add(10 * time.Minute), now, "rescheduled"},
		"the customer, without any move": {domain.PartyCustomer, opening, opening, "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cellScenario(given, reschedule(c.by, c.to, c.at), c.cell).run(t)
		})
	}
}

func TestTheDeskPassingOverALimitIsRecorded(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01"), confirm)
	facts := scenario{given: given, when: reschedule(domain.PartySalon, now.AddDate(0, 0, 31), now), then: []string{"booking.rescheduled"}}.run(t)
	if o := facts[0].(domain.BookingRescheduled).Overrides; len(o) != 1 || o[0] != domain.OverrideHorizon {
		t.Errorf("overrides %v", o)
	}
	early := fold(history(t, atOnce()))
	if early.Status != domain.StatusPending {
		t.Fatal("not requested")
	}
	first := history(t, atOnce())[0].(domain.BookingRequested)
	if len(first.Overrides) != 1 || first.Overrides[0] != domain.OverrideLeadTime {
		t.Errorf("overrides %v", first.Overrides)
	}
}

func TestAPolicyMayAskForAnotherApproval(t *testing.T) {
	t.Parallel()
	r := wish("stf_anna01")
	r.Branch.Policy.RescheduleReapprove = true
	given := history(t, r, confirm)
	for by, want := range map[domain.Party]domain.Status{domain.PartyCustomer: domain.StatusPending, domain.PartySalon: domain.StatusConfirmed} {
		facts := scenario{given: given, when: reschedule(by, opening.Add(time.Hour), now), then: []string{"booking.rescheduled"}}.run(t)
		e := facts[0].(domain.BookingRescheduled)
		if e.ToStatus != want || (e.Slots.Taken[0].Kind == domain.SlotTentative) != (want == domain.StatusPending) {
			t.Errorf("moved by the %s it is %s, its slot %s", by, e.ToStatus, e.Slots.Taken[0].Kind)
		}
	}
}

func TestScenario29TheLastServiceStays(t *testing.T) {
	t.Parallel()
	cellScenario(history(t, wish("stf_anna01")), removeSegment("seg_1"), "BUSINESS_RULE_VIOLATION").run(t)
}

func TestServicesComeAndGoAndTheRestMoves(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01", "stf_boris1", "stf_zoe001"))
	b := fold(given)
	removed := scenario{given: given, when: removeSegment("seg_2"), then: []string{"booking.service_removed"}}.run(t)
	b = b.Evolve(removed[0])
	if b.TotalMinor != 3000 || b.EndAt.Sub(b.StartAt) != time.Hour || b.Segments[1].SegmentID != "seg_3" ||
		!b.Segments[1].StartAt.Equal(opening.Add(30*time.Minute)) {
		t.Errorf("got %+v", b.Plan)
	}
	facts, err := addCut("stf_boris1")(b)
	if err != nil {
		t.Fatal(err)
	}
	if b = b.Evolve(facts[0]); b.Segments[2].SegmentID != "seg_4" || b.TotalMinor != 4500 {
		t.Errorf("a removed segment's id came back: %+v", b.Plan)
	}
	facts, err = b.AddService(domain.AddService{
		Roster: roster(), Choice: domain.ServiceChoice{Service: colour(), StaffID: "stf_anna01"}, Before: "seg_1", NewClaimID: fresh,
	})
	if err != nil {
		t.Fatal(err)
	}
	if e := facts[0].(domain.BookingServiceAdded); e.Segment.SegmentID != "seg_5" || e.Segments[0].SegmentID != "seg_5" ||
		!e.Segments[1].StartAt.Equal(opening.Add(75*time.Minute)) {
		t.Errorf("got %+v", e.Plan)
	}
}

func TestWhatHasBegunStaysWhereItIs(t *testing.T) {
	t.Parallel()
	b := fold(history(t, wish("stf_anna01", "stf_zoe001"), confirm, start("seg_1", opening.Add(5*time.Minute))))
	facts, err := changeDuration("seg_1", 50)(b)
	if err != nil {
		t.Fatal(err)
	}
	b = b.Evolve(facts[0])
	if !b.Segments[0].StartAt.Equal(opening) || !b.Segments[1].StartAt.Equal(opening.Add(50*time.Minute)) {
		t.Errorf("got %+v", b.Segments)
	}
	if facts, err := changeDuration("seg_1", 50)(b); err != nil || facts != nil {
		t.Errorf("changed twice: %v, %v", facts, err)
	}
	cellScenario(nil, func(domain.Booking) ([]domain.BookingEvent, error) { return removeSegment("seg_1")(b) },
		"BOOKING_INVALID_STATUS_TRANSITION").run(t)
}

func TestTheLastActivePhaseGivesAndTakes(t *testing.T) {
	t.Parallel()
	given := history(t, coloured())
	facts := scenario{given: given, when: changeDuration("seg_1", 90), then: []string{"booking.duration_changed"}}.run(t)
	if e := facts[0].(domain.BookingDurationChanged); e.Segment.Phases[2].Minutes != 35 || e.FromMinutes != 75 || e.ToMinutes != 90 {
		t.Errorf("got %+v", e)
	}
	for minutes, cell := range map[int]string{56: "duration_changed", 55: "BUSINESS_RULE_VIOLATION", 1426: "BUSINESS_RULE_VIOLATION"} {
		cellScenario(given, changeDuration("seg_1", minutes), cell).run(t)
	}
}

func TestScenario32SalonAndSpaDoNotMix(t *testing.T) {
	t.Parallel()
	r := wish("stf_anna01", "stf_zoe001")
	r.Services[1].Service = massage()
	cellScenario(nil, func(b domain.Booking) ([]domain.BookingEvent, error) { return b.Request(r) }, "VALIDATION_ERROR").run(t)
	cellScenario(history(t, wish("stf_anna01")), func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.AddService(domain.AddService{
			Roster: roster(), Choice: domain.ServiceChoice{Service: massage(), StaffID: "stf_zoe001"}, NewClaimID: fresh,
		})
	}, "VALIDATION_ERROR").run(t)
}

// Later prices leave a booking alone.
func TestScenario31APriceChangeLeavesTheSnapshot(t *testing.T) {
	t.Parallel()
	b := fold(history(t, wish("stf_anna01")))
	dearer := cut()
	dearer.PriceMinor = 9900
	if facts, err := mitte().Offer(dearer); err != nil || len(facts) != 1 {
		t.Fatal(err)
	}
	facts, err := changeDuration("seg_1", 40)(b)
	if err != nil || b.Evolve(facts[0]).TotalMinor != 1500 {
		t.Errorf("the price became %d", b.Evolve(facts[0]).TotalMinor)
	}
}

func TestARequestAtABranchThatConfirmsByItself(t *testing.T) {
	t.Parallel()
	r := wish("stf_anna01")
	r.Branch.Policy.AutoConfirm = true
	facts := scenario{
		when: func(b domain.Booking) ([]domain.BookingEvent, error) { return b.Request(r) },
		then: []string{"booking.requested", "booking.confirmed"},
	}.run(t)
	e := facts[1].(domain.BookingConfirmed)
	if !e.Auto || e.Claims[0].ClaimID != facts[0].(domain.BookingRequested).Claims[0].ClaimID || len(e.Slots.Freed) != 0 {
		t.Errorf("got %+v", e)
	}
	r.RequiresManager = true
	scenario{
		when: func(b domain.Booking) ([]domain.BookingEvent, error) { return b.Request(r) },
		then: []string{"booking.requested"},
	}.run(t)
}

func TestWalkInsAreServedNow(t *testing.T) {
	t.Parallel()
	walk := func(change func(*domain.WalkIn)) verb {
		return func(b domain.Booking) ([]domain.BookingEvent, error) {
			w := domain.WalkIn{
				BookingID: "bkg_first1", Guest: &domain.Guest{Name: domain.Sealed{KeyID: "key_1"}, Phone: &domain.Sealed{KeyID: "key_2"}},
				Roster: roster(), StartAt: now, Now: now, NewClaimID: fresh,
				Services: []domain.ServiceChoice{{Service: cut(), StaffID: "stf_anna01"}},
			}
			change(&w)
			return b.WalkIn(w)
		}
	}
	for name, c := range map[string]struct {
		change func(*domain.WalkIn)
		cell   string
	}{
		"a guest":            {func(*domain.WalkIn) {}, "walk_in_created"},
		"a customer":         {func(w *domain.WalkIn) { w.Guest, w.CustomerID = nil, carla.UserID }, "walk_in_created"},
		"nobody":             {func(w *domain.WalkIn) { w.Guest = nil }, "VALIDATION_ERROR"},
		"both":               {func(w *domain.WalkIn) { w.CustomerID = carla.UserID }, "VALIDATION_ERROR"},
		"without staff":      {func(w *domain.WalkIn) { w.Services[0].StaffID = "" }, "VALIDATION_ERROR"},
		"without a service":  {func(w *domain.WalkIn) { w.Services = nil }, "VALIDATION_ERROR"},
		"a while ago":        {func(w *domain.WalkIn) { w.StartAt = now.Add(-16 * time.Minute) }, "BOOKING_LEAD_TIME"},
		"tomorrow":           {func(w *domain.WalkIn) { w.StartAt = now.Add(13 * time.Hour) }, "BUSINESS_RULE_VIOLATION"},
		"at no branch":       {func(w *domain.WalkIn) { w.Branch = domain.Branch{} }, "BRANCH_INACTIVE"},
		"to somebody else's": {func(w *domain.WalkIn) { w.Services[0].StaffID = "stf_nobody" }, "STAFF_NOT_QUALIFIED"},
		"salon and spa": {func(w *domain.WalkIn) {
			w.Services = append(w.Services, domain.ServiceChoice{Service: massage(), StaffID: "stf_zoe001"})
		}, "VALIDATION_ERROR"},
		"with lead and cap over": {func(w *domain.WalkIn) { w.Branch.Policy.LeadMinutes, w.Branch.Policy.ActiveCap = 999, 0 }, "walk_in_created"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cellScenario(nil, walk(c.change), c.cell).run(t)
		})
	}
	facts := scenario{when: walk(func(*domain.WalkIn) {}), then: []string{"booking.walk_in_created"}}.run(t)
	b := fold(facts)
	if b.Status != domain.StatusConfirmed || !b.IsWalkIn || b.CustomerID != "" || b.GuestName == nil || b.Held[0].Kind != domain.SlotFirm {
		t.Errorf("got %+v", b)
	}
}
