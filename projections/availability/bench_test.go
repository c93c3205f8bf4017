package availability_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections/availability"
)

// busySalon has 20 members with 12 bookings a day each, for 35 days.
func busySalon(tb testing.TB) *salon {
	tb.Helper()
	s := newSalon(tb, "Asia/Kolkata")
	p := s.branch.Policy
	p.SlotStepMinutes, p.HorizonDays = 15, 60
	s.happen(domain.BranchPolicySet{BranchID: branchID, Policy: p})
	s.happen(domain.BranchHoursSet{BranchID: branchID, TimetableChange: domain.TimetableChange{
		Pattern: &domain.Pattern{EffectiveFrom: "2026-01-01", Week: domain.EveryDay(domain.TimeRange{From: 10 * 60, To: 21 * 60})},
	}})
	for i := range 3 {
		s.happen(domain.BranchServiceOffered{BranchID: branchID, Service: domain.Service{
			ServiceID: fmt.Sprintf("svc_number%d", i), Name: "Service", Type: domain.ServiceSalon, DurationMinutes: 30, PostBufferMinutes: 5,
		}})
	}
	for m := range 20 {
		id := fmt.Sprintf("stf_member%02d", m)
		s.happen(domain.StaffJoined{StaffID: id, BranchID: branchID})
		s.happen(domain.StaffShiftsSet{StaffID: id, BranchID: branchID, TimeZone: "Asia/Kolkata", TimetableChange: domain.TimetableChange{
			Pattern: &domain.Pattern{EffectiveFrom: "2026-01-01", Week: domain.EveryDay(
				domain.TimeRange{From: 10 * 60, To: 14 * 60}, domain.TimeRange{From: 15 * 60, To: 21 * 60})},
		}})
		for day := range 35 {
			first := domain.LocalDay(domain.AddDays("2026-06-16", day), s.zone).StartAt.Add(10 * time.Hour)
			for n := range 12 {
				// Six before the break and six after it, staggered, so that no two members are free alike.
				at := first.Add(time.Duration(n%6*35+n/6*5*60+(m%3)*5) * time.Minute)
				if _, ok := s.book(at, []string{id}, "svc_number0"); !ok {
					tb.Fatal("not booked")
				}
			}
		}
	}
	return s
}

func BenchmarkDays(b *testing.B) {
	s := busySalon(b)
	x := s.index(b)
	for _, n := range []int{1, 31} {
		b.Run(fmt.Sprintf("days=%d", n), func(b *testing.B) {
			q := availability.Query{
				BranchID: branchID, FromDate: "2026-06-16", ToDate: domain.AddDays("2026-06-16", n-1),
				ServiceIDs: []string{"svc_number0", "svc_number1", "svc_number2"},
			}
			slots := 0
			for b.Loop() {
				a, err := x.Days(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
				slots = 0
				for _, d := range a.Days {
					slots += len(d.Slots)
				}
			}
			b.ReportMetric(float64(slots), "slots")
		})
	}
}
