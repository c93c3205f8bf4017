package publishers

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// commitTimeout bounds the write of a checkpoint that is due although the context has ended.
const commitTimeout = 5 * time.Second

// Handle publishes the batch and returns when all of it is acknowledged, or in the durable queues of channels that take longer.
// It needs Run beside it. An error means that the same batch is to be handed in again, which repeats what was sent under the
// same ids.
//
// A plan that was begun before a restart is composed again first, to the event, because the ids of messages depend on what
// was planned together: as long as the batches do not reach its end, their events are only taken note of.
func (p *Publisher) Handle(ctx context.Context, b subscription.Batch) error {
	if _, err := p.Checkpoint(ctx); err != nil {
		return err
	}
	p.board.start(b.Live)
	p.hold(b.Events)
	reached := max(b.Position, p.at)
	if n := len(p.read); n > 0 {
		reached = max(reached, p.read[n-1].Position)
	}
	if p.upTo > p.at {
		if reached < p.upTo {
			return nil
		}
		// The end of a plan is an event, so the events before it are exactly those of the first time.
		if err := p.publish(ctx, p.upTo, p.upTo, b.Live); err != nil {
			return err
		}
	}
	if len(p.read) == 0 {
		return p.commit(ctx, reached, newJournal(), deferred{})
	}
	return p.publish(ctx, p.read[len(p.read)-1].Position, reached, b.Live)
}

// hold keeps the events that are new: a runner that has begun again at the checkpoint reads some twice.
func (p *Publisher) hold(events []eventstore.Recorded) {
	last := p.at
	if n := len(p.read); n > 0 {
		last = max(last, p.read[n-1].Position)
	}
	for _, e := range events {
		if e.Position > last {
			p.read = append(p.read, e)
			last = e.Position
		}
	}
}

// publish sends the events that were read up to upTo and moves the checkpoint to reached.
func (p *Publisher) publish(ctx context.Context, upTo, reached eventstore.Position, live bool) error {
	end := slices.IndexFunc(p.read, func(e eventstore.Recorded) bool { return e.Position > upTo })
	if end < 0 {
		end = len(p.read)
	}
	gone := forgottenBy(p.read[:end])
	if err := p.state.forget(ctx, gone); err != nil {
		return err
	}
	messages, err := p.compose(ctx, p.read[:end], live)
	if err != nil {
		return err
	}
	if len(messages) > 0 {
		err = p.deliver(ctx, messages, gone, upTo, reached)
	} else {
		err = p.commit(ctx, reached, newJournal(), deferred{forgotten: gone})
	}
	if err != nil {
		return err
	}
	p.read = slices.Clone(p.read[end:]) // not a sub-slice: that would keep the published ones alive
	if gone.any() {
		p.forget(ctx)
	}
	return nil
}

const (
	// usualMessages is how many an event of a booking comes to, or a few less.
	usualMessages = 4
	// leastStretch is how many events are not worth another goroutine.
	leastStretch = 64
)

// compose turns events into messages that are ready to go.
func (p *Publisher) compose(ctx context.Context, events []eventstore.Recorded, live bool) ([]outgoing, error) {
	known := p.lookUp(ctx, events)
	now := time.Now()
	// A backlog is composed on all processors: nothing can be sent meanwhile.
	stretches := slices.Collect(slices.Chunk(events, max(leastStretch, len(events)/runtime.GOMAXPROCS(0)+1)))
	out := make([][]outgoing, len(stretches))
	var composing errgroup.Group
	for i, stretch := range stretches {
		composing.Go(func() (err error) {
			out[i], err = p.composeStretch(ctx, stretch, known, live, now)
			return err
		})
	}
	if err := composing.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(out...), nil
}

func (p *Publisher) composeStretch(
	ctx context.Context, events []eventstore.Recorded, known Directory, live bool, now time.Time,
) ([]outgoing, error) {
	out := make([]outgoing, 0, usualMessages*len(events))
	for _, e := range events {
		cause := traceID(ctx, e.Metadata)
		for _, m := range Messages(e, known) {
			data, err := m.Data()
			if err != nil {
				return nil, err
			}
			h, span := p.spans.create(ctx, m, e, live, now)
			out = append(out, outgoing{
				Message: m, data: data, headers: h, created: e.Created, traceID: cause, span: span, resync: m.Name == resyncName,
			})
		}
	}
	return out, nil
}

// deliver writes the plan down, unless that was done before, has it sent, and moves the checkpoint.
func (p *Publisher) deliver(ctx context.Context, messages []outgoing, gone forgotten, upTo, reached eventstore.Position) error {
	defer endSpans(messages) // those that were not acknowledged; ending twice does nothing
	if p.board.status().Parked > 0 {
		if err := p.state.room(ctx, messages); err != nil {
			return err
		}
	}
	var sentBefore time.Time
	if upTo > p.upTo {
		now := time.Now()
		if err := p.state.plan(ctx, p.at, upTo, now); err != nil {
			return err
		}
		p.upTo, p.plannedAt = upTo, now
		p.planned.Store(uint64(upTo))
	} else {
		sentBefore = p.plannedAt
	}
	work := newPlan(trace.SpanFromContext(ctx), messages, sentBefore)
	if !sentBefore.IsZero() {
		known, err := p.state.delivered(ctx, p.at, upTo)
		if err != nil {
			return err
		}
		work.skip(known)
	}
	if err := p.send(ctx, work); err != nil {
		return err
	}
	put, err := work.putOff(p.plannedAt, time.Now())
	if err == nil {
		put.forgotten = gone
		err = p.commit(ctx, reached, work.journal, put)
	}
	if !p.loaded {
		work.doubt = err
	}
	work.end <- err == nil
	return err
}

// send returns when nothing of the plan is left to wait for. When ctx ends, what is on its way may be the last of it.
func (p *Publisher) send(ctx context.Context, work *plan) error {
	select {
	case p.plans <- work:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-work.done:
	case <-ctx.Done():
		close(work.quit)
		<-work.done
	}
	if work.err == nil {
		return nil
	}
	work.end <- false
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return work.err
}

// commit moves the checkpoint. What has been acknowledged is recorded even when the context has just ended: otherwise it
// would all be sent again.
func (p *Publisher) commit(ctx context.Context, at eventstore.Position, j *journal, put deferred) error {
	if at <= p.at && len(j.rows) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	if err := p.state.commit(ctx, at, j, put); err != nil {
		// It may have happened all the same: the database has to be asked.
		p.loaded = !errors.Is(err, database.ErrInDoubt) && ctx.Err() == nil
		return err
	}
	p.at = at
	p.board.reached(at)
	if put.forgotten.any() {
		p.forgets.Add(1) // before Run hears that the plan is over, so that nothing goes out in between
	}
	return nil
}

func endSpans(messages []outgoing) {
	for _, m := range messages {
		m.span.End()
	}
}
