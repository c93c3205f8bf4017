package publishers

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// kind is for whom a request is.
type kind uint8

const (
	forPlan kind = iota
	forQueue
	forReplay
)

// trustPoll is how soon is looked again while the lease is not held for long enough to send anything.
const trustPoll = 20 * time.Millisecond

// dispatch sends what may be sent now and returns after how long there may be more, if no answer comes before.
func (d *dispatcher) dispatch(now time.Time) time.Duration {
	wait := maxBackoff
	for _, k := range []kind{forPlan, forQueue, forReplay} {
		for d.room(k) {
			if left := d.heldBack(now); left > 0 {
				return min(wait, left)
			}
			if k == forReplay {
				if left := d.limits.spareWait(now); left > 0 {
					wait = min(wait, left)
					break
				}
			}
			ready, left := d.ready(k, now)
			if len(ready) == 0 {
				wait = min(wait, left)
				break
			}
			d.launch(ready, now)
		}
	}
	return wait
}

// heldBack is how long nothing at all may be sent: 0 means now.
func (d *dispatcher) heldBack(now time.Time) time.Duration {
	if d.trust() < d.timeout {
		return trustPoll
	}
	return max(d.pausedUntil.Sub(now), d.circuit.left(now), d.limits.accountWait(now))
}

// room reports whether another request of the kind may be on its way.
func (d *dispatcher) room(k kind) bool {
	var plans, queues, replays int
	for _, a := range d.flying {
		switch {
		case a.replay:
			replays++
		case slices.ContainsFunc(a.lanes, func(l *lane) bool { return l.plan != nil && !l.handed }):
			plans++
		default:
			queues++
		}
	}
	if len(d.flying) >= maxAllInFlight {
		return false
	}
	switch k {
	case forPlan:
		return plans < maxInFlight
	case forQueue:
		return queues < maxQueueInFlight && !d.held()
	case forReplay:
		return replays < maxReplayInFlight && !d.held()
	}
	return false
}

func (d *dispatcher) of(l *lane, k kind) bool {
	switch {
	case l.plan == nil:
		return k == forQueue
	case l.plan.replay:
		return k == forReplay && d.byChannel[l.channel] == nil // nothing of it while others wait there
	}
	return k == forPlan && !l.plan.quits() && !d.replaying(l.channel)
}

// replaying reports whether an array of a replay is on its way to the channel.
func (d *dispatcher) replaying(channel string) bool {
	for _, a := range d.flying {
		if a.replay && slices.ContainsFunc(a.lanes, func(l *lane) bool { return l.channel == channel }) {
			return true
		}
	}
	return false
}

// ready takes the lanes of one request, or tells how long to wait for one.
func (d *dispatcher) ready(k kind, now time.Time) ([]*lane, time.Duration) {
	var (
		chosen      []*lane
		count, size int
		wait        = maxBackoff
	)
	for _, l := range d.lanes {
		if !d.of(l, k) {
			continue
		}
		able, left := l.idle(now)
		if !able {
			wait = min(wait, left)
			continue
		}
		head := l.head()
		single := l.alone || head.stale(now)
		if len(chosen) > 0 && (single || count+len(head.messages) > maxRequestMessages || size+head.size > maxRequestBytes) {
			continue
		}
		if !head.stale(now) {
			if left := d.limits.takeChannel(l.channel, now); left > 0 {
				wait = min(wait, left)
				continue
			}
		}
		chosen = append(chosen, l)
		count, size = count+len(head.messages), size+head.size
		if single || len(chosen) == maxRequestChannels {
			break
		}
	}
	if len(chosen) > 0 {
		d.limits.takeAccount(now, count)
	}
	return chosen, wait
}

func (d *dispatcher) launch(chosen []*lane, now time.Time) {
	a := &attempt{lanes: chosen, replay: chosen[0].replay()}
	arrays := make([]array, 0, len(chosen))
	for _, l := range chosen {
		head := l.head()
		if a.check = head.stale(now); !a.check && head.first.IsZero() {
			head.first = now
		}
		l.busy = true
		if !a.check {
			l.attempts++
		}
		if l.tried.IsZero() {
			l.tried = now
		}
		arrays = append(arrays, *head)
	}
	d.circuit.launched()
	d.flying = append(d.flying, a)
	ctx := d.wire
	if p := chosen[0].plan; p != nil {
		ctx = trace.ContextWithSpan(ctx, p.batch)
	}
	d.workers.Go(func() {
		defer func() { d.answers <- a }()
		if a.check {
			a.found, a.answer = d.sender.has(ctx, arrays[0])
			return
		}
		ctx, span := d.spans.send(ctx, arrays)
		a.answer = d.sender.send(ctx, arrays)
		d.spans.sent(span, a.answer)
	})
}
