package subscription

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
)

// errBackwards says that a source went back in the log. Handling an event twice or out of order would be worse than a new
// subscription.
var errBackwards = errors.New("subscription went back in the log")

// feed is one subscription, received on a goroutine of its own so that receiving goes on while a batch is handled.
type feed struct {
	items chan Item
	err   error // why there is no more; valid once items is closed
}

// follow handles one subscription from pos until it breaks, and returns how far it got and whether anything came. What
// arrived before the break is handled first. The error is never nil.
func (r *Runner) follow(ctx context.Context, pos eventstore.Position) (_ eventstore.Position, got bool, err error) {
	// The feed ends before follow returns, so that no two subscriptions of one consumer overlap.
	feedCtx, cancel := context.WithCancel(ctx)
	stream, err := r.Source.Subscribe(feedCtx, pos)
	if err != nil {
		cancel()
		return pos, false, err
	}
	f := feed{items: make(chan Item, r.MaxBatch)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.receive(feedCtx, stream)
	}()
	defer func() {
		cancel()
		<-done
		if cerr := stream.Close(); cerr != nil {
			err = errors.Join(err, cerr)
		}
	}()
	live := false
	for {
		b, caughtUp, over := r.gather(ctx, &f, pos)
		b.Live = live
		if b.Position > pos {
			if !got && !live {
				r.board.catchingUp()
			}
			got = true
			if err := r.handle(ctx, b); err != nil {
				return pos, got, err
			}
			pos = b.Position
		}
		if caughtUp {
			got, live = true, true
			r.board.live()
		}
		if over != nil {
			return pos, got, over
		}
	}
}

// receive passes items on until the stream breaks.
func (f *feed) receive(ctx context.Context, stream Stream) {
	defer close(f.items)
	for {
		item, err := stream.Recv()
		if err != nil {
			f.err = err
			return
		}
		select {
		case f.items <- item:
		case <-ctx.Done():
			f.err = context.Cause(ctx)
			return
		}
	}
}

// gather makes a batch of what has arrived, waiting for the first item only: a consumer that keeps up handles an event as
// soon as it comes, one that is behind handles many at once. A caught-up notice ends a batch, because what comes before it
// is history and what comes after is not. over says why nothing will come after the batch.
func (r *Runner) gather(ctx context.Context, f *feed, pos eventstore.Position) (b Batch, caughtUp bool, over error) {
	b.Position = pos
	var item Item
	var ok bool
	select {
	case item, ok = <-f.items:
	case <-ctx.Done():
		return b, false, context.Cause(ctx)
	}
	for ok {
		switch {
		case item.Position > b.Position:
			b.Position = item.Position
		case item.Event != nil:
			return b, false, fmt.Errorf("%w: %d after %d", errBackwards, item.Position, b.Position)
		}
		if item.Event != nil {
			b.Events = append(b.Events, *item.Event)
		}
		if item.CaughtUp || len(b.Events) == r.MaxBatch {
			return b, item.CaughtUp, nil
		}
		select {
		case item, ok = <-f.items:
		default:
			return b, false, nil
		}
	}
	return b, false, f.err
}

// handle gives the batch to the handler until it is committed. The error means that the consumer is to halt or to end.
func (r *Runner) handle(ctx context.Context, b Batch) error {
	r.board.inHand(b)
	for failures := 1; ; failures++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := r.try(ctx, b)
		if err == nil {
			r.board.committed(b.Position, b.Events)
			if failures > 1 {
				r.Logger.InfoContext(ctx, "consumer recovered", r.name(), slog.Int("failures", failures-1))
			}
			return nil
		}
		if final(err) {
			return err
		}
		r.board.retrying(err)
		if failures == 1 {
			r.Logger.WarnContext(ctx, "consumer failed", r.name(), slog.Any("error", err))
		}
		if err := r.backOff(ctx, failures); err != nil {
			return err
		}
	}
}

// try calls the handler once. When ctx ends meanwhile the handler may finish, for as long as Drain: what it has begun would
// otherwise have to be done again. When a lease may be lost there is no such time: somebody else is about to do it.
func (r *Runner) try(ctx context.Context, b Batch) error {
	inner, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	over, watched := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(watched)
		t := time.NewTimer(r.Drain)
		defer t.Stop()
		select {
		case <-over:
		case <-t.C:
			cancel(context.Cause(ctx))
		case <-lost(ctx):
			cancel(ErrLeaseLost)
		}
	})
	defer func() {
		close(over)
		if !stop() {
			<-watched
		}
	}()
	inner, span := r.startBatch(inner, b)
	err := r.Handler.Handle(withLast(inner, b), b)
	endBatch(span, err)
	return err
}
