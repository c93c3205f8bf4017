package domain_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/royalglow/booking/domain"
)

func openMitte() domain.OpenBranch {
	return domain.OpenBranch{
		BranchID: "br_mitte1", Name: "Mitte", TimeZone: "UTC", Currency: "EUR", Policy: domain.DefaultPolicy(),
	}
}

func TestABranchIsOpenedOnceAndChangesItsPolicy(t *testing.T) {
	t.Parallel()
	var b domain.Branch
	facts, err := b.Establish(openMitte())
	if err != nil || len(facts) != 1 {
		t.Fatalf("%v, %v", facts, err)
	}
	b = b.Evolve(facts[0])
	if facts, err = b.Establish(openMitte()); err != nil || facts != nil {
		t.Errorf("opened twice: %v, %v", facts, err)
	}
	strict := openMitte()
	strict.Policy.LeadMinutes = 120
	facts, err = b.Establish(strict)
	if err != nil || !reflect.DeepEqual(facts, []domain.BranchEvent{domain.BranchPolicySet{BranchID: "br_mitte1", Policy: strict.Policy}}) {
		t.Errorf("got %v, %v", facts, err)
	}
	if b = b.Evolve(facts[0]); b.Policy.LeadMinutes != 120 {
		t.Errorf("the policy is %+v", b.Policy)
	}
	for name, change := range map[string]func(*domain.OpenBranch){
		"name":     func(o *domain.OpenBranch) { o.Name = "Nord" },
		"zone":     func(o *domain.OpenBranch) { o.TimeZone = "Asia/Kolkata" },
		"currency": func(o *domain.OpenBranch) { o.Currency = "INR" },
	} {
		o := openMitte()
		change(&o)
		if _, err := b.Establish(o); !hasCode(err, domain.CodeConflict) {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

func hasCode(err error, code domain.Code) bool {
	r, ok := errors.AsType[*domain.Refusal](err)
	return ok && r.Code == code
}

func TestABranchOffersServicesOnTheLatestTerms(t *testing.T) {
	t.Parallel()
	s := cut()
	if _, err := (domain.Branch{}).Offer(s); !hasCode(err, domain.CodeNotFound) {
		t.Errorf("a branch that is not there offers: %v", err)
	}
	if _, err := (domain.Branch{}).Service(s.ServiceID); !hasCode(err, domain.CodeBranchInactive) {
		t.Errorf("a branch that is not there has: %v", err)
	}
	b := mitte()
	if _, err := b.Service(s.ServiceID); !hasCode(err, domain.CodeBusinessRule) {
		t.Errorf("a service that is not offered: %v", err)
	}
	for _, price := range []int64{1500, 1800} {
		s.PriceMinor = price
		facts, err := b.Offer(s)
		if err != nil || len(facts) != 1 {
			t.Fatalf("%v, %v", facts, err)
		}
		older := b
		b = b.Evolve(facts[0])
		if got, _ := b.Service(s.ServiceID); !reflect.DeepEqual(got, s) || reflect.DeepEqual(older.Services, b.Services) {
			t.Errorf("it offers %+v, before it offered %v", got, older.Services)
		}
	}
	if facts, err := b.Offer(s); err != nil || facts != nil {
		t.Errorf("offered twice: %v, %v", facts, err)
	}
}

func TestAMemberPerformsWhatTheBranchKnowsHimFor(t *testing.T) {
	t.Parallel()
	var m domain.Staff
	for _, f := range m.Join("stf_anna01", "br_mitte1", []string{"svc_haircut", "svc_colour1", "svc_haircut"}) {
		m = m.Evolve(f)
	}
	for _, f := range m.Join("stf_anna01", "br_nord11", nil) {
		m = m.Evolve(f)
	}
	for _, c := range []struct {
		branch, service string
		want            bool
	}{
		{"br_mitte1", "svc_haircut", true},
		{"br_mitte1", "svc_massage", false},
		{"br_nord11", "svc_massage", true},
		{"br_other1", "svc_haircut", false},
	} {
		if got := m.Performs(c.branch, c.service); got != c.want {
			t.Errorf("%s at %s: %v", c.service, c.branch, got)
		}
	}
	if facts := m.Join("stf_anna01", "br_mitte1", []string{"svc_colour1", "svc_haircut"}); facts != nil {
		t.Errorf("joined twice: %v", facts)
	}
	if facts := m.Join("stf_anna01", "br_nord11", []string{}); facts != nil {
		t.Errorf("joined twice without skills: %v", facts)
	}
}
