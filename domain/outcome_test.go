package domain_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

func TestCorrectionsTakeTheTimeAgain(t *testing.T) {
	t.Parallel()
	end := opening.Add(30 * time.Minute)
	for name, c := range map[string]struct {
		before []verb
		to     domain.Status
		at     time.Time
		want   [][2]int // what it holds then
		kind   domain.SlotKind
	}{
		"she was there after all":       {[]verb{confirm, noShow(opening.Add(15 * time.Minute))}, domain.StatusCompleted, end, [][2]int{{0, 30}}, domain.SlotFirm},
		"she came late":                 {[]verb{confirm, noShow(opening.Add(15 * time.Minute))}, domain.StatusConfirmed, opening.Add(16 * time.Minute), [][2]int{{0, 30}}, domain.SlotFirm},
		"she had called it off":         {[]verb{confirm, noShow(opening.Add(15 * time.Minute))}, domain.StatusCancelled, end, nil, ""},
		"the cancellation was mistaken": {[]verb{confirm, cancelBy(domain.PartySalon)}, domain.StatusConfirmed, now, [][2]int{{0, 30}}, domain.SlotFirm},
		"and is still to be decided":    {[]verb{cancelBy(domain.PartyCustomer)}, domain.StatusPending, now, [][2]int{{0, 30}}, domain.SlotTentative},
		"it was checked out too soon":   {[]verb{confirm, complete(opening.Add(10 * time.Minute))}, domain.StatusInProgress, opening.Add(11 * time.Minute), [][2]int{{0, 30}}, domain.SlotFirm},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := history(t, wish("stf_anna01"), c.before...)
			facts := scenario{given: given, when: correct(c.to, true, c.at), then: []string{"booking.outcome_corrected"}}.run(t)
			b := fold(given).Evolve(facts[0])
			if got := spans(b.Held); b.Status != c.to || !equalSpans(got, c.want) {
				t.Errorf("it is %s and holds %v", b.Status, got)
			}
			for _, s := range b.Held {
				if s.Kind != c.kind {
					t.Errorf("its slot is %s", s.Kind)
				}
			}
		})
	}
}

// A correction is no way around the approval: what was cancelled goes back to what it was.
func TestACancelledBookingGoesBackToWhatItWas(t *testing.T) {
	t.Parallel()
	called := cancelBy(domain.PartyCustomer)
	missed := opening.Add(15 * time.Minute)
	for name, c := range map[string]struct {
		before []verb
		goes   domain.Status
	}{
		"unanswered":                       {[]verb{called}, domain.StatusPending},
		"approved":                         {[]verb{confirm, called}, domain.StatusConfirmed},
		"checked in":                       {[]verb{confirm, checkIn(opening), cancelBy(domain.PartySalon)}, domain.StatusConfirmed},
		"unanswered, twice":                {[]verb{called, correct(domain.StatusPending, false, now), called}, domain.StatusPending},
		"approved after a correction":      {[]verb{called, correct(domain.StatusPending, false, now), confirm, called}, domain.StatusConfirmed},
		"taken for a no-show":              {[]verb{confirm, noShow(missed), correct(domain.StatusCancelled, false, missed)}, domain.StatusConfirmed},
		"unanswered, and nobody to do it":  {[]verb{unassign, called}, domain.StatusPending},
		"approved, and somebody fell sick": {[]verb{confirm, unassign, called}, domain.StatusConfirmed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := history(t, wish("stf_anna01"), c.before...)
			for _, to := range []domain.Status{domain.StatusPending, domain.StatusConfirmed} {
				cell := "BOOKING_INVALID_STATUS_TRANSITION"
				if to == c.goes {
					cell = "outcome_corrected"
				}
				cellScenario(given, correct(to, true, missed), cell).run(t)
			}
		})
	}
}

func TestWhoMayCorrectUntilWhen(t *testing.T) {
	t.Parallel()
	marked := opening.Add(15 * time.Minute)
	missed, done := history(t, wish("stf_anna01"), confirm, noShow(marked)), history(t, wish("stf_anna01"), confirm, complete(opening))
	cellScenario(missed, correct(domain.StatusCancelled, false, marked.Add(24*time.Hour)), "outcome_corrected").run(t)
	cellScenario(missed, correct(domain.StatusCancelled, false, marked.Add(24*time.Hour+1)), "FORBIDDEN").run(t)
	cellScenario(missed, correct(domain.StatusCancelled, true, marked.AddDate(0, 1, 0)), "outcome_corrected").run(t)
	cellScenario(done, correct(domain.StatusInProgress, false, opening), "FORBIDDEN").run(t)
}

// The clock does not undo at once what a person has just put right.
func TestTheClockLeavesCorrectionsAlone(t *testing.T) {
	t.Parallel()
	end := opening.Add(30 * time.Minute)
	late := history(t, wish("stf_anna01"), confirm, noShow(opening.Add(15*time.Minute)), correct(domain.StatusConfirmed, true, end))
	cellScenario(late, autoNoShow(end.Add(time.Hour)), "-").run(t)
	soon := history(t, wish("stf_anna01"), confirm, cancelBy(domain.PartySalon), correct(domain.StatusConfirmed, true, now))
	cellScenario(soon, autoNoShow(end.Add(time.Hour)), "no_show").run(t)
}

func TestAPolicyMayBlockLateCancellations(t *testing.T) {
	t.Parallel()
	r := wish("stf_anna01")
	r.Branch.Policy.LateCancel = domain.LateCancelBlock
	cancelAt := func(before time.Duration) verb {
		return func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Cancel(domain.Cancel{By: domain.PartyCustomer, Now: opening.Add(-before)})
		}
	}
	given := history(t, r, confirm)
	cellScenario(given, cancelAt(4*time.Hour), "cancelled").run(t)
	cellScenario(given, cancelAt(4*time.Hour-1), "BOOKING_CANCEL_WINDOW_PASSED").run(t)
	cellScenario(history(t, r), cancelAt(time.Hour), "cancelled").run(t) // the salon has not even answered
}

// A note is redacted once.
func TestNotesAreRedactedOnce(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01"), addNote)
	cellScenario(given, redactNote, "note_redacted").run(t)
	cellScenario(history(t, wish("stf_anna01"), addNote, redactNote), redactNote, "-").run(t)
	facts := scenario{given: given, when: redactNote, then: []string{"booking.note_redacted"}}.run(t)
	if e := facts[0].(domain.BookingNoteRedacted); e.KeyID != "key_1" || e.Visibility != domain.VisibleInternal {
		t.Errorf("got %+v", e)
	}
}
