package domain_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

const day = "2026-06-16"

func claim(id string, from, minutes int) domain.Claim {
	start := opening.Add(time.Duration(from) * time.Minute)
	return domain.Claim{
		ClaimID: id, SegmentID: "seg_1", StaffID: "stf_anna01", StartAt: start, EndAt: start.Add(time.Duration(minutes) * time.Minute),
	}
}

func ref(bookingID string) domain.BookingRef {
	return domain.BookingRef{BookingID: bookingID, BranchID: "br_mitte1"}
}

// after folds the day on which one claim of a booking stands.
func after(t *testing.T, bookingID string, c domain.Claim) domain.StaffDay {
	t.Helper()
	facts, err := domain.StaffDay{}.Place(ref(bookingID), day, []domain.Claim{c})
	if err != nil || len(facts) != 1 {
		t.Fatalf("%d facts, %v", len(facts), err)
	}
	return domain.StaffDay{}.Evolve(facts[0])
}

func TestADayTellsAdjacentFromOverlapping(t *testing.T) {
	t.Parallel()
	d := after(t, "bkg_first1", claim("clm_a", 0, 30))
	for name, c := range map[string]struct {
		claim domain.Claim
		fits  bool
	}{
		"just before":          {claim("clm_b", -30, 30), true},
		"just after":           {claim("clm_b", 30, 30), true},
		"one minute into it":   {claim("clm_b", -29, 30), false},
		"its last minute":      {claim("clm_b", 29, 30), false},
		"the same":             {claim("clm_b", 0, 30), false},
		"inside":               {claim("clm_b", 10, 10), false},
		"around":               {claim("clm_b", -10, 60), false},
		"no time at all":       {claim("clm_b", 40, 0), false},
		"less than no time":    {claim("clm_b", 60, -10), false},
		"on another day's end": {claim("clm_b", 14*60, 30), true},
	} {
		if _, err := d.Place(ref("bkg_other1"), day, []domain.Claim{c.claim}); (err == nil) != c.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.Place(ref("bkg_first1"), day, []domain.Claim{claim("clm_b", 0, 30)}); err != nil {
		t.Errorf("a booking's own claim stood in its way: %v", err)
	}
	if _, err := d.Place(ref("bkg_other1"), day, []domain.Claim{claim("clm_b", 60, 30), claim("clm_c", 0, 30)}); err == nil {
		t.Error("of two claims one overlaps, and both were placed")
	}
}

func TestAReleaseFreesOnce(t *testing.T) {
	t.Parallel()
	d := after(t, "bkg_first1", claim("clm_a", 0, 30))
	facts := d.Release(day, []string{"clm_a", "clm_z"}, domain.ReleaseDropped)
	if len(facts) != 1 {
		t.Fatalf("%d facts", len(facts))
	}
	d = d.Evolve(facts[0])
	if again := d.Release(day, []string{"clm_a"}, domain.ReleaseDropped); len(d.Claims) != 0 || len(again) != 0 {
		t.Errorf("%d claims stand, releasing again makes %d facts", len(d.Claims), len(again))
	}
}

func TestNoTwoBookingsMeetOnADay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var d domain.StaffDay
		id := numbered()
		for range rapid.IntRange(1, 30).Draw(t, "length") {
			if rapid.IntRange(0, 3).Draw(t, "release") == 0 && len(d.Claims) > 0 {
				c := rapid.SampledFrom(d.Claims).Draw(t, "claim")
				for _, f := range d.Release(day, []string{c.ClaimID}, domain.ReleaseDropped) {
					d = d.Evolve(f)
				}
				continue
			}
			c := claim(id(), rapid.IntRange(0, 100).Draw(t, "from"), rapid.IntRange(1, 40).Draw(t, "minutes"))
			facts, _ := d.Place(ref(rapid.SampledFrom([]string{"bkg_first1", "bkg_other1"}).Draw(t, "booking")), day, []domain.Claim{c})
			for _, f := range facts {
				d = d.Evolve(f)
			}
		}
		for i, a := range d.Claims {
			for _, b := range d.Claims[i+1:] {
				if a.BookingID != b.BookingID && a.StartAt.Before(b.EndAt) && b.StartAt.Before(a.EndAt) {
					t.Fatalf("%+v and %+v meet", a, b)
				}
			}
		}
	})
}
