package domain_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

func askLeave(t *testing.T) domain.AskLeave {
	t.Helper()
	berlin, york := mitte(), mitte()
	berlin.BranchID, berlin.TimeZone = "br_berlin1", "Europe/Berlin"
	york.BranchID, york.TimeZone = "br_newyork", "America/New_York"
	return domain.AskLeave{
		LeaveID: "lv_first01", StaffID: "stf_anna01", Type: domain.LeaveSick, FromDate: "2026-06-16", ToDate: "2026-06-17",
		BranchID: "br_berlin1", Branches: []domain.Branch{york, berlin}, Now: now,
		Zones: map[string]*time.Location{
			"Europe/Berlin": zone(t, "Europe/Berlin"), "America/New_York": zone(t, "America/New_York"),
		},
	}
}

func minute(s string) *domain.Minute {
	var m domain.Minute
	if err := m.UnmarshalText([]byte(s)); err != nil {
		panic(err)
	}
	return &m
}

func TestALeaveIsOnTheClocksOfItsBranch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change   func(*domain.AskLeave)
		from, to string
		days     int // UTC days that are blocked
		no       domain.Code
	}{
		"two whole days": {func(*domain.AskLeave) {}, "2026-06-15T22:00:00Z", "2026-06-17T22:00:00Z", 3, ""},
		"an afternoon": {func(a *domain.AskLeave) {
			a.ToDate, a.FromTime, a.ToTime = a.FromDate, minute("13:00"), minute("17:30")
		}, "2026-06-16T11:00:00Z", "2026-06-16T15:30:00Z", 1, ""},
		"from noon to noon": {func(a *domain.AskLeave) { a.FromTime, a.ToTime = minute("12:00"), minute("12:00") }, "2026-06-16T10:00:00Z", "2026-06-17T10:00:00Z", 2, ""},
		"62 days":           {func(a *domain.AskLeave) { a.ToDate = "2026-08-16" }, "2026-06-15T22:00:00Z", "2026-08-16T22:00:00Z", 63, ""},
		"63 days":           {func(a *domain.AskLeave) { a.ToDate = "2026-08-17" }, "", "", 0, domain.CodeValidation},
		"backwards":         {func(a *domain.AskLeave) { a.ToDate = "2026-06-15" }, "", "", 0, domain.CodeValidation},
		"no time at all": {func(a *domain.AskLeave) {
			a.ToDate, a.FromTime, a.ToTime = a.FromDate, minute("12:00"), minute("12:00")
		}, "", "", 0, domain.CodeValidation},
		"a date that is none":     {func(a *domain.AskLeave) { a.FromDate = "2026-06-31" }, "", "", 0, domain.CodeValidation},
		"where she does not work": {func(a *domain.AskLeave) { a.BranchID = "br_paris01" }, "", "", 0, domain.CodeNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := askLeave(t)
			c.change(&a)
			facts, err := domain.Leave{}.Request(a)
			if c.no != "" {
				if !hasCode(err, c.no) {
					t.Errorf("got %v, want %s", err, c.no)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			l := facts[0].(domain.LeaveRequested).LeaveRef
			if !l.StartAt.Equal(instant(t, c.from)) || !l.EndAt.Equal(instant(t, c.to)) || len(l.Days()) != c.days {
				t.Errorf("from %v to %v on %v", l.StartAt, l.EndAt, l.Days())
			}
			if len(l.Places) != 2 || l.Places[0].BranchID != "br_berlin1" || l.Places[0].LocalDates[0] != "2026-06-16" {
				t.Errorf("places %+v", l.Places)
			}
		})
	}
	l, err := askLeave(t).Ref()
	if err != nil || !reflect.DeepEqual(l.Places[1].LocalDates, []string{"2026-06-15", "2026-06-16", "2026-06-17"}) {
		t.Errorf("in New York it is %+v", l.Places[1])
	}
}

