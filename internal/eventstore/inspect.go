package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// Head returns the position of the last event in the log, whoever wrote it; zero when the log is empty. A consumer that is
// not interested in history begins there.
func (s *Store) Head(ctx context.Context) (Position, error) {
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return 0, fmt.Errorf("read head: %w", err)
	}
	defer end()
	var head Position
	open := func(ctx context.Context, c *esdb.Client) (*esdb.ReadStream, error) {
		return c.ReadAll(ctx, esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1)
	}
	if err := s.last(ctx, open, func(e *esdb.RecordedEvent) { head = position(e.Position) }); err != nil {
		return 0, fmt.Errorf("read head: %w", err)
	}
	return head, nil
}

// EventAt returns the id of the event at the position; found is false when no event begins there.
func (s *Store) EventAt(ctx context.Context, at Position) (id uuid.UUID, found bool, err error) {
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return uuid.Nil, false, fmt.Errorf("read event at %d: %w", at, err)
	}
	defer end()
	open := func(ctx context.Context, c *esdb.Client) (*esdb.ReadStream, error) {
		return c.ReadAll(ctx, esdb.ReadAllOptions{From: from(at)}, 1)
	}
	err = s.last(ctx, open, func(e *esdb.RecordedEvent) { id, found = e.EventID, position(e.Position) == at })
	if err != nil && !foreignPosition(err) {
		return uuid.Nil, false, fmt.Errorf("read event at %d: %w", at, err)
	}
	if !found {
		id = uuid.Nil
	}
	return id, found, nil
}

// last makes a read of one event, mostly backwards, and gives the event that it finds to take, if there is one. A stream that
// is not there has none.
func (s *Store) last(
	ctx context.Context, open func(context.Context, *esdb.Client) (*esdb.ReadStream, error), take func(*esdb.RecordedEvent),
) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
	defer cancel()
	for try := 1; ; try++ {
		err := s.pump(ctx, open, func(e *esdb.RecordedEvent) error { take(e); return nil })
		switch {
		case err == nil, errors.Is(err, errMissing):
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
		case errors.Is(err, errRetired):
			try--
		case !errors.Is(err, ErrUnavailable), errors.Is(err, errAway):
			return err
		}
		if try >= readAttempts || wait(ctx, backoff(try)) != nil {
			return err
		}
	}
}

// checkMissing tells a stream that never was from one that was deleted softly, which the server answers alike. Only the
// stream's metadata knows: all its events lie before the truncation mark.
func (s *Store) checkMissing(ctx context.Context, stream string) error {
	var meta struct {
		TruncateBefore *int64 `json:"$tb"`
	}
	var bad error
	open := func(ctx context.Context, c *esdb.Client) (*esdb.ReadStream, error) {
		return c.ReadStream(ctx, "$$"+stream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1)
	}
	if err := s.last(ctx, open, func(e *esdb.RecordedEvent) { bad = json.Unmarshal(e.Data, &meta) }); err != nil {
		return err
	}
	if bad != nil {
		return fmt.Errorf("read stream metadata: %w", bad)
	}
	if meta.TruncateBefore != nil && *meta.TruncateBefore == math.MaxInt64 {
		return ErrDeleted
	}
	return nil
}
