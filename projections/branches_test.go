package projections_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

func koramangalaRow() projections.Branch {
	return projections.Branch{
		ID: koramangala, Name: "Salon br_koramangala", TimeZone: "Asia/Kolkata", Currency: "INR",
		Policy: domain.DefaultPolicy(), OpenedAt: monday().Add(time.Minute), Revision: 2,
	}
}

func TestABranchShowsItsTermsServicesAndStaff(t *testing.T) {
	h := salon(t)
	got, err := queries(t, h).Branch(t.Context(), koramangala, h.position)
	want := projections.BranchDetail{
		Branch: koramangalaRow(),
		Services: []domain.Service{
			{ServiceID: facial, Name: "Service svc_facial", DurationMinutes: 60, PriceMinor: 150_000},
			{ServiceID: haircut, Name: "Service svc_haircut", DurationMinutes: 45, PriceMinor: 80_000},
		},
		Staff: []projections.Member{
			{StaffID: anita, Skills: []string{}, Revision: 0},
			{StaffID: bina, Skills: []string{haircut}, Revision: 0},
			{StaffID: chitra, Skills: []string{facial}, Revision: 0},
		},
		Position: h.position,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

func TestLaterTermsReplaceEarlierOnes(t *testing.T) {
	h := salon(t)
	m := models(openDB(t))
	project(t, m, h.events)
	h.offer(koramangala, haircut, 30, 90_000)
	h.join(bina, koramangala)
	h.branch(koramangala, []domain.BranchEvent{
		domain.BranchPolicySet{BranchID: koramangala, Policy: domain.Policy{ActiveCap: 9}},
	}, nil)
	project(t, m, h.events)
	got, err := m.Queries().Branch(t.Context(), koramangala, h.position)
	if err != nil {
		t.Fatal(err)
	}
	if got.Revision != 4 || got.Policy.ActiveCap != 9 {
		t.Errorf("%+v", got.Branch)
	}
	if want := (domain.Service{ServiceID: haircut, Name: "Service svc_haircut", DurationMinutes: 30, PriceMinor: 90_000}); got.Services[1] != want {
		t.Errorf("%+v", got.Services)
	}
	if want := (projections.Member{StaffID: bina, Skills: []string{}, Revision: 2}); !reflect.DeepEqual(got.Staff[1], want) {
		t.Errorf("%+v", got.Staff)
	}
}

func TestAScopeBoundsTheListOfBranches(t *testing.T) {
	q := queries(t, salon(t))
	tests := []struct {
		scenario string
		scope    projections.BranchScope
		want     []string
	}{
		{"the zero scope reaches none", projections.BranchScope{}, []string{}},
		{"no ids reach none", projections.InBranches(), []string{}},
		{"one", projections.InBranches(koramangala, "br_unknown"), []string{koramangala}},
		{"all, by id", projections.EveryBranch(), []string{indiranagar, koramangala}},
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
	_, err := queries(t, salon(t)).Branch(t.Context(), "br_unknown", 0)
	if !isRefusal(err, domain.NotFound, domain.CodeNotFound) {
		t.Error(err)
	}
}

func TestABranchEventThatDoesNotFitHalts(t *testing.T) {
	h := newHistory(t)
	h.open(koramangala, "Asia/Kolkata")
	h.offer(koramangala, haircut, 45, 80_000)
	h.offer(koramangala, facial, 60, 150_000)
	for scenario, skip := range map[string]int{"before it opened": 0, "after a gap": 1} {
		t.Run(scenario, func(t *testing.T) {
			m := models(openDB(t))
			if err := m.Branches.Handle(t.Context(), batch(h.events[:skip])); err != nil {
				t.Fatal(err)
			}
			err := m.Branches.Handle(t.Context(), batch(h.events[skip+1:]))
			if _, ok := errors.AsType[*subscription.HaltError](err); !ok {
				t.Errorf("not halted: %v", err)
			}
		})
	}
}

// Commands refuse such texts; a log that has one all the same must not stop the read model.
func TestATextThatNoDatabaseTakesIsMadeFit(t *testing.T) {
	h := salon(t)
	h.branch(koramangala, []domain.BranchEvent{domain.BranchServiceOffered{BranchID: koramangala, Service: domain.Service{
		ServiceID: facial, Name: "a\x00b", DurationMinutes: 60, PriceMinor: 1,
	}}}, nil)
	got, err := queries(t, h).Branch(t.Context(), koramangala, h.position)
	if err != nil {
		t.Fatal(err)
	}
	if name := got.Services[0].Name; name != "a\ufffdb" {
		t.Errorf("the service is called %q", name)
	}
}
