// Package agenda is what the keepers have in common: they follow the log, note what to look at and when, and look at it.
//
// It promises that the notes become durable with the checkpoint or not at all, so that nothing is forgotten however it crashes;
// that a subject which comes up again while it is looked at is looked at again; and that one that fails is tried again later and
// keeps no other waiting. What is done with a subject is the keeper's: it must be safe to do twice, and by two engines at once.
package agenda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// Entry is a subject and when to look at it; the zero time strikes it off.
type Entry struct {
	Subject string
	Due     time.Time
}

// Keeper is a consumer of the log with an agenda. The fields up to Settle are required and set before use.
type Keeper struct {
	// KeeperName is its name in checkpoints, logs and tables.
	KeeperName string
	DB         *database.DB // with the tables of migrations.Engine
	StoreID    string
	// Fold returns what events give reason to look at. It may keep tables of its own, through tx alone.
	Fold func(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) ([]Entry, error)
	// Settle looks at a subject and returns when to look again; the zero time strikes it off.
	Settle func(ctx context.Context, subject string) (next time.Time, err error)

	Retry  time.Duration // pause before a subject that failed is looked at again; 5 s
	Logger *slog.Logger  // discards
	Now    func() time.Time

	wake chan struct{} // holds one token when something may have become due
}

// Keepers are consumers of the log.
var _ subscription.Handler = (*Keeper)(nil)

// Init fills in what was left out, or says what is missing.
func (k *Keeper) Init() error {
	if k.KeeperName == "" || k.DB == nil || k.StoreID == "" || k.Fold == nil || k.Settle == nil {
		return errors.New("a keeper needs a name, a database, the store's id, and what to do")
	}
	if k.Retry <= 0 {
		k.Retry = 5 * time.Second
	}
	if k.Logger == nil {
		k.Logger = slog.New(slog.DiscardHandler)
	}
	if k.Now == nil {
		k.Now = time.Now
	}
	k.wake = make(chan struct{}, 1)
	return nil
}

// Name returns the keeper's name.
func (k *Keeper) Name() string { return k.KeeperName }

// Checkpoint returns where the keeper stands.
func (k *Keeper) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	return subscription.LoadCheckpoint(ctx, k.DB.Read, k.KeeperName, k.StoreID)
}

// Handle notes what the batch gives reason to look at. It settles nothing: that would hold up the log.
func (k *Keeper) Handle(ctx context.Context, b subscription.Batch) error {
	err := k.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		entries, err := k.Fold(ctx, tx, b.Events)
		if err != nil {
			return err
		}
		if err := k.note(ctx, tx, entries); err != nil {
			return err
		}
		return subscription.SaveCheckpoint(ctx, tx, k.KeeperName, k.StoreID, b.Position)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", k.KeeperName, err)
	}
	select {
	case k.wake <- struct{}{}:
	default: // a token is there already
	}
	return nil
}

// longest bounds how long Run sleeps, whatever the agenda says.
const longest = time.Minute

// Run settles what is due, until ctx ends; it then returns nil. What fails is logged and tried again later.
func (k *Keeper) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		_, err := k.SettleDue(ctx)
		if err != nil && ctx.Err() == nil {
			k.Logger.WarnContext(ctx, "not settled", slog.String("keeper", k.KeeperName), slog.Any("error", err))
		}
		k.sleep(ctx, err != nil)
	}
	return nil
}

// sleep waits until the next subject is due, a batch has been handled, or ctx ends.
func (k *Keeper) sleep(ctx context.Context, failed bool) {
	wait := longest
	due, ok, err := k.nextDue(ctx)
	switch {
	case err != nil:
		failed = true
	case ok:
		wait = min(wait, due.Sub(k.Now()))
	}
	if failed {
		// Without a pause a database or store that is away would be asked without end.
		_ = aggregate.Pause(ctx, k.Retry) // it ends early only with ctx, which Run looks at
		return
	}
	if wait <= 0 {
		return
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-k.wake:
	case <-t.C:
	}
}

// SettleDue settles what is due now, and returns how many subjects it looked at. The error joins all failures.
func (k *Keeper) SettleDue(ctx context.Context) (looked int, err error) {
	now := k.Now()
	for {
		rows, err := k.due(ctx, now)
		if err != nil || len(rows) == 0 {
			return looked, err
		}
		var failed error
		for _, r := range rows {
			if ctx.Err() != nil {
				return looked, ctx.Err()
			}
			looked++
			failed = errors.Join(failed, k.settleOne(ctx, r))
		}
		if failed != nil {
			return looked, failed
		}
	}
}

func (k *Keeper) settleOne(ctx context.Context, r row) error {
	next, err := k.Settle(ctx, r.Subject)
	switch {
	case err != nil:
		next = k.Now().Add(k.Retry)
		err = fmt.Errorf("settle %s: %w", r.Subject, err)
	case next.IsZero():
		return k.strike(ctx, r)
	case !next.After(k.Now()):
		next = k.Now().Add(k.Retry) // it says that it is due, and has just been looked at: not without a pause
	}
	return errors.Join(err, k.postpone(ctx, r, next))
}
