package domain_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

func TestARequestHoldsItsStaffTentatively(t *testing.T) {
	t.Parallel()
	facts := scenario{
		when: func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Request(wish("stf_anna01", "stf_zoe001"))
		},
		then: []string{"booking.requested"},
	}.run(t)
	e := facts[0].(domain.BookingRequested)
	if e.TotalMinor != 3000 || !e.EndAt.Equal(opening.Add(time.Hour)) || len(e.Claims) != 2 || len(e.Slots.Freed) != 0 {
		t.Errorf("got %+v", e)
	}
	for i, s := range e.Slots.Taken {
		if s.Kind != domain.SlotTentative || s.SegmentID != e.Segments[i].SegmentID {
			t.Errorf("slot %d is %+v", i, s)
		}
	}
}

func TestAnApprovalWithTheSameStaffFreesNothing(t *testing.T) {
	t.Parallel()
	facts := scenario{given: history(t, wish("stf_anna01")), when: confirm, then: []string{"booking.confirmed"}}.run(t)
	e := facts[0].(domain.BookingConfirmed)
	if len(e.Slots.Freed) != 0 || len(e.Slots.Taken) != 1 || e.Slots.Taken[0].Kind != domain.SlotFirm {
		t.Errorf("the slots are %+v", e.Slots)
	}
	if e.Claims[0].ClaimID != "clm_1" {
		t.Errorf("it names %s, want the claim that it held", e.Claims[0].ClaimID)
	}
}

func TestAnApprovalWithOtherStaffTakesAndFrees(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01", "stf_zoe001"))
	facts := scenario{given: given, then: []string{"booking.confirmed"}, when: func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Confirm(domain.Confirm{
			Roster: roster(), Staff: map[string]string{"seg_2": "stf_boris1"}, Now: now, NewClaimID: func() string { return "clm_new" },
		})
	}}.run(t)
	e := facts[0].(domain.BookingConfirmed)
	place, drop := domain.DiffClaims(fold(given).Claims, e.Claims)
	if len(place) != 1 || place[0].ClaimID != "clm_new" || place[0].StaffID != "stf_boris1" ||
		len(drop) != 1 || drop[0].ClaimID != "clm_2" {
		t.Errorf("it places %v and drops %v", place, drop)
	}
	if len(e.Slots.Taken) != 2 || len(e.Slots.Freed) != 1 || e.Slots.Freed[0].StaffID != "stf_zoe001" {
		t.Errorf("the slots are %+v", e.Slots)
	}
	scenario{given: given, no: domain.CodeValidation, when: func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Confirm(domain.Confirm{Roster: roster(), Staff: map[string]string{"seg_3": "stf_boris1"}, Now: now, NewClaimID: numbered()})
	}}.run(t)
}

func TestAnApprovalLongAfterTheStartIsRefused(t *testing.T) {
	t.Parallel()
	at := func(late time.Duration) func(domain.Booking) ([]domain.BookingEvent, error) {
		return func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Confirm(domain.Confirm{Roster: roster(), Now: opening.Add(late), NewClaimID: numbered()})
		}
	}
	given := history(t, wish("stf_anna01"))
	scenario{given: given, when: at(15 * time.Minute), then: []string{"booking.confirmed"}}.run(t)
	scenario{given: given, when: at(15*time.Minute + 1), no: domain.CodeBusinessRule}.run(t)
}

func TestScenario08ThePolicyBindsCustomersToTheMinute(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*domain.Request)
		no     domain.Code
	}{
		"just the lead time":       {func(r *domain.Request) { r.StartAt = now.Add(time.Hour) }, ""},
		"less than the lead time":  {func(r *domain.Request) { r.StartAt = now.Add(time.Hour - 1) }, domain.CodeLeadTime},
		"just the horizon":         {func(r *domain.Request) { r.StartAt = now.Add(30 * 24 * time.Hour) }, ""},
		"beyond the horizon":       {func(r *domain.Request) { r.StartAt = now.Add(30*24*time.Hour + 1) }, domain.CodeHorizon},
		"the last open booking":    {func(r *domain.Request) { r.ActiveBookings = 2 }, ""},
		"one open booking too far": {func(r *domain.Request) { r.ActiveBookings = 3 }, domain.CodeActiveCap},
		"no service":               {func(r *domain.Request) { r.Services = nil }, domain.CodeValidation},
		"a branch that is closed":  {func(r *domain.Request) { r.Branch = domain.Branch{} }, domain.CodeBranchInactive},
		"the desk beyond all of them": {func(r *domain.Request) {
			r.Actor, r.StartAt, r.ActiveBookings = desk, now.AddDate(1, 0, 0), 9
		}, ""},
		"the desk for who stands there": {func(r *domain.Request) { r.Actor, r.StartAt = desk, now.Add(-15*time.Minute) }, ""},
		"the desk for yesterday":        {func(r *domain.Request) { r.Actor, r.StartAt = desk, now.Add(-15*time.Minute-1) }, domain.CodeLeadTime},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := wish("stf_anna01")
			c.change(&r)
			s := scenario{no: c.no, when: func(b domain.Booking) ([]domain.BookingEvent, error) { return b.Request(r) }}
			if c.no == "" {
				s.then = []string{"booking.requested"}
			}
			s.run(t)
		})
	}
}

