package demo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ably/ably-go/ably"

	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

// page is what one person has open: a realtime connection, the channels that feed it, and what it shows. It keeps the
// engine's rule for pages: attach first, then read; apply a message only when its (version, part) is above what is held
// for that entity on that channel; after a gap read again.
type page struct {
	name     string // how the books call this subscriber
	town     *town
	owner    *person
	ear      *ear
	channels []string
	// source is the path that the page shows; empty for one that shows messages alone.
	source string
	gap    chan struct{}
	// ended says that a message told the end of the watched booking, found that a read did; both are nil on other pages.
	ended, found chan struct{}

	mu    sync.Mutex
	held  map[heldKey]mark
	shown map[string]entry // by booking
}

// openPage connects, attaches to the channels, and reads.
func (t *town) openPage(ctx context.Context, owner *person, name, bookingID, source string, channels ...string) (*page, error) {
	p := &page{
		name: name + " " + owner.ID, town: t, owner: owner, channels: channels, source: source,
		gap:  make(chan struct{}, 1),
		held: map[heldKey]mark{}, shown: map[string]entry{},
	}
	if bookingID != "" {
		p.name += " " + bookingID
		p.ended, p.found = make(chan struct{}, 1), make(chan struct{}, 1)
	}
	if err := t.pacer.connect(ctx); err != nil {
		return nil, err
	}
	var err error
	if p.ear, err = t.listen(ctx, owner, bookingID); err != nil {
		return nil, fmt.Errorf("open page of %s: %w", owner.Name, err)
	}
	if err := p.attach(ctx); err != nil {
		p.ear.close(ctx)
		return nil, fmt.Errorf("open page of %s: %w", owner.Name, err)
	}
	return p, nil
}

func (p *page) attach(ctx context.Context) error {
	for _, channel := range p.channels {
		if err := p.town.pacer.attach(ctx); err != nil {
			return err
		}
		heard := func(m *ably.Message) { p.heard(ctx, channel, m, time.Now()) }
		if err := p.ear.attach(ctx, channel, heard, func() { signal(p.gap) }); err != nil {
			return err
		}
		p.town.books.Attached(p.name, channel, time.Now())
	}
	return p.read(ctx)
}

// heard applies one message. The library calls it for one message of a channel after the other.
func (p *page) heard(ctx context.Context, channel string, m *ably.Message, at time.Time) {
	if m.Name == resync {
		signal(p.gap)
		return
	}
	n, err := readNote(m)
	if err != nil {
		// It still reached us: the books will find that no event gives such a message.
		p.town.Logger.WarnContext(ctx, "message not understood", channelAttr(channel), errAttr(err))
	}
	acted := p.apply(channel, n)
	p.town.books.Arrived(check.Observation{
		Subscriber: p.name, Channel: channel, EventID: n.EventID, Part: n.Part, At: at, Acted: acted,
	})
	p.town.board.arrived(channel, n, at)
}

// signal leaves a note and never blocks: one note is enough for any number of reasons.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// read shows what the API says now.
func (p *page) read(ctx context.Context) error {
	if p.source == "" {
		return nil
	}
	var now reading
	if _, err := p.town.get(ctx, p.owner, published(p.source), &now); err != nil {
		return fmt.Errorf("read %s: %w", p.source, err)
	}
	if now.ID != "" {
		now.Bookings = append(now.Bookings, now.bookingView)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range now.Bookings {
		if p.show(b.ID, entry{revision: eventstore.Revision(b.Revision), status: b.Status}) {
			signal(p.found)
		}
	}
	return nil
}

// run reads again after every gap, until the context ends or the watched booking does.
//
// After a message that tells the end nothing follows. A read may tell it while that message is on its way, or was never
// owed because the page came too late: then the page waits as long as a run waits for a message.
func (p *page) run(ctx context.Context) {
	var late <-chan time.Time
	for {
		select {
		case <-p.gap:
			if err := p.read(ctx); err != nil && ctx.Err() == nil {
				p.town.Logger.WarnContext(ctx, "page not refreshed", pageAttr(p.name), errAttr(err))
			}
		case <-p.found:
			late = time.After(maxDrain)
		case <-late:
			return
		case <-p.ended:
			return
		case <-ctx.Done():
			return
		}
	}
}

// leave stops waiting for messages, so that none that comes later counts as lost, and closes the connection.
func (p *page) leave(ctx context.Context) {
	for _, channel := range p.channels {
		p.town.books.Leaving(p.name, channel, time.Now())
	}
	p.ear.close(ctx)
}