// All transitions of a leave.
func TestScenario37EveryVerbInEveryStatusOfALeave(t *testing.T) {
	t.Parallel()
	today := map[string]string{"br_berlin1": "2026-06-15"}
	verbs := map[string]func(domain.Leave) ([]domain.LeaveEvent, error){
		"request":  func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.Request(askLeave(t)) },
		"mark off": func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.MarkStaffOff(askLeave(t)) },
		"withdraw": domain.Leave.Withdraw,
		"approve":  func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.Approve(domain.ApproveLeave{Today: today}) },
		"reject":   func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.Reject("full") },
		"revoke":   func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.Revoke("back") },
	}
	into := map[domain.LeaveStatus][]string{
		domain.LeaveNone: {}, domain.LeavePending: {"request"}, domain.LeaveGranted: {"request", "approve"},
		domain.LeaveDeclined: {"request", "reject"}, domain.LeaveTakenBack: {"request", "withdraw"}, domain.LeaveUndone: {"mark off", "revoke"},
	}
	may := map[string]domain.LeaveStatus{
		"none request": domain.LeavePending, "none mark off": domain.LeaveGranted, "pending withdraw": domain.LeaveTakenBack,
		"pending approve": domain.LeaveGranted, "pending reject": domain.LeaveDeclined, "approved revoke": domain.LeaveUndone,
	}
	for status, path := range into {
		var l domain.Leave
		for _, step := range path {
			facts, err := verbs[step](l)
			if err != nil {
				t.Fatal(err)
			}
			l = l.Evolve(facts[0])
		}
		if l.Status != status {
			t.Fatalf("%v leads to %s", path, l.Status)
		}
		name := string(status)
		if name == "" {
			name = "none"
		}
		for verb, do := range verbs {
			facts, err := do(l)
			want, ok := may[name+" "+verb]
			switch {
			case ok && (err != nil || l.Evolve(facts[0]).Status != want):
				t.Errorf("%s when %s: %v, want %s", verb, name, err, want)
			case !ok && err == nil:
				t.Errorf("%s when %s was allowed", verb, name)
			}
		}
	}
}

func TestAnApprovalMayBeRefusedForWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	asked, err := domain.Leave{}.Request(askLeave(t))
	if err != nil {
		t.Fatal(err)
	}
	l := domain.Leave{}.Evolve(asked[0])
	inTheWay := []domain.LeaveConflict{{BookingID: "bkg_first1"}}
	if _, err := l.Approve(domain.ApproveLeave{Conflicts: inTheWay, RejectOnConflict: true}); !hasCode(err, domain.CodeLeaveConflicts) {
		t.Errorf("got %v", err)
	}
	facts, err := l.Approve(domain.ApproveLeave{Conflicts: inTheWay})
	if err != nil || len(facts[0].(domain.LeaveApproved).Conflicts) != 1 {
		t.Errorf("flagged: %v, %v", facts, err)
	}
}

// A leave takes its time whatever stands there, and nothing new is placed over it.
func TestScenario35ABlockFlagsWhatStandsAndKeepsOutWhatComes(t *testing.T) {
	t.Parallel()
	d := after(t, "bkg_first1", claim("clm_a", 0, 30))
	l := domain.LeaveRef{LeaveID: "lv_first01", StaffID: "stf_anna01", StartAt: opening.Add(10 * time.Minute), EndAt: opening.Add(time.Hour)}
	facts := d.Block(l, day)
	e := facts[0].(domain.StaffDayBlocked)
	if len(e.Conflicts) != 1 || e.Conflicts[0].ClaimID != "clm_a" || e.Conflicts[0].BookingID != "bkg_first1" || e.Conflicts[0].BranchID != "br_mitte1" {
		t.Errorf("conflicts %+v", e.Conflicts)
	}
	d = d.Evolve(e)
	if again := d.Block(l, day); again != nil {
		t.Errorf("blocked twice: %v", again)
	}
	for name, c := range map[string]struct {
		booking string
		claim   domain.Claim
		fits    bool
	}{
		"another booking inside it":                     {"bkg_other1", claim("clm_b", 40, 10), false},
		"another booking after it":                      {"bkg_other1", claim("clm_b", 60, 10), true},
		"the same booking in less of its time":          {"bkg_first1", claim("clm_b", 0, 20), true},
		"the same booking in more than its time":        {"bkg_first1", claim("clm_b", 0, 31), false},
		"the same booking elsewhere, within the leave":  {"bkg_first1", claim("clm_b", 40, 10), false},
		"the same booking elsewhere, outside the leave": {"bkg_first1", claim("clm_b", 90, 10), true},
	} {
		if _, err := d.Place(ref(c.booking), day, []domain.Claim{c.claim}); (err == nil) != c.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
	freed := d.Unblock(l, day)
	if len(freed) != 1 || d.Evolve(freed[0]).Unblock(l, day) != nil {
		t.Errorf("unblocked %d times", len(freed))
	}
	if _, err := d.Evolve(freed[0]).Place(ref("bkg_other1"), day, []domain.Claim{claim("clm_b", 40, 10)}); err != nil {
		t.Errorf("after the leave is revoked: %v", err)
	}
}