func TestScenario08ACancellationIsLateInsideTheCutoffOnly(t *testing.T) {
	t.Parallel()
	pending := history(t, wish("stf_anna01"))
	given := history(t, wish("stf_anna01"), confirm)
	there := history(t, wish("stf_anna01"), confirm, checkIn(opening.Add(-time.Hour)))
	for name, c := range map[string]struct {
		given  []domain.BookingEvent
		by     domain.Party
		before time.Duration
		late   bool
		no     domain.Code
	}{
		"exactly four hours before":      {given, domain.PartyCustomer, 4 * time.Hour, false, ""},
		"a moment later":                 {given, domain.PartyCustomer, 4*time.Hour - 1, true, ""},
		"the salon is never late":        {given, domain.PartySalon, time.Minute, false, ""},
		"at the start it is too late":    {given, domain.PartyCustomer, 0, false, domain.CodeCancelWindowPassed},
		"what is unanswered":             {pending, domain.PartyCustomer, time.Minute, false, ""},
		"the salon, of one who is there": {there, domain.PartySalon, time.Minute, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := scenario{given: c.given, no: c.no, when: func(b domain.Booking) ([]domain.BookingEvent, error) {
				return b.Cancel(domain.Cancel{By: c.by, ReasonCode: "other", Now: opening.Add(-c.before)})
			}}
			if c.no == "" {
				s.then = []string{"booking.cancelled"}
			}
			for _, f := range s.run(t) {
				if e := f.(domain.BookingCancelled); e.Late != c.late || e.NoticeMinutes != int(c.before/time.Minute) {
					t.Errorf("late %v with %d minutes of notice", e.Late, e.NoticeMinutes)
				}
			}
		})
	}
	scenario{given: given, no: domain.CodeValidation, when: func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Cancel(domain.Cancel{By: domain.PartySalon, ReasonCode: "mood", Now: now})
	}}.run(t)
}

func TestToAssignWhoIsAssignedIsNoFact(t *testing.T) {
	t.Parallel()
	scenario{given: history(t, wish("stf_zoe001")), when: assign, then: nil}.run(t)
	scenario{given: history(t, wish("stf_zoe001")), no: domain.CodeValidation, when: func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Assign(domain.Assign{Roster: roster(), SegmentID: "seg_9", StaffID: "stf_anna01", NewClaimID: numbered()})
	}}.run(t)
}

func TestAFenceBarsWhatIsNotNamed(t *testing.T) {
	t.Parallel()
	nothing := domain.Booking{}
	if got := nothing.Fence("bkg_first1", []string{"clm_a"}); !reflect.DeepEqual(got, []domain.BookingEvent{
		domain.BookingAbandoned{BookingID: "bkg_first1", ClaimIDs: []string{"clm_a"}},
	}) {
		t.Errorf("got %+v", got)
	}
	b := fold(history(t, wish("stf_anna01")))
	got := b.Fence(b.BookingID, []string{"clm_1", "clm_a"})
	if !reflect.DeepEqual(got, []domain.BookingEvent{
		domain.BookingClaimFenced{BookingID: b.BookingID, ClaimIDs: []string{"clm_a"}},
	}) {
		t.Errorf("got %+v", got)
	}
	if !reflect.DeepEqual(b.Evolve(got[0]), b) {
		t.Error("a fence changed the booking")
	}
	if got := b.Fence(b.BookingID, []string{"clm_1"}); got != nil {
		t.Errorf("a claim that is named was fenced: %+v", got)
	}
	abandoned := nothing.Evolve(domain.BookingAbandoned{BookingID: "bkg_first1", ClaimIDs: []string{"clm_a"}})
	if !reflect.DeepEqual(abandoned, nothing) {
		t.Errorf("an abandoned booking folds to %+v", abandoned)
	}
}
