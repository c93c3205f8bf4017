package commands_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

func daily(from, to int) domain.TimetableChange {
	return domain.TimetableChange{Pattern: &domain.Pattern{
		EffectiveFrom: "2026-01-01",
		Week:          domain.EveryDay(domain.TimeRange{From: domain.Minute(from * 60), To: domain.Minute(to * 60)}),
	}}
}

func TestHoursAndShiftsKeepBookingsIn(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	_, err := s.SetHours(t.Context(), owner, s.key(), commands.SetHours{BranchID: branch, TimetableChange: daily(10, 18)})
	s.must(err)
	_, err = s.SetShifts(t.Context(), owner, s.key(), commands.SetShifts{BranchID: branch, StaffID: anna, TimetableChange: daily(14, 18)})
	s.must(err)
	// 10:00 UTC is noon in Berlin.
	_, err = s.request(carla, anna, opening)
	wantRefusal(t, err, domain.Unprocessable, domain.CodeStaffOffShift)
	_, err = s.request(carla, anna, opening.Add(6*time.Hour))
	wantRefusal(t, err, domain.Unprocessable, domain.CodeOutsideHours)
	r := s.mustRequest(carla, "", opening) // Anna is the first proposal, and is not asked
	if b := s.booking(r.ID); b.Segments[0].StaffID != boris {
		t.Errorf("it is held for %s", b.Segments[0].StaffID)
	}
	w := wish(anna, opening)
	w.CustomerID, w.Overrides = carla.UserID, []domain.Override{domain.OverrideHours}
	forced, err := s.RequestBooking(t.Context(), desk, s.key(), w)
	s.must(err)
	if b := s.booking(forced.ID); b.Segments[0].StaffID != anna {
		t.Errorf("the desk passed over the shift, and got %s", b.Segments[0].StaffID)
	}
	w.CustomerID = ""
	_, err = s.RequestBooking(t.Context(), carla, s.key(), w)
	wantRefusal(t, err, domain.Forbidden, domain.CodeForbidden)
}

func TestAClosureListsWhatIsInItsWay(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	b := s.mustRequest(carla, anna, opening)
	s.reads.inWay = []string{b.ID}
	o := s.key()
	closure := commands.DeclareClosure{BranchID: branch, FromDate: "2026-06-16", ToDate: "2026-06-16", Reason: "Stocktaking"}
	r, err := s.DeclareClosure(t.Context(), owner, o, closure)
	s.must(err)
	log := s.store.All()
	e := log[len(log)-1].Event.(domain.BranchClosureDeclared)
	if e.ClosureID != r.ID || len(e.Conflicts) != 1 || e.Conflicts[0].BookingID != b.ID || len(e.StaffIDs) != 2 {
		t.Errorf("got %+v", e)
	}
	if again, err := s.DeclareClosure(t.Context(), owner, o, closure); err != nil || !same(again, r) {
		t.Errorf("repeated: %v, %v", again, err)
	}
	_, err = s.request(dora, boris, opening)
	wantRefusal(t, err, domain.Unprocessable, domain.CodeOutsideHours)
	_, err = s.LiftClosure(t.Context(), owner, s.key(), commands.LiftClosure{BranchID: branch, ClosureID: r.ID})
	s.must(err)
	if _, err := s.request(dora, boris, opening); err != nil {
		t.Errorf("after the closure is lifted: %v", err)
	}
	_, err = s.LiftClosure(t.Context(), owner, s.key(), commands.LiftClosure{BranchID: branch, ClosureID: r.ID})
	wantRefusal(t, err, domain.NotFound, domain.CodeNotFound)
}

func TestPoliciesAreSetAsAWhole(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	late, most := domain.LateCancelBlock, 1
	_, err := s.SetPolicy(t.Context(), owner, s.key(), commands.SetPolicy{BranchID: branch, PolicyTerms: commands.PolicyTerms{LateCancel: &late, MaxReschedules: &most}})
	s.must(err)
	r := s.mustRequest(carla, anna, opening)
	want := domain.DefaultPolicy()
	want.LateCancel, want.MaxReschedules = late, most
	if got := s.booking(r.ID).Policy; got != want {
		t.Errorf("the booking is under %+v", got)
	}
	again, err := s.SetPolicy(t.Context(), owner, s.key(), commands.SetPolicy{BranchID: branch, PolicyTerms: commands.PolicyTerms{}})
	s.must(err)
	if got := s.booking(s.mustRequest(carla, boris, opening).ID).Policy; got != domain.DefaultPolicy() || again.Revision == 0 {
		t.Errorf("what the terms leave out is %+v", got)
	}
	if got := s.booking(r.ID).Policy; got != want {
		t.Errorf("the earlier booking came under %+v", got)
	}
}

