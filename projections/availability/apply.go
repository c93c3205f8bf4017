package availability

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// Handle folds a batch. Events that the snapshot already held are left out.
func (x *Index) Handle(ctx context.Context, b subscription.Batch) error {
	if _, err := x.Checkpoint(ctx); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range b.Events {
		if err := x.apply(e); err != nil {
			return &subscription.HaltError{Err: fmt.Errorf("apply %s (%s@%d): %w", e.Event.EventType(), e.Stream, e.Revision, err)}
		}
	}
	if b.Position > x.position {
		x.position = b.Position
		x.catalogue, x.schedule = max(x.catalogue, b.Position), max(x.schedule, b.Position)
		close(x.moved)
		x.moved = make(chan struct{})
	}
	x.prune(x.cfg.Now())
	return nil
}

func (x *Index) apply(e eventstore.Recorded) error {
	switch fact := e.Event.(type) { //nolint:gochecksumtype // by unions, each of which is checked where it is applied
	case domain.BookingEvent:
		if e.Position > x.schedule {
			x.booking(fact)
		}
	case domain.StaffDayEvent:
		if e.Position > x.schedule {
			x.staffDay(fact)
		}
	case domain.BranchEvent:
		if e.Position > x.catalogue {
			var have domain.Branch
			if b := x.branches[domain.BranchOf(fact)]; b != nil {
				have = b.Branch
			}
			return x.putBranch(have.Evolve(fact))
		}
	case domain.StaffEvent:
		if e.Position > x.catalogue {
			x.putStaff(x.staff[domain.StaffOf(fact)].Evolve(fact))
		}
	case domain.LeaveEvent, domain.CustomerEvent:
		// A leave takes effect by its blocks.
	}
	return nil
}

// booking applies what an event frees and takes.
func (x *Index) booking(e domain.BookingEvent) {
	held, ok := domain.HoldingOf(e)
	if !ok {
		return
	}
	id := domain.BookingOf(e)
	for _, s := range held.Slots.Freed {
		x.calendarOf(s.StaffID).free(taken{span{s.StartAt.Unix(), s.EndAt.Unix()}, id, s.SegmentID})
	}
	for _, s := range held.Slots.Taken {
		x.calendarOf(s.StaffID).take(taken{span{s.StartAt.Unix(), s.EndAt.Unix()}, id, s.SegmentID})
	}
}

func (x *Index) staffDay(e domain.StaffDayEvent) {
	switch e := e.(type) {
	case domain.StaffDayBlocked:
		c := x.calendarOf(e.StaffID)
		if have := c.blocks[e.LeaveID]; have != nil {
			have.days++
			return
		}
		c.put(e.LeaveID, &block{span{e.StartAt.Unix(), e.EndAt.Unix()}, 1})
	case domain.StaffDayUnblocked:
		c := x.calendarOf(e.StaffID)
		have := c.blocks[e.LeaveID]
		if have == nil {
			return // it ended too long ago to be held
		}
		if have.days--; have.days == 0 {
			delete(c.blocks, e.LeaveID)
		}
	case domain.StaffDayClaimed, domain.StaffDayReleased:
		// What is taken is told by the bookings: a claim that no booking names is nobody's.
	}
}

func (x *Index) putBranch(b domain.Branch) error {
	loc, err := time.LoadLocation(b.TimeZone)
	if err != nil {
		return fmt.Errorf("load zone of %s: %w", b.BranchID, err)
	}
	have := x.branches[b.BranchID]
	if have == nil {
		have = &branch{}
		x.branches[b.BranchID] = have
		for id, m := range x.staff {
			if _, works := m.Branches[b.BranchID]; works {
				have.enlist(id)
			}
		}
	}
	have.Branch, have.loc = b, loc
	x.shifts.forget()
	return nil
}

func (x *Index) putStaff(m domain.Staff) {
	for id := range x.staff[m.StaffID].Branches {
		if b := x.branches[id]; b != nil {
			b.members = slices.DeleteFunc(slices.Clone(b.members), func(s string) bool { return s == m.StaffID })
		}
	}
	for id := range m.Branches {
		if b := x.branches[id]; b != nil {
			b.enlist(m.StaffID)
		}
	}
	x.staff[m.StaffID] = m
	x.shifts.forget()
}

func (b *branch) enlist(staffID string) {
	if at, found := slices.BinarySearch(b.members, staffID); !found {
		b.members = slices.Insert(slices.Clone(b.members), at, staffID)
	}
}

// pruneEvery is how often the past is forgotten.
const pruneEvery = time.Hour

func (x *Index) prune(now time.Time) {
	if now.Sub(x.pruned) < pruneEvery {
		return
	}
	x.pruned = now
	before := dayOf(now.Add(-keep).Unix())
	for id, c := range x.calendars {
		if c.prune(before); len(c.days) == 0 && len(c.blocks) == 0 {
			delete(x.calendars, id)
		}
	}
}
