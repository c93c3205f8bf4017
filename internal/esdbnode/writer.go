package esdbnode

import (
	"context"
	"sync"
)

const (
	// groupChanges and groupBytes bound one transaction, so that the first change in it
	// does not wait for an endless queue behind it.
	groupChanges = 512
	groupBytes   = 4 << 20
)

// changeKind is what a change does to its stream.
type changeKind int

const (
	changeAppend changeKind = iota
	changeSoftDelete
	changeTombstone
)

// change is one write of a client on its way through the writer.
type change struct {
	kind   changeKind
	stream string
	want   expectation
	events []proposed

	ctx    context.Context // ends when the client gives up; asked before writing only
	result decision
	err    error
	turn   chan turn
}

// turn is how a waiting change is woken.
type turn int

const (
	turnDone turn = iota // result and err are set
	turnLead             // commit the queue, yourself first
)

// writer puts changes into the log, one after another, many to a transaction.
//
// There is no goroutine that writes. Of the calls that wait, one leads: it takes what
// has queued up, commits it in one transaction, hands the lead to the first call that
// came meanwhile and wakes the others. A lone caller thus pays for no hand-over, and
// many callers share the cost of a sync.
type writer struct {
	commit func(batch []*change) // sets result and err of every change

	mu      sync.Mutex
	queue   []*change
	leading bool
}

// submit writes a change and waits until it is decided. It does not return early when
// the client is gone: by then the change may be part of a transaction.
func (w *writer) submit(c *change) (decision, error) {
	w.submitAll([]*change{c})
	return c.result, c.err
}

// submitAll writes changes one after another and waits until the last is decided.
func (w *writer) submitAll(changes []*change) {
	if len(changes) == 0 {
		return
	}
	for _, c := range changes {
		c.turn = make(chan turn, 1)
	}
	w.mu.Lock()
	w.queue = append(w.queue, changes...)
	lead := !w.leading
	w.leading = true
	w.mu.Unlock()
	for _, c := range changes {
		if lead || <-c.turn == turnLead {
			w.lead(c)
			lead = false
		}
	}
}

// lead commits the queue, which c is the first of.
func (w *writer) lead(c *change) {
	batch := w.take()
	w.commit(batch)
	w.handOver()
	for _, other := range batch {
		if other != c {
			other.turn <- turnDone
		}
	}
}

// take removes the next batch from the queue. The leader is first in it.
func (w *writer) take() []*change {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, size := 0, 0
	for n < len(w.queue) && n < groupChanges && (n == 0 || size < groupBytes) {
		for _, e := range w.queue[n].events {
			size += e.size()
		}
		n++
	}
	batch := w.queue[:n:n]
	w.queue = w.queue[n:]
	return batch
}

// handOver lets the first waiting change lead, or leaves the lead vacant.
func (w *writer) handOver() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		w.queue = nil
		w.leading = false
		return
	}
	w.queue[0].turn <- turnLead
}
