package projections_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
)

func koramangalaRow() projections.Branch {
	return projections.Branch{
		ID: koramangala, Name: "Salon br_koramangala", TimeZone: "Asia/Kolkata", Currency: "INR",
		Policy: domain.DefaultPolicy(), OpenedAt: monday().Add(time.Minute), Revision: 4,
	}
}

// evenings is a timetable that holds from the beginning of 2026 on.
func evenings() domain.Pattern {
	return domain.Pattern{EffectiveFrom: "2026-01-01", Week: domain.EveryDay(domain.TimeRange{From: 15 * 60, To: 22 * 60})}
}

func (h *history) setHours(branchID string, c domain.TimetableChange) {
	h.t.Helper()
	facts, err := h.branches[branchID].SetHours(c)
	h.must(h.branch(branchID, facts, err))
}

func (h *history) setShifts(staffID, branchID string, c domain.TimetableChange) {
	h.t.Helper()
	zone := h.branches[branchID].TimeZone
	facts, err := h.staff[staffID].SetShifts(domain.SetShifts{
		BranchID: branchID, TimeZone: zone, Change: c, Now: h.now,
		Zones: map[string]*time.Location{zone: h.zone(branchID)},
	})
	h.must(h.member(staffID, facts, err))
}

func (h *history) declare(branchID, closureID, from, to string) {
	h.t.Helper()
	facts, err := h.branches[branchID].DeclareClosure(domain.DeclareClosure{
		ClosureID: closureID, FromDate: from, ToDate: to, Reason: "Painting", Location: h.zone(branchID),
	})
	h.must(h.branch(branchID, facts, err))
}

func TestABranchShowsItsTermsServicesAndStaff(t *testing.T) {
	t.Parallel()
	h := salon(t)
	got, err := queries(t, h).Branch(t.Context(), koramangala, h.position)
	offered := h.branches[koramangala].Services
	want := projections.BranchDetail{
		Branch:   koramangalaRow(),
		Services: []domain.Service{offered[colour], offered[facial], offered[haircut], offered[massage]},
		Staff: []projections.Member{
			{StaffID: anita, Skills: []string{}, Revision: 0},
			{StaffID: bina, Skills: []string{colour, haircut}, Revision: 0},
			{StaffID: chitra, Skills: []string{facial, massage}, Revision: 0},
		},
		Closures: []domain.Closure{},
		Position: h.position,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

func TestLaterTermsReplaceEarlierOnes(t *testing.T) {
	t.Parallel()
	h := salon(t)
	m := models(openDB(t))
	project(t, m, h.events)
	trim := domain.Service{ServiceID: haircut, Name: "Trim", Type: domain.ServiceSalon, DurationMinutes: 30, PriceMinor: 90_000}
	h.offer(koramangala, trim)
	h.join(bina, koramangala)
	policy := domain.DefaultPolicy()
	policy.ActiveCap = 9
	facts, err := h.branches[koramangala].SetPolicy(policy)
	h.must(h.branch(koramangala, facts, err))
	week := evenings()
	h.setHours(koramangala, domain.TimetableChange{Pattern: &week})
	h.setShifts(anita, koramangala, domain.TimetableChange{Pattern: &week})
	h.declare(koramangala, "cls_first1", "2026-07-01", "2026-07-02")
	project(t, m, h.events)
	got, err := m.Queries().Branch(t.Context(), koramangala, h.position)
	if err != nil {
		t.Fatal(err)
	}
	hours := domain.Timetable{Patterns: []domain.Pattern{week}}
	if got.Revision != 8 || got.Policy.ActiveCap != 9 || !reflect.DeepEqual(got.Hours, hours) {
		t.Errorf("%+v", got.Branch)
	}
	if len(got.Services) != 4 || !reflect.DeepEqual(got.Services[2], trim) {
		t.Errorf("%+v", got.Services)
	}
	if want := (projections.Member{StaffID: anita, Skills: []string{}, Shifts: hours, Revision: 2}); !reflect.DeepEqual(got.Staff[0], want) {
		t.Errorf("%+v", got.Staff[0])
	}
	if want := (projections.Member{StaffID: bina, Skills: []string{}, Revision: 2}); !reflect.DeepEqual(got.Staff[1], want) {
		t.Errorf("%+v", got.Staff[1])
	}
	if len(got.Closures) != 1 || got.Closures[0].ToDate != "2026-07-02" {
		t.Errorf("%+v", got.Closures)
	}
}

func TestWhatIsWithdrawnAndWhoHasLeftIsGone(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.declare(koramangala, "cls_first1", "2026-07-01", "2026-07-02")
	m := models(openDB(t))
	project(t, m, h.events)
	facts, err := h.branches[koramangala].Withdraw(facial)
	h.must(h.branch(koramangala, facts, err))
	facts, err = h.branches[koramangala].LiftClosure("cls_first1", nil, time.UTC)
	h.must(h.branch(koramangala, facts, err))
	h.must(h.member(chitra, h.staff[chitra].Leave(koramangala), nil))
	project(t, m, h.events)
	got, err := m.Queries().Branch(t.Context(), koramangala, h.position)
	if err != nil || len(got.Services) != 3 || len(got.Staff) != 2 || len(got.Closures) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	member, err := m.Queries().Staff(t.Context(), chitra, h.position)
	want := projections.StaffDetail{
		StaffID:  chitra,
		Branches: []projections.Workplace{{BranchID: kiritimati, Skills: []string{facial, massage}}},
		Revision: 2, Position: h.position,
	}
	if err != nil || !reflect.DeepEqual(member, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, member, want)
	}
	h.must(h.member(chitra, h.staff[chitra].Leave(kiritimati), nil))
	project(t, m, h.events)
	if _, err := m.Queries().Staff(t.Context(), chitra, h.position); !isRefusal(err, domain.NotFound, domain.CodeNotFound) {
		t.Error(err)
	}
}

func TestAScopeBoundsTheListOfBranches(t *testing.T) {
	t.Parallel()
	q := queries(t, salon(t))
	tests := []struct {
		scenario string
		scope    projections.BranchScope
		want     []string
	}{
		{"the zero scope reaches none", projections.BranchScope{}, []string{}},
		{"no ids reach none", projections.InBranches(), []string{}},
		{"one", projections.InBranches(koramangala, "br_unknown"), []string{koramangala}},
		{"all, by id", projections.EveryBranch(), []string{kiritimati, koramangala}},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			list, err := q.Branches(t.Context(), tt.scope, 0)
			ids := []string{}
			for _, b := range list.Branches {
				ids = append(ids, b.ID)
			}
			if err != nil || !reflect.DeepEqual(ids, tt.want) {
				t.Errorf("%q, %v", ids, err)
			}
		})
	}
	if n, err := q.BranchCount(t.Context()); err != nil || n != 2 {
		t.Errorf("%d branches, %v", n, err)
	}
}

