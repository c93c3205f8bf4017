package publishers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
)

// Log is the event log, as a replay reads it.
type Log interface {
	// Head returns the position of the last event, zero when there is none.
	Head(ctx context.Context) (eventstore.Position, error)
	// Subscribe delivers the events after the position.
	Subscribe(ctx context.Context, after eventstore.Position) (eventstore.Subscription, error)
}

// Replay says what is to be sent again: the messages of the events at the positions From to To, both included.
type Replay struct {
	From, To eventstore.Position
	Channel  string // only on this channel; empty: on all
	By       string // who wants it
	DryRun   bool   // only count
}

// Replaying is what a replay comes to, or has come to so far.
type Replaying struct {
	ID          string              `json:"id,omitempty" doc:"The replay's id; none of a dry run."`
	DryRun      bool                `json:"dryRun,omitempty" doc:"Nothing is sent."`
	From        eventstore.Position `json:"from" doc:"Position of the first event."`
	To          eventstore.Position `json:"to" doc:"Position of the last event."`
	Channel     string              `json:"channel,omitempty" doc:"Only on this channel."`
	Events      int                 `json:"events,omitempty" doc:"How many events there are in the range. Only in the answer to the request."`
	Messages    int                 `json:"messages" doc:"How many messages that are; of one that was begun, how many were acknowledged so far."`
	Channels    int                 `json:"channels,omitempty" doc:"On how many channels. Only in the answer to the request."`
	Refused     int                 `json:"refused" doc:"How many were left out, because the service refused them or their channel is parked."`
	Reached     eventstore.Position `json:"reached" doc:"Up to which position it is done."`
	RequestedAt time.Time           `json:"requestedAt,omitzero" doc:"Since when it is wanted."`
	RequestedBy string              `json:"requestedBy,omitempty" doc:"Who wants it."`
	FinishedAt  time.Time           `json:"finishedAt,omitzero" doc:"When it was done; missing before."`
}

// ErrReplayRange says what is wrong with a range.
var ErrReplayRange = errors.New("the range of a replay")

// ErrNoLog is the answer of an operator who has no log to replay.
var ErrNoLog = errors.New("a replay needs a running engine")

// MaxReplays is how many replays Replays returns.
const MaxReplays = 50

// replayRow is a replay. Times are microseconds since 1970 UTC.
type replayRow struct {
	bun.BaseModel `bun:"table:replays"`

	ID          string              `bun:"id,pk"`
	From        eventstore.Position `bun:"from_position"`
	To          eventstore.Position `bun:"to_position"`
	Channel     string              `bun:"channel"`
	RequestedAt int64               `bun:"requested_at"`
	RequestedBy string              `bun:"requested_by"`
	Reached     eventstore.Position `bun:"reached"`
	Messages    int                 `bun:"messages"`
	Refused     int                 `bun:"refused"`
	FinishedAt  *int64              `bun:"finished_at"`
}

