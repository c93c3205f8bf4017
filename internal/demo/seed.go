package demo

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/royalglow/booking/internal/eventstore"
)

// seed makes the engine know the branches, what they offer, who works there and what everybody is called. The owner of the
// chain does it. It returns when the engine's own reads show it all.
func (t *town) seed(ctx context.Context, owner *person) error {
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
	branch := openBranch{Name: s.name, TimeZone: salonZone, Currency: salonCurrency, Policy: salonPolicy(0)}
	if err := put(branchPath(s.branchID), branch); err != nil {
		return err
	}
	for _, m := range s.regular() {
		if err := put(servicePath(s.branchID, m.ID), m.offer()); err != nil {
			return err
		}
	}
	for _, m := range s.staff {
		if err := put(staffPath(s.branchID, m.StaffID), joinStaff{Skills: m.skills}); err != nil {
			return err
		}
	}
	for _, m := range s.members() {
		if err := put(directoryPath(m.StaffID), putName{Name: m.Name}); err != nil {
			return err
		}
	}
	for _, p := range append(s.people(), owner) {
		if err := put(directoryPath(p.ID), putName{Name: p.Name}); err != nil {
			return err
		}
	}
	// Whoever books now must not be told that there is no such branch, or that nobody works there.
	for _, path := range []string{branchPath(s.branchID), branchPath(s.branchID) + "/staff"} {
		var seen struct{}
		if _, err := t.get(ctx, s.desk, since(path, nil, last), &seen); err != nil {
			return fmt.Errorf("wait for %s: %w", s.name, err)
		}
	}
	return nil
}
