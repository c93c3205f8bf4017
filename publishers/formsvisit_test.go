package publishers_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

func visitForms() map[string]func(*story) {
	checkIn := func(*story) bookingVerb { return checkingIn(-10 * time.Minute) }
	begin := func(segment string, after time.Duration) func(*story) bookingVerb {
		return func(*story) bookingVerb { return starting(segment, after) }
	}
	finish := func(segment string, after time.Duration) func(*story) bookingVerb {
		return func(s *story) bookingVerb { return s.finishing(segment, after) }
	}
	complete := func(after time.Duration) func(*story) bookingVerb {
		return func(s *story) bookingVerb { return s.completing(after) }
	}
	noShow := func(s *story) bookingVerb { return s.missing(20 * time.Minute) }
	correct := func(to domain.Status) func(*story) bookingVerb {
		return func(s *story) bookingVerb { return s.correcting(to) }
	}
	return map[string]func(*story){
		"booking.checked_in":                       then(checkIn),
		"booking.checked_in on two dates":          thenAt(start, checkIn),
		"booking.segment_started":                  then(checkIn, begin("seg_1", 0)),
		"booking.segment_started unannounced":      then(begin("seg_1", 0)),
		"booking.segment_started later":            then(begin("seg_1", 0), begin("seg_2", 30*time.Minute)),
		"booking.segment_finished early":           then(begin("seg_1", 0), finish("seg_1", 20*time.Minute)),
		"booking.segment_finished on time":         then(begin("seg_1", 0), finish("seg_1", 30*time.Minute)),
		"booking.segment_finished before its time": then(begin("seg_1", 0), begin("seg_2", 5*time.Minute), finish("seg_2", 25*time.Minute)),
		"booking.completed early":                  then(begin("seg_1", 0), begin("seg_2", 30*time.Minute), complete(time.Hour)),
		"booking.completed on time":                then(begin("seg_1", 0), complete(75*time.Minute)),
		"booking.no_show by hand":                  then(noShow),
		"booking.no_show over midnight":            thenAt(start, func(s *story) bookingVerb { return s.missing(time.Hour + 5*time.Minute) }),
		"booking.no_show by the clock": func(s *story) {
			s.confirmedAt(noon)
			s.do(evening, byClock, s.missingByClock)
		},
		"booking.outcome_corrected from no-show to confirmed":     then(noShow, correct(domain.StatusConfirmed)),
		"booking.outcome_corrected from no-show to completed":     then(noShow, correct(domain.StatusCompleted)),
		"booking.outcome_corrected from no-show to cancelled":     then(noShow, correct(domain.StatusCancelled)),
		"booking.outcome_corrected from completed to in progress": then(complete(40*time.Minute), correct(domain.StatusInProgress)),
		"booking.outcome_corrected from cancelled to confirmed":   then(func(*story) bookingVerb { return cancelling }, correct(domain.StatusConfirmed)),
		"booking.outcome_corrected from cancelled to pending": func(s *story) {
			s.request(evening, noon, asha, meera)
			s.do(evening, byCustomer, cancelling)
			s.do(evening, byDesk, s.correcting(domain.StatusPending))
		},
	}
}

const spring = "lv_spring1"

func leaveForms(tb testing.TB) map[string]func(*story) {
	tb.Helper()
	from, to := domain.Minute(10*60), domain.Minute(14*60+30)
	type verb = func(domain.Leave) ([]domain.LeaveEvent, error)
	tell := func(s *story, verbs ...verb) {
		for _, v := range verbs {
			if err := s.leave(spring, byManager, v); err != nil {
				tb.Fatal(err)
			}
		}
	}
	ask := func(a domain.AskLeave) verb {
		return func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.Request(a) }
	}
	approve := func(s *story, a domain.AskLeave) verb {
		return func(l domain.Leave) ([]domain.LeaveEvent, error) {
			return l.Approve(domain.ApproveLeave{Conflicts: a.Conflicts, Today: s.today()})
		}
	}
	oneDay := func(s *story) domain.AskLeave {
		return s.asking(spring, meera, "2026-06-15", "2026-06-15", nil, nil, branch)
	}
	revoke := func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.Revoke("reason_canary") }
	return map[string]func(*story){
		"leave.requested": func(s *story) { s.confirmedAt(noon); tell(s, ask(oneDay(s))) },
		"leave.requested for part of some days at two branches": func(s *story) {
			tell(s, ask(s.asking(spring, meera, "2026-06-15", "2026-06-16", &from, &to, branch, elsewhere)))
		},
		"leave.withdrawn": func(s *story) { tell(s, ask(oneDay(s)), domain.Leave.Withdraw) },
		"leave.approved for a day, with a booking in the way": func(s *story) {
			s.requestOf(evening, noon, domain.ServiceChoice{Service: colour(), StaffID: meera}) // of which two claims are
			a := oneDay(s)
			tell(s, ask(a), approve(s, a))
		},
		"leave.approved for some days from today": func(s *story) {
			a := s.asking(spring, meera, "2026-06-14", "2026-06-16", nil, nil, branch, elsewhere)
			tell(s, ask(a), approve(s, a))
		},
		"leave.approved as a mark-off": func(s *story) {
			s.confirmedAt(noon)
			a := s.asking(spring, meera, "2026-06-15", "2026-06-15", &from, &to, branch)
			tell(s, func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.MarkStaffOff(a) })
		},
		"leave.rejected": func(s *story) {
			tell(s, ask(oneDay(s)), func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.Reject("We are short of people.") })
		},
		"leave.revoked": func(s *story) { a := oneDay(s); tell(s, ask(a), approve(s, a), revoke) },
	}
}

func branchForms(tb testing.TB) map[string]func(*story) {
	tb.Helper()
	tell := func(s *story, verbs ...func(domain.Branch) ([]domain.BranchEvent, error)) {
		for _, v := range verbs {
			if err := s.branch(branch, v); err != nil {
				tb.Fatal(err)
			}
		}
	}
	declare := func(b domain.Branch) ([]domain.BranchEvent, error) {
		return b.DeclareClosure(domain.DeclareClosure{
			ClosureID: "cls_holi01", FromDate: "2026-06-15", ToDate: "2026-06-16", Reason: "The roof leaks.", Location: kolkata,
			Conflicts: []domain.ClosureConflict{{BookingID: evening}, {BookingID: "bkg_second01"}}, StaffIDs: []string{asha, tara},
		})
	}
	return map[string]func(*story){
		"branch.closure_declared": func(s *story) { tell(s, declare) },
		"branch.closure_lifted": func(s *story) {
			tell(s, declare, func(b domain.Branch) ([]domain.BranchEvent, error) {
				return b.LiftClosure("cls_holi01", []string{asha}, kolkata)
			})
		},
	}
}
