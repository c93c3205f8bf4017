package demo

import (
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// heldKey is what the rule for pages compares versions within.
type heldKey struct{ channel, entity string }

type mark struct {
	version eventstore.Revision
	part    int
}

func (m mark) above(o mark) bool {
	return m.version > o.version || (m.version == o.version && m.part > o.part)
}

// entry is one booking as the page shows it.
type entry struct {
	revision eventstore.Revision
	position eventstore.Position
	status   domain.Status
}

// apply follows the rule for pages and tells whether it let the message through.
func (p *page) apply(channel string, n note) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	key, now := heldKey{channel, n.Entity}, mark{n.Version, n.Part}
	if held, ok := p.held[key]; ok && !now.above(held) {
		return false
	}
	p.held[key] = now
	if p.show(n.Entity, entry{revision: n.Version, position: n.Position, status: n.status()}) {
		signal(p.ended)
	}
	return true
}

// show replaces what is shown of a booking unless that is newer. What has ended leaves the page, and show says so. p.mu is
// held.
func (p *page) show(id string, e entry) (ended bool) {
	old, ok := p.shown[id]
	if ok && e.revision < old.revision {
		return false
	}
	if e.status == domain.StatusNone {
		e.status = old.status
	}
	e.position = max(e.position, old.position)
	p.shown[id] = e
	if e.status == domain.StatusNone || e.status.Occupies() {
		return false
	}
	delete(p.shown, id)
	return true
}

// sees returns what the page shows of a booking.
func (p *page) sees(id string) (entry, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e, ok := p.shown[id]
	return e, ok
}
