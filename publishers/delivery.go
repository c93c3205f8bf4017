package publishers

import (
	"context"
	"sync"
	"time"
)

// maxInFlight is how many requests may be on their way at once, all for different channels.
const maxInFlight = 4

// delivery sends one plan. One goroutine runs it; its requests are made by others, which it waits for.
type delivery struct {
	sender  sender
	limits  *buckets
	jitter  func() float64
	spans   tracing
	journal *journal
	// observe is told of every answer, so that status and log can follow.
	observe func(context.Context, answer, []*lane)

	lanes       []*lane // those with something left
	pausedUntil time.Time
	inFlight    int
	answers     chan attempt
	workers     sync.WaitGroup
}

// attempt is a request that has been answered, or not.
type attempt struct {
	lanes  []*lane
	answer answer
}

// run returns when every message is acknowledged or refused for good, or when the context ends. A lane that fails waits and
// tries again; it holds up nobody but itself.
func (d *delivery) run(ctx context.Context) error {
	d.answers = make(chan attempt, maxInFlight) // room for all: a worker never waits for a loop that has left
	defer d.workers.Wait()                      // they have the context, too
	for len(d.lanes) > 0 {
		timer := time.NewTimer(d.dispatch(ctx, time.Now()))
		select {
		case a := <-d.answers:
			if err := d.settle(ctx, a); err != nil {
				return err
			}
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return d.leave(ctx)
		}
		timer.Stop()
	}
	return nil
}

// leave ends a run whose context has ended. Requests on their way end with it, but some have been answered: when these were
// the last, the plan is complete after all.
func (d *delivery) leave(ctx context.Context) error {
	for d.inFlight > 0 {
		if err := d.settle(ctx, <-d.answers); err != nil {
			return err
		}
	}
	if len(d.lanes) > 0 {
		return context.Cause(ctx)
	}
	return nil
}

// dispatch sends what may be sent now and returns after how long there may be more, if no answer comes before.
func (d *delivery) dispatch(ctx context.Context, now time.Time) time.Duration {
	for d.inFlight < maxInFlight {
		ready, wait := d.ready(now)
		if len(ready) == 0 {
			return wait
		}
		d.launch(ctx, ready)
	}
	return maxBackoff // every slot is taken: an answer is what comes next
}

// ready takes the lanes of one request, or tells how long to wait for one.
func (d *delivery) ready(now time.Time) ([]*lane, time.Duration) {
	if wait := d.pausedUntil.Sub(now); wait > 0 {
		return nil, wait
	}
	if wait := d.limits.accountWait(now); wait > 0 {
		return nil, wait
	}
	var (
		chosen      []*lane
		count, size int
		wait        = maxBackoff
	)
	for _, l := range d.lanes {
		if l.busy || (l.alone && len(chosen) > 0) {
			continue
		}
		if left := l.notBefore.Sub(now); left > 0 {
			wait = min(wait, left)
			continue
		}
		head := l.head()
		if len(chosen) > 0 && (count+len(head.messages) > maxRequestMessages || size+len(head.spec) > maxRequestBytes) {
			continue
		}
		if left := d.limits.takeChannel(l.channel, now); left > 0 {
			wait = min(wait, left)
			continue
		}
		chosen = append(chosen, l)
		count, size = count+len(head.messages), size+len(head.spec)
		if l.alone || len(chosen) == maxRequestChannels {
			break
		}
	}
	if len(chosen) > 0 {
		d.limits.takeAccount(now, count)
	}
	return chosen, wait
}

func (d *delivery) launch(ctx context.Context, chosen []*lane) {
	arrays := make([]array, 0, len(chosen))
	for _, l := range chosen {
		l.busy = true
		l.attempts++
		arrays = append(arrays, l.head())
	}
	d.inFlight++
	d.workers.Go(func() {
		ctx, span := d.spans.send(ctx, arrays)
		a := d.sender.send(ctx, arrays)
		d.spans.sent(span, a)
		d.answers <- attempt{lanes: chosen, answer: a}
	})
}
