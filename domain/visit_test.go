package domain_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

// coloured is a request for a colour by one member: active 30, processing 25, active 20, buffers 5 before and 10 after.
func coloured() domain.Request {
	r := wish("stf_anna01")
	r.Services[0].Service = colour()
	return r
}

// spans writes slots as minutes from the opening.
func spans(slots []domain.Slot) (out [][2]int) {
	for _, s := range slots {
		out = append(out, [2]int{int(s.StartAt.Sub(opening) / time.Minute), int(s.EndAt.Sub(opening) / time.Minute)})
	}
	return out
}

func equalSpans(a, b [][2]int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestProcessingTimeFreesTheMemberAndBuffersKeepHer(t *testing.T) {
	t.Parallel()
	b := fold(history(t, coloured()))
	if got := spans(b.Held); !equalSpans(got, [][2]int{{-5, 30}, {55, 85}}) {
		t.Errorf("she is busy %v", got)
	}
	if b.EndAt.Sub(b.StartAt) != 75*time.Minute || len(b.Claims) != 2 {
		t.Errorf("the customer stays %v, the booking names %d claims", b.EndAt.Sub(b.StartAt), len(b.Claims))
	}
	var day domain.StaffDay
	facts, err := day.Place(b.BookingRef, "2026-06-16", b.Claims)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facts {
		day = day.Evolve(f)
	}
	within := domain.Claim{ClaimID: "clm_x", StartAt: opening.Add(30 * time.Minute), EndAt: opening.Add(55 * time.Minute)}
	if _, err := day.Place(ref("bkg_other1"), "2026-06-16", []domain.Claim{within}); err != nil {
		t.Errorf("another customer while the colour takes effect: %v", err)
	}
}

// Between two bookings the buffer after the first and that before the second add up, in both orders.
func TestScenario18BuffersOfTwoBookingsAddUp(t *testing.T) {
	t.Parallel()
	first := fold(history(t, coloured()))
	for name, c := range map[string]struct {
		shift time.Duration
		fits  bool
	}{
		"after it with both buffers":   {(75 + 10 + 5) * time.Minute, true},
		"after it a minute sooner":     {(75 + 10 + 4) * time.Minute, false},
		"before it with both buffers":  {-(75 + 10 + 5) * time.Minute, true},
		"before it, a minute too late": {-(75 + 10 + 4) * time.Minute, false},
	} {
		r := coloured()
		r.BookingID, r.StartAt = "bkg_other1", opening.Add(c.shift)
		second := fold(history(t, r))
		meet := false
		for _, a := range first.Claims {
			for _, b := range second.Claims {
				meet = meet || a.Interval().Overlaps(b.Interval())
			}
		}
		if meet == c.fits {
			t.Errorf("%s: they meet: %v", name, meet)
		}
	}
}

// To complete what nobody started is two facts.
func TestScenario25CompletingAConfirmedBookingStartsIt(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01", "stf_zoe001"), confirm)
	facts := scenario{given: given, when: complete(opening.Add(time.Hour)), then: []string{"booking.segment_started", "booking.completed"}}.run(t)
	e := facts[1].(domain.BookingCompleted)
	if e.FromStatus != domain.StatusInProgress || !e.Slots.Empty() || e.PaidMinor != 1500 {
		t.Errorf("got %+v", e)
	}
	for _, s := range e.Segments {
		if s.StartedAt.IsZero() || s.FinishedAt.IsZero() {
			t.Errorf("%s has no times", s.SegmentID)
		}
	}
}

func TestWhatIsFinishedEarlyFreesTheRestButForTheBuffer(t *testing.T) {
	t.Parallel()
	begun := history(t, coloured(), confirm, start("seg_1", opening))
	for name, c := range map[string]struct {
		at   time.Duration
		want [][2]int
	}{
		"in the first phase":     {20 * time.Minute, [][2]int{{-5, 30}}},
		"while it takes effect":  {40 * time.Minute, [][2]int{{-5, 30}, {40, 50}}},
		"in the last phase":      {60 * time.Minute, [][2]int{{-5, 30}, {55, 70}}},
		"at its time":            {75 * time.Minute, [][2]int{{-5, 30}, {55, 85}}},
		"later than planned":     {95 * time.Minute, [][2]int{{-5, 30}, {55, 85}}},
		"before it should begin": {-3 * time.Minute, [][2]int{{-5, 10}}},
	} {
		facts := scenario{given: begun, when: finish("seg_1", opening.Add(c.at)), then: facts("segment_finished")}.run(t)
		if got := spans(fold(begun).Evolve(facts[0]).Held); !equalSpans(got, c.want) {
			t.Errorf("%s: busy %v, want %v", name, got, c.want)
		}
	}
}

func TestCheckingInHasItsTime(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01"), confirm)
	for at, cell := range map[time.Duration]string{
		-61 * time.Minute: "BUSINESS_RULE_VIOLATION", -60 * time.Minute: "checked_in",
		30*time.Minute - 1: "checked_in", 30 * time.Minute: "BUSINESS_RULE_VIOLATION",
	} {
		cellScenario(given, checkIn(opening.Add(at)), cell).run(t)
	}
	cellScenario(given, start("seg_1", opening.Add(-61*time.Minute)), "BUSINESS_RULE_VIOLATION").run(t)
	cellScenario(given, start("seg_9", opening), "VALIDATION_ERROR").run(t)
	cellScenario(history(t, wish("stf_anna01"), confirm, unassign), start("seg_1", opening), "BUSINESS_RULE_VIOLATION").run(t)
}

func TestANoShowFreesWhatIsLeft(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01"), confirm)
	cellScenario(given, noShow(opening.Add(15*time.Minute-1)), "BUSINESS_RULE_VIOLATION").run(t)
	facts := scenario{given: given, when: noShow(opening.Add(20 * time.Minute)), then: []string{"booking.no_show"}}.run(t)
	b := fold(given).Evolve(facts[0])
	if got := spans(b.Held); !equalSpans(got, [][2]int{{0, 20}}) || len(b.Claims) != 1 {
		t.Errorf("it holds %v", got)
	}
	if e := facts[0].(domain.BookingNoShow); e.Auto || !e.CountsTowardTier {
		t.Errorf("got %+v", e)
	}
}

// F15: the clock comes at end + 15, perhaps late or twice, and never takes who has checked in.
func TestScenario26TheClockMarksNoShowsButNotWhoHasCheckedIn(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01"), confirm)
	due := opening.Add(45 * time.Minute)
	if at, ok := fold(given).NoShowAt(); !ok || !at.Equal(due) {
		t.Errorf("due %v", at)
	}
	cellScenario(given, autoNoShow(due.Add(-1)), "-").run(t)
	facts := scenario{given: given, when: autoNoShow(due), then: []string{"booking.no_show"}}.run(t)
	if e := facts[0].(domain.BookingNoShow); !e.Auto || !e.Slots.Empty() {
		t.Errorf("got %+v", e)
	}
	cellScenario(append(given, facts[0]), autoNoShow(due.Add(time.Hour)), "-").run(t)
	arrived := history(t, wish("stf_anna01"), confirm, checkIn(opening))
	cellScenario(arrived, autoNoShow(due), "-").run(t)
	cellScenario(arrived, noShow(due), "BOOKING_INVALID_STATUS_TRANSITION").run(t)
}

func TestTheClockDeclinesWhatNobodyAnswers(t *testing.T) {
	t.Parallel()
	far, near := wish("stf_anna01"), wish("stf_anna01")
	far.StartAt, near.StartAt = now.AddDate(0, 0, 7), now.Add(3*time.Hour)
	for name, c := range map[string]struct {
		given []domain.BookingEvent
		due   time.Time
	}{
		"after a day":                        {history(t, far), now.Add(24 * time.Hour)},
		"when the lead time begins":          {history(t, near), now.Add(2 * time.Hour)},
		"a moved one by its new start":       {history(t, far, reschedule(domain.PartySalon, now.Add(5*time.Hour), now)), now.Add(4 * time.Hour)},
		"one that came back, from then":      {history(t, far, cancelBy(domain.PartyCustomer), correct(domain.StatusPending, true, now.Add(time.Hour))), now.Add(25 * time.Hour)},
		"what the desk enters at the minute": {history(t, atOnce()), now.Add(time.Minute)},
	} {
		if at, ok := fold(c.given).ExpiresAt(); !ok || !at.Equal(c.due) {
			t.Errorf("%s: due %v, want %v", name, at, c.due)
		}
		cellScenario(c.given, expire(c.due.Add(-1)), "-").run(t)
		facts := scenario{given: c.given, when: expire(c.due), then: []string{"booking.rejected"}}.run(t)
		if e := facts[0].(domain.BookingRejected); e.ReasonCode != domain.ReasonExpired || e.Reason == "" {
			t.Errorf("got %+v", e)
		}
	}
}

// atOnce is what the desk enters for a customer on the telephone who comes round the corner.
func atOnce() domain.Request {
	r := wish("stf_anna01")
	r.Actor, r.StartAt = desk, now
	return r
}