// Replay asks whoever publishes to send messages again, and returns at once what that will be. They go out in order, marked as redeliveries,
// whenever nothing else is to be sent; pages that hold something newer drop them. A range that is empty, reversed or not yet
// written is an ErrReplayRange. A dry run counts and changes nothing.
func (o Operator) Replay(ctx context.Context, r Replay) (Replaying, error) {
	if o.Log == nil {
		return Replaying{}, ErrNoLog
	}
	head, err := o.Log.Head(ctx)
	switch {
	case err != nil:
		return Replaying{}, fmt.Errorf("replay: %w", err)
	case r.From < 1:
		return Replaying{}, fmt.Errorf("%w begins at 1 or later", ErrReplayRange)
	case r.From > r.To:
		return Replaying{}, fmt.Errorf("%w is reversed: from %d to %d", ErrReplayRange, r.From, r.To)
	case r.To > head:
		return Replaying{}, fmt.Errorf("%w ends in the future: the log ends at %d", ErrReplayRange, head)
	}
	result := Replaying{DryRun: r.DryRun, From: r.From, To: r.To, Channel: r.Channel, Reached: r.From - 1}
	channels := map[string]bool{}
	for e, err := range eventsIn(ctx, o.DB, o.Log, r.From, r.To) {
		if err != nil {
			return Replaying{}, fmt.Errorf("replay: %w", err)
		}
		result.Events++
		for _, m := range Messages(e, Directory{}) {
			if r.Channel == "" || m.Channel == r.Channel {
				channels[m.Channel] = true
				result.Messages++
			}
		}
	}
	result.Channels = len(channels)
	if r.DryRun {
		return result, nil
	}
	if result.Messages == 0 {
		return Replaying{}, fmt.Errorf("%w has no message", ErrReplayRange)
	}
	result.ID, result.RequestedAt, result.RequestedBy = "rpl_"+rand.Text(), time.Now().UTC(), r.By
	row := &replayRow{
		ID: result.ID, From: r.From, To: r.To, Channel: r.Channel, RequestedAt: result.RequestedAt.UnixMicro(), RequestedBy: r.By,
		Reached: r.From - 1,
	}
	if _, err := o.DB.Write.NewInsert().Model(row).Returning("NULL").Exec(ctx); err != nil {
		return Replaying{}, fmt.Errorf("ask for replay: %w", err)
	}
	return result, nil
}

// Replays returns the replays that were asked for last, the last one first.
func (o Operator) Replays(ctx context.Context) ([]Replaying, error) {
	var rows []replayRow
	if err := o.DB.Read.NewSelect().Model(&rows).OrderExpr("requested_at DESC, id").Limit(MaxReplays).Scan(ctx); err != nil {
		return nil, fmt.Errorf("look up replays: %w", err)
	}
	all := make([]Replaying, 0, len(rows))
	for _, r := range rows {
		one := Replaying{
			ID: r.ID, From: r.From, To: r.To, Channel: r.Channel, Messages: r.Messages, Refused: r.Refused, Reached: r.Reached,
			RequestedAt: time.UnixMicro(r.RequestedAt).UTC(), RequestedBy: r.RequestedBy,
		}
		if r.FinishedAt != nil {
			one.FinishedAt = time.UnixMicro(*r.FinishedAt).UTC()
		}
		all = append(all, one)
	}
	return all, nil
}

// eventsIn reads the events of a range of the log, which must have been written.
//
// The log can be read only from the position of an event on, and a range may begin anywhere: after its last part, where that was an event;
// after the last event before it that the delivery log knows; or, where that knows none any more, from the beginning.
func eventsIn(ctx context.Context, db *database.DB, log Log, from, to eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		err := readRange(ctx, log, from-1, from, to, yield)
		if errors.Is(err, eventstore.ErrForeignPosition) {
			var before eventstore.Position
			err = db.Read.NewRaw("SELECT coalesce(max(position), 0) FROM deliveries WHERE position < ?", from).Scan(ctx, &before)
			if err == nil {
				err = readRange(ctx, log, before, from, to, yield)
			}
		}
		if errors.Is(err, eventstore.ErrForeignPosition) { // the delivery log is of the store before
			err = readRange(ctx, log, 0, from, to, yield)
		}
		if err != nil {
			yield(eventstore.Recorded{}, err)
		}
	}
}

// readRange yields what there is of a range after a position. That it can read nothing after it is known before it has yielded any.
func readRange(
	ctx context.Context, log Log, after, from, to eventstore.Position, yield func(eventstore.Recorded, error) bool,
) error {
	sub, err := log.Subscribe(ctx, after)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Close() }() // it has been read as far as it is wanted
	for {
		m, err := sub.Recv()
		switch {
		case err != nil:
			return err
		case m.Event != nil && m.Event.Position >= from && m.Event.Position <= to && !yield(*m.Event, nil):
			return nil
		case m.Position >= to, m.CaughtUp:
			return nil
		}
	}
}
