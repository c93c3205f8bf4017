package publishers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"
	"go.opentelemetry.io/otel/trace"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

const (
	// lookForReplays is how often is looked whether an operator wants one.
	lookForReplays = 500 * time.Millisecond
	// replayEvents is of how many events messages are sent before it is noted that they were.
	replayEvents = 100
)

// replayAll does what operators want sent again, one after the other, until ctx ends.
func (p *Publisher) replayAll(ctx context.Context) {
	tick := time.NewTicker(lookForReplays)
	defer tick.Stop()
	failures := 0
	for {
		err := p.replayNext(ctx)
		switch {
		case ctx.Err() != nil, errors.Is(err, subscription.ErrTermOver):
			return
		case err == nil:
			failures = 0
			continue
		case !errors.Is(err, sql.ErrNoRows):
			if failures++; failures == 1 {
				p.board.log.WarnContext(ctx, "replay fails", slog.Any("error", err))
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// replayNext goes on with the replay that was asked for first, or with one behind it when that fails. The error is sql.ErrNoRows when
// there is none.
func (p *Publisher) replayNext(ctx context.Context) error {
	var rows []replayRow
	if err := p.state.db.Read.NewSelect().Model(&rows).Where("finished_at IS NULL").OrderExpr("requested_at, id").Limit(MaxReplays).
		Scan(ctx); err != nil {
		return err
	}
	failed := sql.ErrNoRows
	for _, row := range rows {
		err := p.replaySome(ctx, row)
		if errors.Is(err, errForgotten) {
			return nil // it is composed again
		}
		if err == nil || ctx.Err() != nil || errors.Is(err, subscription.ErrTermOver) {
			return err
		}
		failed = fmt.Errorf("%s: %w", row.ID, err)
	}
	return failed
}

// replaySome sends some of a replay.
func (p *Publisher) replaySome(ctx context.Context, row replayRow) error {
	var some []eventstore.Recorded
	for e, err := range eventsIn(ctx, p.state.db, p.log, row.Reached+1, row.To) {
		if err != nil {
			return err
		}
		if some = append(some, e); len(some) == replayEvents {
			break
		}
	}
	reached := row.To
	if len(some) == replayEvents {
		reached = some[len(some)-1].Position
	}
	acknowledged, refused, err := p.replay(ctx, row, some)
	if err != nil {
		return err
	}
	return p.state.replayed(ctx, row.ID, reached, acknowledged, refused, reached >= row.To)
}

// replay sends the messages of some events again.
func (p *Publisher) replay(ctx context.Context, row replayRow, events []eventstore.Recorded) (acknowledged, refused int, err error) {
	asOf := p.forgets.Load()
	all, err := p.compose(ctx, events, false)
	if err != nil {
		return 0, 0, err
	}
	var messages []outgoing
	for _, m := range all {
		if row.Channel == "" || m.Channel == row.Channel {
			m.headers.Redelivery, m.replay = true, row.ID
			messages = append(messages, m)
		}
	}
	work := newPlan(trace.SpanFromContext(ctx), messages, time.Time{})
	work.replay, work.asOf = true, asOf
	select {
	case p.replays <- work:
	case <-ctx.Done():
		return 0, 0, context.Cause(ctx)
	}
	select {
	case <-work.done:
	case <-ctx.Done():
		return 0, 0, context.Cause(ctx) // it is sent another time, under the same ids
	}
	return work.journal.acks, work.refused, work.err
}

// replayed notes how far a replay has come.
func (s state) replayed(ctx context.Context, id string, reached eventstore.Position, acknowledged, refused int, done bool) error {
	err := s.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := subscription.CheckTerm(ctx, tx); err != nil {
			return err
		}
		var finished *int64
		if done {
			now := time.Now().UnixMicro()
			finished = &now
		}
		_, err := tx.NewRaw(`UPDATE replays SET reached = ?, messages = messages + ?, refused = refused + ?, finished_at = ? WHERE id = ?`,
			reached, acknowledged, refused, finished, id).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("note replay: %w", err)
	}
	return nil
}
