// Package timekeeper does what the clock asks for: it lets requests expire that nobody answers, and takes for no-shows whom
// nobody has seen.
//
// It follows the log to know when to look at which booking; the booking's stream alone decides. So it may come late, twice, or
// with two engines at once, and an event that it has misjudged costs one look.
package timekeeper

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/commands/internal/agenda"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
)

// Name is the keeper's name in checkpoints, logs and metrics.
const Name = "timekeeper"

// Commands is what the keeper issues; *commands.Service is one.
type Commands interface {
	// SettleOverdue does what is due on a booking and returns when to look again; the zero time: never.
	SettleOverdue(ctx context.Context, bookingID string) (next time.Time, err error)
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

// Keeper looks at bookings when they are due. Give it to a subscription.Runner, and run Run beside it.
type Keeper struct{ agenda.Keeper }

// New returns a Keeper, or says what the Config lacks. It starts nothing.
func New(c Config) (*Keeper, error) {
	if c.Commands == nil {
		return nil, errors.New("the timekeeper needs commands")
	}
	k := &Keeper{agenda.Keeper{
		KeeperName: Name, DB: c.DB, StoreID: c.StoreID, Logger: c.Logger, Now: c.Now, Settle: c.Commands.SettleOverdue,
	}}
	k.Fold = func(_ context.Context, _ bun.Tx, events []eventstore.Recorded) ([]agenda.Entry, error) {
		return entries(events, k.Now()), nil
	}
	return k, k.Init()
}

func entries(events []eventstore.Recorded, now time.Time) []agenda.Entry {
	var out []agenda.Entry
	for _, e := range events {
		fact, ok := e.Event.(domain.BookingEvent)
		if !ok {
			continue
		}
		if due, concerned := soonest(fact, now); concerned {
			out = append(out, agenda.Entry{Subject: domain.BookingOf(fact), Due: due})
		}
	}
	return out
}

// soonest returns a time before which the clock has nothing to do with the booking; zero: it has nothing to do with it any more.
// concerned is false for events that change neither.
func soonest(e domain.BookingEvent, now time.Time) (due time.Time, concerned bool) {
	switch e := e.(type) {
	case domain.BookingRequested:
		return e.Policy.Expiry(e.At, e.StartAt), true
	case domain.BookingWalkInCreated:
		return e.EndAt, true
	case domain.BookingConfirmed:
		return domain.LastEnd(e.Segments), true
	case domain.BookingRescheduled, domain.BookingOutcomeCorrected:
		return now, true // the event does not tell; the booking will
	case domain.BookingServiceRemoved, domain.BookingDurationChanged:
		return now, true // the end may have come nearer
	case domain.BookingRejected, domain.BookingCancelled, domain.BookingCheckedIn, domain.BookingSegmentStarted,
		domain.BookingCompleted, domain.BookingNoShow:
		return time.Time{}, true
	case domain.BookingStaffAssigned, domain.BookingStaffUnassigned, domain.BookingServiceAdded, domain.BookingSegmentFinished,
		domain.BookingNoteAdded, domain.BookingNoteRedacted, domain.BookingClaimFenced, domain.BookingAbandoned:
	}
	return time.Time{}, false
}
