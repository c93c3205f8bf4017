package availability

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// Name is the index's name in logs and metrics.
const Name = "availability"

// Slot is taken time, as the read models have it.
type Slot struct {
	BookingID, SegmentID, StaffID string
	domain.Interval
}

// Block is a leave's hold on a member's time, as the read models have it. Days is how many UTC days it blocks.
type Block struct {
	LeaveID, StaffID string
	domain.Interval
	Days int
}

// Snapshot is what the read models hold, with the log positions that they are of.
type Snapshot struct {
	Branches []domain.Branch
	Staff    []domain.Staff
	// Catalogue is the position of the two above, Schedule that of the two below.
	Catalogue eventstore.Position
	Slots     []Slot
	Blocks    []Block
	Schedule  eventstore.Position
}

// Config says where an index comes from.
type Config struct {
	// Load reads the read models: all branches and members, and all that is taken and does not end before since. Required.
	Load func(ctx context.Context, since time.Time) (Snapshot, error)
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
	// Wait bounds how long a query waits for a minimum position. Defaults to 5 s.
	Wait time.Duration
}

// Index is the catalogue and the taken time, in memory. Its methods may be called concurrently. It is a subscription.Handler:
// until its runner has caught up, answers are of the past.
type Index struct {
	cfg Config

	mu        sync.RWMutex
	branches  map[string]*branch
	staff     map[string]domain.Staff
	calendars map[string]*calendar // by member
	loaded    bool
	catalogue eventstore.Position // applied to branches and staff
	schedule  eventstore.Position // applied to calendars
	position  eventstore.Position // of the whole
	pruned    time.Time
	moved     chan struct{} // closed and replaced when position rises

	shifts shiftCache
}

// branch is a salon with what is derived from it.
type branch struct {
	domain.Branch
	loc     *time.Location
	members []string // sorted
}

// The index is a consumer of the log.
var _ subscription.Handler = (*Index)(nil)

// keep is how much of the past an index holds, beside what is to come: a booking may be moved within a day that has begun.
const keep = 36 * time.Hour

// New returns an empty index. It starts nothing: run it under a subscription.Runner.
func New(c Config) *Index {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wait == 0 {
		c.Wait = 5 * time.Second
	}
	return &Index{
		cfg: c, branches: map[string]*branch{}, staff: map[string]domain.Staff{}, calendars: map[string]*calendar{},
		moved: make(chan struct{}),
	}
}

// Name returns Name.
func (x *Index) Name() string { return Name }

// Checkpoint loads the index, if that has not been done, and returns the position after which it wants events.
func (x *Index) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	x.mu.RLock()
	loaded, position := x.loaded, x.position
	x.mu.RUnlock()
	if loaded {
		return position, nil
	}
	s, err := x.cfg.Load(ctx, x.cfg.Now().Add(-keep))
	if err != nil {
		return 0, fmt.Errorf("load availability: %w", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return min(s.Catalogue, s.Schedule), x.fill(s)
}

// fill takes a snapshot over. The two halves may be of different positions: each ignores what it has seen already.
func (x *Index) fill(s Snapshot) error {
	for _, b := range s.Branches {
		if err := x.putBranch(b); err != nil {
			return err
		}
	}
	for _, m := range s.Staff {
		x.putStaff(m)
	}
	for _, slot := range s.Slots {
		x.calendarOf(slot.StaffID).take(taken{spanOf(slot.Interval), slot.BookingID, slot.SegmentID})
	}
	for _, b := range s.Blocks {
		x.calendarOf(b.StaffID).put(b.LeaveID, &block{spanOf(b.Interval), b.Days})
	}
	x.catalogue, x.schedule, x.position = s.Catalogue, s.Schedule, min(s.Catalogue, s.Schedule)
	x.loaded, x.pruned = true, x.cfg.Now()
	return nil
}

func (c *calendar) put(leaveID string, b *block) {
	if c.blocks == nil {
		c.blocks = map[string]*block{}
	}
	c.blocks[leaveID] = b
}

func (x *Index) calendarOf(staffID string) *calendar {
	c := x.calendars[staffID]
	if c == nil {
		c = &calendar{}
		x.calendars[staffID] = c
	}
	return c
}

// at runs a query on the index as it is when it has come to a position; it waits for that, and then refuses with READ_BEHIND.
func (x *Index) at(ctx context.Context, lowest eventstore.Position, query func() error) error {
	var deadline <-chan time.Time
	for {
		x.mu.RLock()
		if x.position >= lowest {
			defer x.mu.RUnlock()
			return query()
		}
		moved := x.moved
		x.mu.RUnlock()
		if deadline == nil {
			timer := time.NewTimer(x.cfg.Wait)
			defer timer.Stop() // runs once: the timer is made once
			deadline = timer.C
		}
		select {
		case <-moved:
		case <-deadline:
			return domain.Refuse(domain.Unavailable, domain.CodeReadBehind,
				"the availability has not come to position %d within %s", lowest, x.cfg.Wait)
		case <-ctx.Done():
			return fmt.Errorf("wait for availability: %w", context.Cause(ctx))
		}
	}
}
