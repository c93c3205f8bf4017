package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// EraserName is the eraser's name in checkpoints, logs and metrics.
const EraserName = "eraser"

// Eraser deletes what the log says is to be gone: the key of a note that was redacted, and everything that makes a customer who
// was erased a person. It does so in the transaction of its checkpoint, so that no crash leaves half of it.
type Eraser struct {
	DB      *database.DB
	StoreID string
	// Names and Calendars delete, in a transaction, the display name and the calendar links of a subject, and tell how many there
	// were. Nil: there are none.
	Names, Calendars func(ctx context.Context, tx bun.Tx, subject string) (int, error)
	// Emptied are the tables that Names and Calendars delete from.
	Emptied []string

	moved progress
}

// The eraser is a consumer of the log.
var _ subscription.Handler = (*Eraser)(nil)

// Name returns EraserName.
func (e *Eraser) Name() string { return EraserName }

// Checkpoint returns where the eraser stands.
func (e *Eraser) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	return subscription.LoadCheckpoint(ctx, e.DB.Read, EraserName, e.StoreID)
}

// Handle deletes what the batch asks for, and then what is left of it in the database's files, as far as database.DB.Scrub can.
func (e *Eraser) Handle(ctx context.Context, b subscription.Batch) error {
	var deleted bool
	err := e.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		deleted = false
		for _, r := range b.Events {
			did, err := e.apply(ctx, tx, r)
			if err != nil {
				return err
			}
			deleted = deleted || did
		}
		return subscription.SaveCheckpoint(ctx, tx, EraserName, e.StoreID, b.Position)
	})
	if err == nil && deleted {
		// What is in use is cleaned some other time.
		_, err = e.DB.Scrub(ctx, append([]string{keysTable}, e.Emptied...)...)
	}
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	e.moved.advance()
	return nil
}

// apply reports whether the event deletes anything.
func (e *Eraser) apply(ctx context.Context, tx bun.Tx, r eventstore.Recorded) (bool, error) {
	switch fact := r.Event.(type) { //nolint:gochecksumtype // the others delete nothing
	case domain.BookingNoteRedacted:
		return true, DiscardIn(ctx, tx, fact.KeyID)
	case domain.CustomerErased:
		return true, e.erase(ctx, tx, fact.CustomerID, fact.At)
	}
	return false, nil
}

func (e *Eraser) erase(ctx context.Context, tx bun.Tx, subject string, at time.Time) error {
	report := Erasure{Subject: subject}
	if err := tx.NewSelect().Model(&report).WherePK().Scan(ctx); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read report of %s: %w", subject, err)
	}
	report.ErasedAt = at.UnixMicro()
	var keys []key
	if err := tx.NewSelect().Model(&keys).Column("key_id", "kind").Where("subject = ?", subject).Scan(ctx); err != nil {
		return fmt.Errorf("read keys of %s: %w", subject, err)
	}
	for _, k := range keys {
		if k.Kind == domain.SecretNote {
			report.Notes++
		} else {
			report.Contacts++
		}
	}
	if _, err := tx.NewDelete().Model((*key)(nil)).Where("subject = ?", subject).Exec(ctx); err != nil {
		return fmt.Errorf("delete keys of %s: %w", subject, err)
	}
	var failed error
	for _, part := range []struct {
		forget func(context.Context, bun.Tx, string) (int, error)
		count  *int
	}{{e.Names, &report.Names}, {e.Calendars, &report.Calendars}} {
		if part.forget == nil {
			continue
		}
		n, err := part.forget(ctx, tx, subject)
		*part.count += n
		failed = errors.Join(failed, err)
	}
	if failed != nil {
		return failed
	}
	if _, err := tx.NewInsert().Model(&report).On("CONFLICT (subject) DO UPDATE").Exec(ctx); err != nil {
		return fmt.Errorf("write report of %s: %w", subject, err)
	}
	return nil
}