// What a manager of one branch may do there, and nobody else.
func TestTheCatalogueIsForManagers(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]func(s *salon, by commands.Caller) error{
		"hours": func(s *salon, by commands.Caller) error {
			return err1(s.SetHours(s.tb.Context(), by, s.key(), commands.SetHours{BranchID: branch, TimetableChange: daily(9, 17)}))
		},
		"policy": func(s *salon, by commands.Caller) error {
			return err1(s.SetPolicy(s.tb.Context(), by, s.key(), commands.SetPolicy{BranchID: branch}))
		},
		"closure": func(s *salon, by commands.Caller) error {
			return err1(s.DeclareClosure(s.tb.Context(), by, s.key(), commands.DeclareClosure{BranchID: branch, FromDate: "2026-06-20", ToDate: "2026-06-21"}))
		},
		"withdraw": func(s *salon, by commands.Caller) error {
			return err1(s.WithdrawService(s.tb.Context(), by, s.key(), commands.WithdrawService{BranchID: branch, ServiceID: cut}))
		},
		"leave": func(s *salon, by commands.Caller) error {
			return err1(s.LeaveStaff(s.tb.Context(), by, s.key(), commands.LeaveStaff{BranchID: branch, StaffID: zoe}))
		},
		"shifts": func(s *salon, by commands.Caller) error {
			return err1(s.SetShifts(s.tb.Context(), by, s.key(), commands.SetShifts{BranchID: branch, StaffID: zoe, TimetableChange: daily(9, 17)}))
		},
	} {
		s := newSalon(t)
		elsewhere := commands.Caller{UserID: "usr_manager", Role: domain.RoleManager, BranchIDs: []string{otherBranch}}
		for _, by := range []commands.Caller{carla, stylist, desk, elsewhere} {
			if err := try(s, by); !isRefusal(err, domain.CodeForbidden) {
				t.Errorf("%s by %s: %v", name, by.Role, err)
			}
		}
		if err := try(s, boss); err != nil {
			t.Errorf("%s by the manager: %v", name, err)
		}
	}
}

func TestWhatABranchIsNotThereFor(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	for name, try := range map[string]func() error{
		"hours": func() error {
			return err1(s.SetHours(t.Context(), owner, s.key(), commands.SetHours{BranchID: otherBranch, TimetableChange: daily(9, 17)}))
		},
		"policy": func() error {
			return err1(s.SetPolicy(t.Context(), owner, s.key(), commands.SetPolicy{BranchID: otherBranch}))
		},
		"withdraw": func() error {
			return err1(s.WithdrawService(t.Context(), owner, s.key(), commands.WithdrawService{BranchID: otherBranch, ServiceID: cut}))
		},
		"closure": func() error {
			return err1(s.DeclareClosure(t.Context(), owner, s.key(), commands.DeclareClosure{BranchID: otherBranch, FromDate: "2026-06-20", ToDate: "2026-06-21"}))
		},
		"shifts of nobody": func() error {
			return err1(s.SetShifts(t.Context(), owner, s.key(), commands.SetShifts{BranchID: branch, StaffID: "stf_nobody1", TimetableChange: daily(9, 17)}))
		},
	} {
		if err := try(); !isRefusal(err, domain.CodeNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every wrong part of a timetable is named, with its place.
func TestEveryWrongTimeOfATimetableIsNamed(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	bad := domain.TimetableChange{Pattern: &domain.Pattern{EffectiveFrom: "2026-02-30", Week: domain.Week{
		Mon: []domain.TimeRange{{From: 600, To: 720}, {From: 700, To: 800}}, Tue: []domain.TimeRange{{From: 600, To: 600}},
	}}}
	_, err := s.SetHours(t.Context(), owner, s.key(), commands.SetHours{BranchID: "branch", TimetableChange: bad})
	fields := refusal(t, err, domain.Invalid, domain.CodeValidation).Details["fields"].([]commands.FieldError)
	var pointers []string
	for _, f := range fields {
		pointers = append(pointers, f.Pointer)
	}
	want := []string{"/branchId", "/pattern/effectiveFrom", "/pattern/week/mon/1", "/pattern/week/tue/0"}
	if len(pointers) != len(want) {
		t.Fatalf("named %q, want %q", pointers, want)
	}
	for i := range want {
		if pointers[i] != want[i] {
			t.Errorf("named %q, want %q", pointers, want)
		}
	}
}
