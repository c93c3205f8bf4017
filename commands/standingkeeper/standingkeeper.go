// Package standingkeeper keeps account of how customers' bookings end, and has their standing follow.
//
// It remembers the outcome of every booking that counts, in the transaction of its checkpoint, and lets the customer's stream
// be brought in line with all of them. The domain's accounting finds the same whatever it is shown first and however often, so
// that a crash at any moment is harmless.
package standingkeeper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/commands/internal/agenda"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
)

// Name is the keeper's name in checkpoints, logs and metrics.
const Name = "standing-keeper"

// Commands is what the keeper issues; *commands.Service is one.
type Commands interface {
	// AccountCustomer brings a customer's standing in line with the outcomes of his bookings.
	AccountCustomer(ctx context.Context, customerID string, outcomes []domain.Outcome) error
}

// Config is what a Keeper needs. Commands, DB and StoreID are required.
type Config struct {
	Commands Commands
	// DB holds the tables of migrations.Engine.
	DB *database.DB
	// StoreID is the identity of the store; a database that belongs to another one is refused.
	StoreID string
	Logger  *slog.Logger // discards
	Now     func() time.Time
}

// Keeper accounts for customers. Give it to a subscription.Runner, and run Run beside it.
type Keeper struct{ agenda.Keeper }

// New returns a Keeper, or says what the Config lacks. It starts nothing.
func New(c Config) (*Keeper, error) {
	if c.Commands == nil {
		return nil, errors.New("the standing keeper needs commands")
	}
	k := &Keeper{agenda.Keeper{KeeperName: Name, DB: c.DB, StoreID: c.StoreID, Logger: c.Logger, Now: c.Now}}
	k.Fold = func(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) ([]agenda.Entry, error) {
		return fold(ctx, tx, events, k.Now())
	}
	k.Settle = func(ctx context.Context, customerID string) (time.Time, error) {
		outcomes, err := read(ctx, c.DB.Read, customerID)
		if err != nil {
			return time.Time{}, err
		}
		return time.Time{}, c.Commands.AccountCustomer(ctx, customerID, outcomes)
	}
	return k, k.Init()
}

// outcome is an outcome as the table holds it; at is microseconds since 1970 UTC.
type outcome struct {
	bun.BaseModel `bun:"table:standing_outcomes"`

	BookingID  string             `bun:"booking_id,pk"`
	CustomerID string             `bun:"customer_id"`
	Kind       domain.OutcomeKind `bun:"kind"`
	At         int64              `bun:"at"`
}

func fold(ctx context.Context, tx bun.Tx, events []eventstore.Recorded, now time.Time) ([]agenda.Entry, error) {
	var entries []agenda.Entry
	for _, e := range events {
		fact, ok := e.Event.(domain.BookingEvent)
		if !ok {
			continue
		}
		row, concerned := outcomeOf(fact)
		if !concerned || row.CustomerID == "" {
			continue
		}
		if err := write(ctx, tx, row); err != nil {
			return nil, err
		}
		entries = append(entries, agenda.Entry{Subject: row.CustomerID, Due: now})
	}
	return entries, nil
}

// outcomeOf returns what an event says of how its booking ended; an empty kind says that it has not ended, or not in a way that
// counts. concerned is false for events that say nothing of it.
func outcomeOf(e domain.BookingEvent) (row outcome, concerned bool) {
	ref := domain.RefOf(e)
	row = outcome{BookingID: ref.BookingID, CustomerID: ref.CustomerID}
	switch e := e.(type) {
	case domain.BookingCompleted:
		row.Kind, row.At = domain.OutcomeCompleted, e.CompletedAt.UnixMicro()
	case domain.BookingNoShow:
		if row.At = e.At.UnixMicro(); e.CountsTowardTier {
			row.Kind = domain.OutcomeNoShow
		}
	case domain.BookingCancelled:
		if row.At = e.At.UnixMicro(); e.Late {
			row.Kind = domain.OutcomeLateCancel
		}
	case domain.BookingOutcomeCorrected:
		if row.At = e.At.UnixMicro(); e.ToStatus == domain.StatusCompleted {
			row.Kind = domain.OutcomeCompleted
		}
	case domain.BookingRequested, domain.BookingWalkInCreated, domain.BookingConfirmed, domain.BookingRejected,
		domain.BookingRescheduled, domain.BookingStaffAssigned, domain.BookingStaffUnassigned, domain.BookingServiceAdded,
		domain.BookingServiceRemoved, domain.BookingDurationChanged, domain.BookingCheckedIn, domain.BookingSegmentStarted,
		domain.BookingSegmentFinished, domain.BookingNoteAdded, domain.BookingNoteRedacted, domain.BookingClaimFenced,
		domain.BookingAbandoned:
		return outcome{}, false
	}
	return row, true
}

func write(ctx context.Context, tx bun.Tx, row outcome) error {
	var err error
	if row.Kind == "" {
		_, err = tx.NewDelete().Model(&row).WherePK().Exec(ctx)
	} else {
		_, err = tx.NewInsert().Model(&row).On("CONFLICT (booking_id) DO UPDATE").Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("write outcome of %s: %w", row.BookingID, err)
	}
	return nil
}

func read(ctx context.Context, db bun.IDB, customerID string) ([]domain.Outcome, error) {
	var rows []outcome
	if err := db.NewSelect().Model(&rows).Where("customer_id = ?", customerID).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read outcomes of %s: %w", customerID, err)
	}
	outcomes := make([]domain.Outcome, 0, len(rows))
	for _, r := range rows {
		outcomes = append(outcomes, domain.Outcome{BookingID: r.BookingID, Kind: r.Kind, At: time.UnixMicro(r.At).UTC()})
	}
	return outcomes, nil
}
