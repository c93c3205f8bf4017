package publishers

import (
	"log/slog"
	"slices"
	"time"
)

// begin takes a plan on. What is for a channel with a durable queue goes to its end.
func (d *dispatcher) begin(p *plan) {
	now := time.Now()
	d.plan, p.notedAt = p, now
	d.limits.sweep(now)
	// Those with the most arrays begin: one after the other they take the longest.
	slices.SortStableFunc(p.lanes, func(a, b *lane) int { return len(b.queue) - len(a.queue) })
	for _, l := range p.lanes {
		if queue := d.byChannel[l.channel]; queue != nil {
			queue.awaited = true
			p.late = append(p.late, latecomer{lane: queue, arrays: l.queue, parked: queue.parked})
			l.plan = nil // it is no lane of the plan any more
			d.endSpans(l.queue)
			continue
		}
		p.open++
		d.add(l)
	}
	p.finished()
}

func (d *dispatcher) add(l *lane) {
	d.lanes = append(d.lanes, l)
	d.byChannel[l.channel] = l
}

// putOffLate hands over the lanes of the plan that hold it up, and returns after how long there may be others: those that have failed and
// are to wait before they try again, and those without an answer for too long. A lane that only waits for its turn holds nobody
// up, and as long as nothing may be sent at all there is nobody to be held up.
func (d *dispatcher) putOffLate(now time.Time) time.Duration {
	wait := maxBackoff
	if d.plan == nil || d.plan.open <= 0 || d.plan.quits() || d.pausedUntil.After(now) || d.circuit.open {
		return wait
	}
	began := d.circuit.closed // each gets its time once all may be sent again
	if d.pausedUntil.After(began) {
		began = d.pausedUntil
	}
	for _, l := range d.plan.lanes {
		if l.plan != d.plan || l.handed || l.tried.IsZero() || len(l.queue) == 0 {
			continue
		}
		if !l.busy && l.failures > 0 && l.notBefore.After(now) {
			d.hand(l) // waiting with it would help nobody
			continue
		}
		since := l.tried
		if began.After(since) {
			since = began
		}
		if left := since.Add(deferAfter).Sub(now); left > 0 {
			wait = min(wait, left)
			continue
		}
		d.hand(l)
	}
	return wait
}

// hand gives what is left of a lane to the plan's commit, which stores it in the durable queue of the channel.
func (d *dispatcher) hand(l *lane) {
	p := l.plan
	l.handed = true
	p.late = append(p.late, latecomer{
		lane: l, arrays: slices.Clone(l.queue), attempts: l.attempts, fixed: true, parked: l.parked,
	})
	d.endSpans(l.queue)
	d.board.log.Info("messages put off", slog.String("channel", l.channel), slog.Int("attempts", l.attempts))
	p.open--
	d.report()
	p.finished()
}

// end gives up what Handle has not committed, and what it has committed becomes the durable queues'.
func (d *dispatcher) end(committed bool) {
	p := d.plan
	d.plan = nil
	if p.doubt != nil {
		d.over = p.doubt // only the database knows what is in the queues: who comes next reads it
	}
	for _, c := range p.late {
		c.lane.awaited = false
		if c.fixed {
			continue
		}
		c.lane.more = c.lane.more || committed
	}
	for _, l := range p.lanes {
		switch {
		case l.plan != p: // it is done, or went to the end of a queue
		case l.handed && committed:
			d.store(l)
		case len(l.queue)+len(l.early) > 0:
			l.gone, l.handed, l.early, l.parked = true, false, nil, nil
			if !l.busy {
				l.queue = nil
			}
		}
	}
	d.tidy()
}

// store makes a lane that of the durable queue, in which its arrays now are.
func (d *dispatcher) store(l *lane) {
	l.plan, l.handed = nil, false
	for _, a := range l.early {
		d.settled(l, a, time.Now())
	}
	l.early = nil
	if l.parked != nil {
		l.queue, l.more = nil, true // who redrives it later begins with what is stored
	}
}

// tidy forgets lanes of which nothing is left.
func (d *dispatcher) tidy() {
	d.lanes = slices.DeleteFunc(d.lanes, func(l *lane) bool {
		if !l.done() {
			return false
		}
		if d.byChannel[l.channel] == l {
			delete(d.byChannel, l.channel)
		}
		return true
	})
	d.report()
}

// report lets the status follow.
func (d *dispatcher) report() {
	queued := 0
	for _, l := range d.lanes {
		if l.parked == nil && (l.stored() || l.handed) {
			queued++
		}
	}
	d.board.queues(queued, d.parked(), d.circuit.open, d.seen)
}

// parked counts the channels that wait for an operator.
func (d *dispatcher) parked() (n int) {
	for _, l := range d.lanes {
		if l.parked != nil {
			n++
		}
	}
	return n
}

func (d *dispatcher) endSpans(arrays []array) {
	for _, a := range arrays {
		for _, m := range a.messages {
			d.spans.putOff(m)
		}
	}
}
