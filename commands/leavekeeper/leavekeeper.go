// Package leavekeeper blocks the days of members who are off, and frees them when a leave is revoked.
//
// It promises that, once it has run, no approved leave is without its blocks and no block is without an approved leave. The
// leave's stream decides, each time; the log only says when to look: after every decision about a leave, and after every block,
// because one that another engine placed while the leave was being revoked must not stay. Blocks are placed by leave id, so that
// twice is once. It never asks for bookings: those in the way are listed in the block and become conflicts.
package leavekeeper

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/commands/internal/agenda"
	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
)

// Name is the keeper's name in checkpoints, logs and metrics.
const Name = "leave-keeper"

// again is when a leave is looked at after a block of it: once for many, as they come in a row.
const again = 2 * time.Second

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
	var days Settler
	k.Settle = func(ctx context.Context, leaveID string) (time.Time, error) {
		return time.Time{}, days.Settle(ctx, leaveID)
	}
	if err := k.Init(); err != nil {
		return nil, err
	}
	days = NewSettler(c.Store, k.Now, k.Logger, c.Jitter)
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
