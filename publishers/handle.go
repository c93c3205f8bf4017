package publishers

import (
	"context"
	"slices"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// commitTimeout bounds the write of a checkpoint that is due although the context has ended.
const commitTimeout = 5 * time.Second

// Handle publishes the batch and returns when all of it is acknowledged. It retries for as long as ctx allows; an error
// means that the same batch is to be handed in again, which repeats what was sent under the same ids.
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
	if n := len(p.held); n > 0 {
		reached = max(reached, p.held[n-1].Position)
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
	if len(p.held) == 0 {
		return p.commit(ctx, reached, newJournal())
	}
	return p.publish(ctx, p.held[len(p.held)-1].Position, reached, b.Live)
}

// hold keeps the events that are new: a runner that has begun again at the checkpoint reads some twice.
func (p *Publisher) hold(events []eventstore.Recorded) {
	last := p.at
	if n := len(p.held); n > 0 {
		last = max(last, p.held[n-1].Position)
	}
	for _, e := range events {
		if e.Position > last {
			p.held = append(p.held, e)
			last = e.Position
		}
	}
}

// publish sends the held events up to upTo and moves the checkpoint to reached.
func (p *Publisher) publish(ctx context.Context, upTo, reached eventstore.Position, live bool) error {
	end := slices.IndexFunc(p.held, func(e eventstore.Recorded) bool { return e.Position > upTo })
	if end < 0 {
		end = len(p.held)
	}
	journal := newJournal()
	messages, err := p.compose(ctx, p.held[:end], live)
	if err != nil {
		return err
	}
	if len(messages) > 0 {
		if err := p.deliver(ctx, messages, upTo, journal); err != nil {
			return err
		}
	}
	if err := p.commit(ctx, reached, journal); err != nil {
		return err
	}
	p.held = slices.Clone(p.held[end:]) // not a sub-slice: that would keep the published ones alive
	return nil
}

// compose turns events into messages that are ready to go.
func (p *Publisher) compose(ctx context.Context, events []eventstore.Recorded, live bool) ([]outgoing, error) {
	known := p.lookUp(ctx, events)
	now := time.Now()
	var out []outgoing
	for _, e := range events {
		cause := traceID(ctx, e.Metadata)
		for _, m := range Messages(e, known) {
			data, err := m.Data()
			if err != nil {
				return nil, err
			}
			h, span := p.spans.create(ctx, m, e, live, now)
			out = append(out, outgoing{
				Message: m, data: data, headers: h, created: e.Created, traceID: cause, span: span,
			})
		}
	}
	return out, nil
}

// deliver writes the plan down, unless that was done before a restart, and sends it.
func (p *Publisher) deliver(ctx context.Context, messages []outgoing, upTo eventstore.Position, j *journal) error {
	defer endSpans(messages) // those that were not acknowledged; ending twice does nothing
	if upTo > p.upTo {
		if err := p.state.plan(ctx, p.at, upTo, time.Now()); err != nil {
			return err
		}
		p.upTo = upTo
		p.planned.Store(uint64(upTo))
	}
	queues, err := lanes(messages)
	if err != nil {
		return err
	}
	d := &delivery{
		sender: p.sender, limits: p.limits, jitter: p.jitter, spans: p.spans, journal: j,
		observe: p.board.observe, lanes: queues,
	}
	err = d.run(ctx)
	p.limits.sweep(time.Now())
	return err
}

// commit moves the checkpoint. What has been acknowledged is recorded even when the context has just ended: otherwise it
// would all be sent again.
func (p *Publisher) commit(ctx context.Context, at eventstore.Position, j *journal) error {
	if at <= p.at && len(j.rows) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	if err := p.state.commit(ctx, at, j); err != nil {
		return err
	}
	p.at = at
	p.board.reached(at)
	return nil
}

func endSpans(messages []outgoing) {
	for _, m := range messages {
		m.span.End()
	}
}
