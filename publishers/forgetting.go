package publishers

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// forgotten is what events say nobody may know any more. Messages hold texts and names that are open, and those that wait, or were refused,
// would keep them longer than the vault does.
type forgotten struct {
	everybody bool     // somebody was erased; which messages name him is not known
	bookings  []string // a note of which was redacted
}

func forgottenBy(events []eventstore.Recorded) (f forgotten) {
	for _, e := range events {
		switch fact := e.Event.(type) { //nolint:gochecksumtype // the others make nobody forget
		case domain.BookingNoteRedacted:
			f.bookings = append(f.bookings, fact.BookingID)
		case domain.CustomerErased:
			f.everybody = true
		}
	}
	return f
}

// apply puts resync messages in the place of those that wait, and removes the data of those that were refused. It is more than has to
// go: whoever is told to read again gets to know the rest all the same.
func (f forgotten) apply(ctx context.Context, tx bun.Tx) error {
	if !f.everybody && len(f.bookings) == 0 {
		return nil
	}
	var rows []queuedRow
	waiting := tx.NewSelect().Model(&rows).Where("resync = 0")
	kept := tx.NewUpdate().Model((*refusedRow)(nil)).Set("data = ?", "{}")
	if f.everybody {
		kept = kept.Where("TRUE")
	} else {
		waiting = waiting.Where("entity IN (?)", bun.List(f.bookings))
		kept = kept.Where("event_id IN (SELECT event_id FROM deliveries WHERE entity IN (?))", bun.List(f.bookings))
	}
	if err := waiting.Scan(ctx); err != nil {
		return fmt.Errorf("find messages to forget: %w", err)
	}
	for _, r := range rows {
		m, err := r.message()
		if err != nil {
			return err
		}
		notice, err := resyncOf(m)
		if err != nil {
			return err
		}
		if err := replaceQueued(ctx, tx, notice.messages[0]); err != nil {
			return err
		}
	}
	if _, err := kept.Exec(ctx); err != nil {
		return fmt.Errorf("forget refused messages: %w", err)
	}
	return nil
}