func TestAnUnknownBranchIsNotFound(t *testing.T) {
	t.Parallel()
	q := queries(t, salon(t))
	if _, err := q.Branch(t.Context(), "br_unknown", 0); !isRefusal(err, domain.NotFound, domain.CodeNotFound) {
		t.Error(err)
	}
	if b, _, err := q.BranchAggregate(t.Context(), "br_unknown", 0); err != nil || b.Open() {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestABranchEventThatDoesNotFitHalts(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.join(bina, koramangala) // her third event
	haltsWithout(t, h, domain.BranchStream(koramangala), 0, "branches")
	haltsWithout(t, h, domain.BranchStream(koramangala), 1, "branches")
	haltsWithout(t, h, domain.StaffStream(bina), 1, "branches")
}

// Commands refuse such texts; a log that has one all the same must not stop the read model.
func TestATextThatNoDatabaseTakesIsMadeFit(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.record(domain.BranchStream("br_another1"), owner, domain.BranchOpened{
		BranchID: "br_another1", Name: "a\x00b", TimeZone: "UTC", Currency: "EUR", Policy: domain.DefaultPolicy(),
	})
	h.request(first, priya, koramangala, noon(), haircut, anita)
	facts, err := h.bookings[first].Reject(domain.Reject{ReasonCode: "other", Reason: "a\x00b"})
	h.must(h.book(first, reception, facts, err))
	q := queries(t, h)
	if b, err := q.Branch(t.Context(), "br_another1", h.position); err != nil || b.Name != "a\ufffdb" {
		t.Errorf("the branch is called %q, %v", b.Name, err)
	}
	if b, _, err := q.BookingByID(t.Context(), first, h.position); err != nil || b.Reason != "a\ufffdb" {
		t.Errorf("the reason is %q, %v", b.Reason, err)
	}
}

// TestAClosuresConflictsCloseOneByOne: what is in the way of a closure is what is open then and there, now.
func TestAClosuresConflictsCloseOneByOne(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.request("bkg_before1", priya, koramangala, noon().Add(-24*time.Hour), haircut, anita)
	h.request("bkg_inside2", priya, koramangala, noon().Add(time.Hour), haircut, anita)
	h.request("bkg_inside1", rahul, koramangala, noon(), haircut, bina)
	h.request("bkg_touches", rahul, koramangala, midnight().Add(-5*time.Hour-30*time.Minute), haircut, bina) // 00:00 in Kolkata
	h.request("bkg_elsewhere", rahul, kiritimati, noon(), facial, chitra)
	h.declare(koramangala, "cls_first1", "2026-06-16", "2026-06-16")
	h.declare(koramangala, "cls_past01", "2026-06-01", "2026-06-02")
	m := models(openDB(t))
	conflicts := func() []string {
		t.Helper()
		project(t, m, h.events)
		list, err := m.Queries().BranchClosures(t.Context(), koramangala, "2026-06-16", h.position)
		if err != nil || len(list.Closures) != 1 || list.Closures[0].ClosureID != "cls_first1" || list.Position != h.position {
			t.Fatalf("%+v, %v", list, err)
		}
		return list.Closures[0].Conflicts
	}
	if got := conflicts(); !reflect.DeepEqual(got, []string{"bkg_inside1", "bkg_inside2"}) {
		t.Errorf("%q", got)
	}
	h.move("bkg_inside1", noon().AddDate(0, 0, 3))
	if got := conflicts(); !reflect.DeepEqual(got, []string{"bkg_inside2"}) {
		t.Errorf("%q", got)
	}
	h.cancel("bkg_inside2")
	if got := conflicts(); len(got) != 0 {
		t.Errorf("%q", got)
	}
	proposed, err := m.Queries().ClosureConflicts(t.Context(), koramangala, noon().AddDate(0, 0, 3), noon().AddDate(0, 0, 4))
	if err != nil || !reflect.DeepEqual(proposed, []string{"bkg_inside1"}) {
		t.Errorf("%q, %v", proposed, err)
	}
	all, err := m.Queries().BranchClosures(t.Context(), koramangala, "", 0)
	if err != nil || len(all.Closures) != 2 || all.Closures[0].ClosureID != "cls_past01" {
		t.Errorf("%+v, %v", all, err)
	}
}
