package publishers

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/royalglow/booking/internal/subscription"
)

// How many requests may be on their way at once, all for different channels. Those of a plan do not wait for those of durable
// queues, so that a channel which fails does not delay another; those that were put off count as of a queue.
const (
	maxInFlight       = 4
	maxQueueInFlight  = 4
	maxReplayInFlight = 1
	maxAllInFlight    = 16
)

// lookAtParked is how often is looked whether an operator has redriven a channel.
const lookAtParked = 500 * time.Millisecond

// dispatcher decides what is sent when: plans first, then what waits in durable queues, then replays. One goroutine runs it and
// owns all that is in it; its requests and transactions are made by others, which it waits for.
type dispatcher struct {
	sender  sender
	limits  *buckets
	jitter  func() float64
	spans   tracing
	board   *board
	state   state
	timeout time.Duration        // of an attempt
	trust   func() time.Duration // for how long the lease is surely held

	plans   <-chan *plan
	replays <-chan *plan
	held    func() bool     // an operator holds the queues back
	forgets func() uint64   // how often something was to be forgotten
	poke    <-chan struct{} // one of these may have changed

	lanes       []*lane
	byChannel   map[string]*lane // of plans and queues
	plan        *plan            // in hand; nil: none
	pausedUntil time.Time
	circuit     circuit
	flying      []*attempt
	answers     chan *attempt

	due      chores
	dueAt    time.Time // when they may be tried again
	doing    bool
	done     chan done
	failures int
	lookAt   time.Time
	noted    chan noted
	seen     Reconciled
	forgot   uint64 // how often that was heeded
	acked    uint64 // arrays
	over     error  // the term is, or it is to begin again

	wire    context.Context // of requests
	workers sync.WaitGroup
}

// attempt is a request that is on its way, or has been answered.
type attempt struct {
	lanes  []*lane
	check  bool // it asks whether the service has the array
	replay bool
	answer answer
	found  bool // what a check has found
}

// done is what became of chores.
type done struct {
	chores   chores
	findings findings
	err      error
}

// noted is what became of lines of a plan's journal.
type noted struct {
	plan *plan
	rows []*deliveryRow
	err  error
}

var errStopped = errors.New("the publisher is stopping")

// run works until ctx ends: then it waits for requests on their way and writes down what they came to. It fails when the term is
// over.
func (d *dispatcher) run(ctx context.Context) error {
	wire, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)
	// Requests outlive ctx, but not the lease.
	stopCutting := context.AfterFunc(ctx, func() {
		select {
		case <-subscription.Lost(ctx):
			cut(subscription.ErrLeaseLost)
		case <-wire.Done():
		}
	})
	defer stopCutting()
	d.wire = wire
	d.answers = make(chan *attempt, maxAllInFlight) // room for all: nobody waits for a loop that has left
	d.done = make(chan done, 1)
	d.noted = make(chan noted, 1)
	defer d.workers.Wait()
	for d.over == nil {
		timer := time.NewTimer(d.step(time.Now())) //nolint:contextcheck // what is sent outlives ctx, with d.wire
		plans, end, quit := d.plans, (<-chan bool)(nil), (<-chan struct{})(nil)
		if d.plan != nil || d.orphans() {
			plans = nil
		}
		if d.plan != nil {
			end = d.plan.end
			if d.plan.open > 0 && !d.plan.quits() {
				quit = d.plan.quit
			}
		}
		select {
		case p := <-plans:
			d.begin(p)
		case p := <-d.replays:
			d.beginReplay(p)
		case committed := <-end:
			d.end(committed)
		case a := <-d.answers:
			d.settle(ctx, a)
		case w := <-d.done:
			d.wrote(ctx, w)
		case n := <-d.noted:
			d.wroteLines(n)
		case <-d.poke:
		case <-quit:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return d.leave(ctx)
		}
		timer.Stop()
	}
	return errors.Join(d.over, d.leave(ctx))
}

// step does what can be done now, and returns after how long there may be more, if nothing happens before.
func (d *dispatcher) step(now time.Time) time.Duration {
	d.forget()
	d.quitPlan()
	d.skipParked()
	wait := d.putOffLate(now)
	wait = min(wait, d.noteLines(now), d.work(now))
	return min(wait, d.dispatch(now))
}

// leave lets requests on their way come to an end, and writes down what they came to.
func (d *dispatcher) leave(ctx context.Context) error {
	for len(d.flying) > 0 {
		d.settle(ctx, <-d.answers)
	}
	if d.doing {
		d.wrote(ctx, <-d.done)
	}
	if d.plan != nil && d.plan.noting {
		d.wroteLines(<-d.noted)
	}
	d.failPlan()
	d.due.take, d.due.look = nil, nil
	if d.over != nil || d.due.empty() || lostNow(ctx) {
		return nil
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	_, err := d.state.do(bounded, d.due, time.Now())
	if errors.Is(err, subscription.ErrTermOver) {
		return nil // others send it again, under the same ids
	}
	return err
}

// quitPlan lets Handle go that has no more time, once nothing of its plan is on its way. What has been acknowledged is not to be sent
// again by those who come after: then the rest goes to the durable queues.
func (d *dispatcher) quitPlan() {
	if d.plan == nil || d.plan.open <= 0 || !d.plan.quits() {
		return
	}
	for _, l := range d.plan.lanes {
		if l.plan == d.plan && l.busy {
			return
		}
	}
	if d.plan.journal.acks == 0 {
		d.failPlan()
		return
	}
	for _, l := range d.plan.lanes {
		if l.plan == d.plan && !l.handed && len(l.queue) > 0 {
			d.hand(l)
		}
	}
}

func (d *dispatcher) beginReplay(p *plan) {
	if p.asOf == d.forgot {
		d.lanes = append(d.lanes, p.lanes...)
		p.open = len(p.lanes)
	} else {
		p.err = errForgotten
	}
	p.finished()
}

// skipParked leaves out of replays what is for parked channels: it would overtake what waits there.
func (d *dispatcher) skipParked() {
	skipped := false
	for _, l := range d.lanes {
		if other := d.byChannel[l.channel]; l.replay() && !l.busy && other != nil && other.parked != nil {
			for _, a := range l.queue {
				l.plan.refused += len(a.messages)
			}
			l.queue, skipped = nil, true
			d.finishPlan(l)
		}
	}
	if skipped {
		d.tidy()
	}
}

func (d *dispatcher) failPlan() {
	if d.plan != nil && d.plan.open > 0 {
		d.plan.err, d.plan.open = errStopped, 0
		d.plan.finished()
	}
}

func lostNow(ctx context.Context) bool {
	select {
	case <-subscription.Lost(ctx):
		return true
	default:
		return false
	}
}

// orphans reports whether something of a plan before is still on its way. Replays are nobody's: plans do not wait for them.
func (d *dispatcher) orphans() bool {
	for _, l := range d.lanes {
		if l.gone && !l.replay() {
			return true
		}
	}
	return false
}
