package commands

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/royalglow/booking/domain"
)

// zones are the time zones that have been asked for: to load one takes longer than to decide a command.
type zones struct{ byName sync.Map }

// load returns the location of an IANA zone.
func (z *zones) load(name string) (*time.Location, error) {
	if loc, ok := z.byName.Load(name); ok {
		return loc.(*time.Location), nil //nolint:forcetypeassert // nothing else is stored
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("load time zone %s: %w", name, err)
	}
	z.byName.Store(name, loc)
	return loc, nil
}

// roster loads what a decision about staff rests on: the branch and the members, as their streams have them now.
func (s *Service) roster(ctx context.Context, branchID, timeZone string, staffIDs ...string) (domain.Roster, error) {
	branch, err := s.branch(ctx, branchID)
	if err != nil {
		return domain.Roster{}, err
	}
	if timeZone == "" {
		timeZone = branch.TimeZone
	}
	loc, err := s.zones.load(timeZone)
	if err != nil {
		return domain.Roster{}, err
	}
	r := domain.Roster{Branch: branch, Location: loc, Members: map[string]domain.Staff{}}
	return r, s.enlist(ctx, r, staffIDs...)
}

// enlist adds members to a roster.
func (s *Service) enlist(ctx context.Context, r domain.Roster, staffIDs ...string) error {
	for _, id := range staffIDs {
		if _, done := r.Members[id]; done || id == "" {
			continue
		}
		member, err := s.member(ctx, id)
		if err != nil {
			return err
		}
		r.Members[id] = member
	}
	return nil
}

// rosterOf loads the roster of a booking: its branch, the members of its segments, and others.
func (s *Service) rosterOf(ctx context.Context, b domain.Booking, staffIDs ...string) (domain.Roster, error) {
	for _, segment := range b.Segments {
		staffIDs = append(staffIDs, segment.StaffID)
	}
	return s.roster(ctx, b.BranchID, b.TimeZone, staffIDs...)
}

// locationOf is the location of a booking's zone.
func (s *Service) locationOf(b domain.Booking) (*time.Location, error) {
	return s.zones.load(b.TimeZone)
}

// branch, member and standing read what a decision rests on beside its own aggregate: always as it is now.

func (s *Service) branch(ctx context.Context, id string) (domain.Branch, error) {
	b, err := s.branches.Fresh(ctx, domain.BranchStream(id))
	return b.State, err
}

func (s *Service) member(ctx context.Context, id string) (domain.Staff, error) {
	m, err := s.staff.Fresh(ctx, domain.StaffStream(id))
	return m.State, err
}

func (s *Service) standing(ctx context.Context, customerID string) (domain.Customer, error) {
	c, err := s.customers.Fresh(ctx, domain.CustomerStream(customerID))
	return c.State, err
}
