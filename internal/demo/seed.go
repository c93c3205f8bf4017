package demo

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// salonPolicy lets people book at any moment of the next year and as much as they like, within reason.
func salonPolicy() domain.Policy {
	policy := domain.DefaultPolicy()
	policy.LeadMinutes, policy.ActiveCap, policy.HorizonDays = 0, 50, 365
	return policy
}

// seed makes the engine know the branches, what they offer, who works there and what everybody is called. The owner of the
// chain does it. It returns when the engine's own reads show it all.
func (t *town) seed(ctx context.Context, d dice) error {
	owner := newPerson(User{ID: d.id(domain.UserPrefix), Name: d.fullName(), Role: domain.RoleOwner})
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(openers)
	for _, s := range t.salons {
		group.Go(func() error { return t.seedSalon(ctx, owner, s) })
	}
	return group.Wait()
}

func (t *town) seedSalon(ctx context.Context, owner *person, s *salon) error {
	var last eventstore.Position
	put := func(path string, body any) error {
		rec, err := t.put(ctx, owner, path, body)
		if err != nil {
			return fmt.Errorf("put %s: %w", path, err)
		}
		t.saw(rec.Position)
		last = max(last, rec.Position)
		return nil
	}
	branch := openBranch{Name: s.name, TimeZone: salonZone, Currency: salonCurrency, Policy: salonPolicy()}
	if err := put(branchPath(s.branchID), branch); err != nil {
		return err
	}
	for _, m := range s.menu {
		offer := offerService{Name: m.Name, DurationMinutes: m.Minutes, PriceMinor: m.Paise}
		if err := put(servicePath(s.branchID, m.ID), offer); err != nil {
			return err
		}
	}
	for _, m := range s.staff {
		if err := put(staffPath(s.branchID, m.StaffID), joinStaff{Skills: s.skills(m)}); err != nil {
			return err
		}
		if err := put(directoryPath(m.StaffID), putName{Name: m.Name}); err != nil {
			return err
		}
	}
	for _, p := range s.people() {
		if err := put(directoryPath(p.ID), putName{Name: p.Name}); err != nil {
			return err
		}
	}
	// Whoever books now must not be told that there is no such branch.
	var seen struct{}
	if _, err := t.get(ctx, s.desk, atLeast(branchPath(s.branchID), last), &seen); err != nil {
		return fmt.Errorf("wait for %s: %w", s.name, err)
	}
	return nil
}

// skills lists what the member does: everything but one.
func (s *salon) skills(m *member) []string {
	var skills []string
	for _, t := range s.menu {
		if t.ID != m.lacks {
			skills = append(skills, t.ID)
		}
	}
	return skills
}
