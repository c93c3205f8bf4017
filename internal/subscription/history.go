package subscription

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

// LostHistoryError says that a database knows of an event that the connected log does not have: the log was put back to an
// older state. Going on would leave out what is written there from now on, because its positions count as handled.
type LostHistoryError struct {
	Name     string              // the consumer that has handled the event
	Position eventstore.Position // of the event
	Head     eventstore.Position // where the log ends
}

// Error tells the operator what does not belong together.
func (e *LostHistoryError) Error() string {
	return fmt.Sprintf("the event store does not have the event at position %d that %q has handled (its log ends at %d): it was "+
		"put back to an older state; put the databases of the data folder back to the same time, or use another data folder",
		e.Position, e.Name, e.Head)
}

// Log is what the checks ask of an event store.
type Log interface {
	// Head returns the position of the last event, zero when there is none.
	Head(ctx context.Context) (eventstore.Position, error)
	// EventAt returns the id of the event at the position, and whether one is there.
	EventAt(ctx context.Context, at eventstore.Position) (id uuid.UUID, found bool, err error)
}

// CheckHistory fails with a *LostHistoryError when a checkpoint in the database lies beyond the end of the log, or when the
// log has another event where a consumer handled its last. Programs call it before they start a consumer.
func CheckHistory(ctx context.Context, db bun.IDB, log Log) error {
	marks, err := loadMarks(ctx, db)
	if err != nil || len(marks) == 0 {
		return err
	}
	head, err := log.Head(ctx)
	if err != nil {
		return fmt.Errorf("check history: %w", err)
	}
	for _, m := range marks {
		if err := m.check(ctx, log, head); err != nil {
			return err
		}
	}
	return nil
}

// CheckReached fails with a *LostHistoryError when the log ends before a position that the named consumer knows of.
func CheckReached(ctx context.Context, name string, pos eventstore.Position, log Log) error {
	head, err := log.Head(ctx)
	if err != nil {
		return fmt.Errorf("check history: %w", err)
	}
	if pos > head {
		return &LostHistoryError{Name: name, Position: pos, Head: head}
	}
	return nil
}

// mark is what a checkpoint says about the log.
type mark struct {
	name    string
	pos     int64
	eventID sql.NullString // of the last event handled, which lies at eventPos
	eventAt sql.NullInt64
}

func loadMarks(ctx context.Context, db bun.IDB) (marks []mark, err error) {
	rows, err := db.QueryContext(ctx, `SELECT name, position, event_id, event_position FROM checkpoints ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var m mark
		if err := rows.Scan(&m.name, &m.pos, &m.eventID, &m.eventAt); err != nil {
			return nil, fmt.Errorf("read checkpoints: %w", err)
		}
		marks = append(marks, m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	return marks, nil
}

func (m mark) check(ctx context.Context, log Log, head eventstore.Position) error {
	if at := eventstore.Position(m.pos); at > head {
		return &LostHistoryError{Name: m.name, Position: at, Head: head}
	}
	if !m.eventID.Valid || !m.eventAt.Valid {
		return nil // none was handled yet
	}
	at := eventstore.Position(m.eventAt.Int64)
	id, found, err := log.EventAt(ctx, at)
	if err != nil {
		return fmt.Errorf("check history: %w", err)
	}
	if !found || id.String() != m.eventID.String {
		return &LostHistoryError{Name: m.name, Position: at, Head: head}
	}
	return nil
}

// lastKey marks the last event of a batch in the context of its handler.
type lastKey struct{}

// withLast hands the batch's last event to SaveCheckpoint, past handlers that need not know of it.
func withLast(ctx context.Context, b Batch) context.Context {
	if len(b.Events) == 0 {
		return ctx
	}
	return context.WithValue(ctx, lastKey{}, b.Events[len(b.Events)-1])
}

// Noting makes SaveCheckpoint note an event as the last one handled, for a consumer that no Runner calls or that handles less than
// its batch.
func Noting(ctx context.Context, last eventstore.Recorded) context.Context {
	return context.WithValue(ctx, lastKey{}, last)
}

// lastHandled returns id and position of the last event that a checkpoint at pos covers, NULL when the context names none.
// A handler may commit less than its batch.
func lastHandled(ctx context.Context, pos eventstore.Position) (id sql.NullString, at sql.NullInt64) {
	last, ok := ctx.Value(lastKey{}).(eventstore.Recorded)
	if !ok || last.Position > pos {
		return id, at
	}
	return sql.NullString{String: last.ID.String(), Valid: true}, sql.NullInt64{Int64: int64(last.Position), Valid: true}
}
