package publishers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Pausing says whether an operator holds the publisher back.
type Pausing struct {
	Paused   bool      `json:"paused" doc:"Nothing is published."`
	PausedAt time.Time `json:"pausedAt,omitzero" doc:"Since when."`
	PausedBy string    `json:"pausedBy,omitempty" doc:"Who has paused it."`
}

// lookAround is how often whoever publishes looks whether he is held back.
const lookAround = 500 * time.Millisecond

// Pause holds the publisher back, whichever instance it runs in and also across restarts, until Resume. Whoever publishes notices
// within half a second, and finishes what is on its way. A second pause changes nothing.
func (o Operator) Pause(ctx context.Context, by string) (Pausing, error) {
	_, err := o.DB.Write.ExecContext(ctx, "INSERT INTO pauses (name, paused_at, paused_by) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
		name, time.Now().UnixMicro(), by)
	if err != nil {
		return Pausing{}, fmt.Errorf("pause publisher: %w", err)
	}
	return o.Pausing(ctx)
}

// Resume ends a pause, if there is one.
func (o Operator) Resume(ctx context.Context) (Pausing, error) {
	if _, err := o.DB.Write.ExecContext(ctx, "DELETE FROM pauses WHERE name = ?", name); err != nil {
		return Pausing{}, fmt.Errorf("resume publisher: %w", err)
	}
	return o.Pausing(ctx)
}

// Pausing returns whether the publisher is held back.
func (o Operator) Pausing(ctx context.Context) (p Pausing, err error) {
	var at int64
	err = o.DB.Read.QueryRowContext(ctx, "SELECT paused_at, paused_by FROM pauses WHERE name = ?", name).Scan(&at, &p.PausedBy)
	if errors.Is(err, sql.ErrNoRows) {
		return Pausing{}, nil
	}
	if err != nil {
		return Pausing{}, fmt.Errorf("look whether the publisher is paused: %w", err)
	}
	p.Paused, p.PausedAt = true, time.UnixMicro(at).UTC()
	return p, nil
}

// Follow tells hold whether the publisher is held back, at once and again and again until ctx ends. While that cannot be known,
// nothing is told: it stays as it is.
func (o Operator) Follow(ctx context.Context, hold func(bool)) {
	tick := time.NewTicker(lookAround)
	defer tick.Stop()
	for {
		if p, err := o.Pausing(ctx); err == nil {
			hold(p.Paused)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
