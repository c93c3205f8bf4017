package subscription

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
)

// follow handles one subscription from pos until it breaks, and returns how far it got and whether anything came. What
// arrived before the break is handled first. The error is never nil.
func (r *Runner) follow(ctx context.Context, pos eventstore.Position) (_ eventstore.Position, got bool, err error) {
	f, err := NewFeed(ctx, r.Source, pos, r.MaxBatch)
	if err != nil {
		return pos, false, err
	}
	defer func() { // before follow returns, so that no two subscriptions of one consumer overlap
		if cerr := f.Close(); cerr != nil {
			err = errors.Join(err, cerr)
		}
	}()
	live := false
	for {
		b, caughtUp, over := f.Gather(ctx)
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

// handle gives the batch to the handler until it is committed. The error means that the consumer is to halt or to end.
func (r *Runner) handle(ctx context.Context, b Batch) error {
	r.board.inHand(b)
	for failures := 1; ; failures++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := r.try(ctx, b, failures > 1)
		if err == nil || errors.Is(err, errHandled) {
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
func (r *Runner) try(ctx context.Context, b Batch, again bool) error {
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
	if again {
		inner = withAgain(inner, b.Position)
	}
	err := r.Handler.Handle(withLast(inner, b), b)
	endBatch(span, err)
	return err
}
