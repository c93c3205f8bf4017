package publishers

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// deferAfter is for how long an array without an answer may hold its plan up. Then the rest of its channel goes to the durable queue.
const deferAfter = 250 * time.Millisecond

// plan is what one batch of events has to send, as the dispatcher works on it. done is closed when nothing is left to wait for, or,
// with err, when nobody works on it any more. The rest is Handle's to store, and in the end Handle tells whether it has.
type plan struct {
	lanes   []*lane
	journal *journal
	batch   trace.Span // of the events
	replay  bool       // of an operator: it gives way to everything else, and is never put off
	refused int        // of a replay
	asOf    uint64     // of a replay: how often something had been forgotten when it was composed

	open    int  // lanes with something left to wait for
	noting  bool // lines of the journal are being written
	settled int  // arrays that were settled since they were last
	notedAt time.Time
	late    []latecomer
	done    chan struct{}
	err     error
	quit    chan struct{} // closed when Handle has no more time: only what is on its way is waited for
	doubt   error         // set before end: whether it was committed is not known
	end     chan bool     // whether it was committed
}

// latecomer is a channel whose arrays go to its durable queue.
type latecomer struct {
	lane     *lane
	arrays   []array
	attempts int
	fixed    bool // the arrays may have been sent, and stay as they are
	parked   *parkedRow
}

// deferred is what a plan leaves to the durable queues.
type deferred struct {
	rows      []queuedRow
	parked    []*parkedRow
	forgotten forgotten // by its events
}

func newPlan(batch trace.Span, messages []outgoing, sentBefore time.Time) *plan {
	p := &plan{batch: batch, journal: newJournal(), done: make(chan struct{}), quit: make(chan struct{}), end: make(chan bool, 1)}
	p.lanes = lanes(messages, p)
	if sentBefore.IsZero() {
		return p
	}
	for _, l := range p.lanes {
		for i := range l.queue {
			l.queue[i].first, l.queue[i].doubt = sentBefore, true
		}
	}
	return p
}

// skip leaves out what is in the delivery log already: of a long plan that was cut short, most may be. Only the beginning of a channel
// can be, since its arrays go out one after the other.
func (p *plan) skip(known map[journalKey]int) {
	there := func(a array) bool {
		parts := map[journalKey]int{}
		for _, m := range a.messages {
			parts[journalKey{m.EventID.String(), m.Channel}]++
		}
		for key, n := range parts {
			if known[key] < n {
				return false
			}
		}
		for key, n := range parts {
			known[key] -= n // what is left is for the next array
		}
		return true
	}
	for _, l := range p.lanes {
		for len(l.queue) > 0 && there(l.queue[0]) {
			l.queue = l.queue[1:]
		}
	}
	p.lanes = slices.DeleteFunc(p.lanes, func(l *lane) bool { return len(l.queue) == 0 })
}

// finished lets Handle go on when there is nothing left to wait for.
func (p *plan) finished() {
	if p.open == 0 && (!p.noting || p.err != nil) {
		close(p.done)
		p.open = -1
	}
}

// quits reports whether Handle has no more time.
func (p *plan) quits() bool {
	select {
	case <-p.quit:
		return true
	default:
		return false
	}
}

// putOff makes the rows of what goes to durable queues, and takes note of it in the journal. What is fixed counts as sent since the
// plan was written down.
func (p *plan) putOff(plannedAt, now time.Time) (deferred, error) {
	var d deferred
	for _, c := range p.late {
		outcome := outcomeQueued
		if c.parked != nil {
			outcome = outcomeParked
		}
		for i, a := range c.arrays {
			attempts, base := 0, ""
			if i == 0 {
				attempts = c.attempts
			}
			if c.fixed {
				base = a.base()
			}
			for _, m := range a.messages {
				row, err := newQueuedRow(m)
				if err != nil {
					return deferred{}, err
				}
				if c.fixed {
					row.Base, row.SentAt, row.Attempts = base, plannedAt.UnixMicro(), attempts
					if !a.first.IsZero() {
						row.SentAt = min(row.SentAt, a.first.UnixMicro())
					}
				}
				d.rows = append(d.rows, row)
				p.journal.queued(m, attempts, now, outcome)
			}
		}
		if c.fixed && c.parked != nil {
			d.parked = append(d.parked, c.parked)
		}
	}
	return d, nil
}
