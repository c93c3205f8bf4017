// Package leavekeeper blocks the days of members who are off, and frees them when a leave is revoked.
//
// It promises that, once it has run, no approved leave is without its blocks and no block is without an approved leave. The
// leave's stream decides, each time; the log only says when to look: after every decision about a leave, and after every block,
// because one that another engine placed while the leave was being revoked must not stay. Blocks are placed by leave id, so that
// twice is once. It never asks for bookings: those in the way are listed in the block and become conflicts.
package leavekeeper

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/commands/internal/agenda"
	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/commands/internal/staffdays"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
)

// Name is the keeper's name in checkpoints, logs and metrics.
const Name = "leave-keeper"

const (
	// again is when a leave is looked at after a block of it: once for many, as they come in a row.
	again = 2 * time.Second
	// perDay bounds how often one day is decided again when others write to it.
	perDay = 20
)

// Config is what a Keeper needs. Store, DB and StoreID are required.
type Config struct {
	Store aggregate.Store
	// DB holds the tables of migrations.Engine.
	DB *database.DB
	// StoreID is the identity of the store; a database that belongs to another one is refused.
	StoreID string
	Logger  *slog.Logger // discards
	Now     func() time.Time
	// Jitter returns a duration in [0, limit); random. It spreads repeats after a conflict.
	Jitter func(limit time.Duration) time.Duration
}

// Keeper places and lifts blocks. Give it to a subscription.Runner, and run Run beside it.
type Keeper struct{ agenda.Keeper }

// New returns a Keeper, or says what the Config lacks. It starts nothing.
func New(c Config) (*Keeper, error) {
	if c.Store == nil {
		return nil, errors.New("the leave keeper needs a store")
	}
	k := &Keeper{agenda.Keeper{KeeperName: Name, DB: c.DB, StoreID: c.StoreID, Logger: c.Logger, Now: c.Now}}
	k.Fold = func(_ context.Context, _ bun.Tx, events []eventstore.Recorded) ([]agenda.Entry, error) {
		return entries(events, k.Now()), nil
	}
	var days settler
	k.Settle = func(ctx context.Context, leaveID string) (time.Time, error) {
		return time.Time{}, days.settle(ctx, leaveID)
	}
	if err := k.Init(); err != nil {
		return nil, err
	}
	days = newSettler(c.Store, k.Now, k.Logger, c.Jitter)
	return k, nil
}

func entries(events []eventstore.Recorded, now time.Time) []agenda.Entry {
	var out []agenda.Entry
	for _, e := range events {
		switch e := e.Event.(type) { //nolint:gochecksumtype // the others place or lift no blocks
		case domain.LeaveApproved:
			out = append(out, agenda.Entry{Subject: e.LeaveID, Due: now})
		case domain.LeaveRevoked:
			out = append(out, agenda.Entry{Subject: e.LeaveID, Due: now})
		case domain.StaffDayBlocked:
			out = append(out, agenda.Entry{Subject: e.LeaveID, Due: now.Add(again)})
		case domain.StaffDayUnblocked:
			out = append(out, agenda.Entry{Subject: e.LeaveID, Due: now.Add(again)})
		}
	}
	return out
}

// settler brings the days of a leave in line with it.
type settler struct {
	leaves *aggregate.Loader[domain.Leave, domain.LeaveEvent]
	days   staffdays.Days
	now    func() time.Time
}

func newSettler(store aggregate.Store, now func() time.Time, log *slog.Logger, jitter func(time.Duration) time.Duration) settler {
	if jitter == nil {
		jitter = func(limit time.Duration) time.Duration { return rand.N(limit) }
	}
	return settler{
		leaves: aggregate.NewLoader[domain.Leave, domain.LeaveEvent](store), now: now,
		days: staffdays.Days{Loader: staffdays.NewLoader(store), Log: log, Pause: func(ctx context.Context, repeat int) error {
			return aggregate.Pause(ctx, jitter(10*time.Millisecond<<min(repeat-1, 4)))
		}},
	}
}

// settle places or lifts the blocks of one leave, and looks at the leave again: it may have been revoked meanwhile.
func (s settler) settle(ctx context.Context, leaveID string) error {
	for {
		leave, err := s.leaves.Fresh(ctx, domain.LeaveStream(leaveID))
		if err != nil {
			return err
		}
		if err := s.align(ctx, leave.State); err != nil {
			return err
		}
		now, err := s.leaves.Fresh(ctx, domain.LeaveStream(leaveID))
		if err != nil || now.Revision == leave.Revision {
			return err
		}
	}
}

// align makes each day of the leave as its status says. One day that fails keeps no other waiting.
func (s settler) align(ctx context.Context, l domain.Leave) error {
	var failed error
	for _, day := range l.Days() {
		failed = errors.Join(failed, s.days.Change(ctx, domain.StaffDayStream(l.StaffID, day), s.metadata(l, day), perDay,
			func(d domain.StaffDay) ([]domain.StaffDayEvent, error) {
				if l.Status == domain.LeaveGranted {
					return d.Block(l.LeaveRef, day), nil
				}
				return d.Unblock(l.LeaveRef, day), nil
			}))
	}
	return failed
}

// metadata gives what the keeper does an identity that is the same whenever it is done.
func (s settler) metadata(l domain.Leave, day string) eventstore.Metadata {
	sum := sha256.Sum256([]byte(Name + "\x00" + l.LeaveID + "\x00" + day + "\x00" + string(l.Status)))
	id := hex.EncodeToString(sum[:])
	return eventstore.Metadata{
		SchemaVersion: domain.SchemaVersion, CorrelationID: l.LeaveID, CausationID: id, CommandID: id,
		Actor: domain.Actor{Role: domain.RoleSystem}, OccurredAt: s.now().UTC(),
	}
}
