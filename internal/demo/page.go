package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/ably/ably-go/ably"

	"github.com/royalglow/booking/internal/demo/check"
)

// page is what one person has open: a realtime connection, the channels that feed it, and what it shows. It attaches first
// and then reads; after a gap, or a message in whose place another could not be delivered, it reads again.
type page struct {
	name     string // how the books call this subscriber
	town     *town
	owner    *person
	ear      *ear
	channels []string // those that it is attached to
	shows    []content
	// over tells whether there is nothing more to look at; nil: the page stays open until the run ends.
	over func() bool
	// gap says that messages may have been missed, puzzle that one did not tell all, end that the page is over.
	gap, puzzle, end chan struct{}
}

// content is what a page shows. A page has several where channels tell of the same thing in different words: each keeps to one.
type content interface {
	// hears reports whether a channel feeds this content.
	hears(channel string) bool
	// hear tells whether the message was acted on, and whether it left something unclear.
	hear(channel string, n note) (acted, unclear bool)
	refresh(ctx context.Context) error
	clarify(ctx context.Context) error
	compare(ctx context.Context) (differences []string, err error)
}

// opening says what to open.
type opening struct {
	owner    *person
	name     string
	channels []string
	shows    []content
	booking  string      // that the token must cover; empty: none
	over     func() bool // see page
}

// openPage connects, attaches to the channels, and reads.
func (t *town) openPage(ctx context.Context, o opening) (*page, error) {
	p := &page{
		name: o.name + " " + o.owner.ID, town: t, owner: o.owner, shows: o.shows, over: o.over,
		gap: make(chan struct{}, 1), puzzle: make(chan struct{}, 1), end: make(chan struct{}, 1),
	}
	if o.booking != "" {
		p.name += " " + o.booking
	}
	if err := t.pacer.connect(ctx); err != nil {
		return nil, err
	}
	var err error
	if p.ear, err = t.listen(ctx, o.owner, o.booking); err != nil {
		return nil, fmt.Errorf("open page of %s: %w", o.owner.Name, err)
	}
	if err = p.attach(ctx, o.channels...); err == nil {
		err = p.refresh(ctx)
	}
	if err != nil {
		p.ear.close(ctx)
		return nil, fmt.Errorf("open page of %s: %w", o.owner.Name, err)
	}
	t.opened(p)
	return p, nil
}

// attach begins to hear channels. What they said before is to be read.
func (p *page) attach(ctx context.Context, channels ...string) error {
	for _, channel := range channels {
		if err := p.town.pacer.attach(ctx); err != nil {
			return err
		}
		heard := func(m *ably.Message) { p.heard(ctx, channel, m, time.Now()) }
		if err := p.ear.attach(ctx, channel, heard, func() { signal(p.gap) }); err != nil {
			return err
		}
		p.channels = append(p.channels, channel)
		p.town.books.Attached(p.name, channel, time.Now())
	}
	return nil
}

// heard applies one message. The library calls it for one message of a channel after the other.
func (p *page) heard(ctx context.Context, channel string, m *ably.Message, at time.Time) {
	n, err := readNote(m)
	if err != nil {
		// It still reached us: the books will find that no event gives such a message.
		p.town.Logger.WarnContext(ctx, "message not understood", channelAttr(channel), errAttr(err))
	}
	acted, unclear := false, false
	if n.Name == resync {
		signal(p.gap)
	}
	for _, c := range p.shows {
		if n.Name != resync && c.hears(channel) {
			acted, unclear = c.hear(channel, n)
		}
	}
	p.town.books.Arrived(check.Observation{
		Subscriber: p.name, Channel: channel, EventID: n.EventID, Part: n.Part, At: at, Acted: acted, Resync: n.Name == resync, Data: n.data,
	})
	p.town.board.arrived(channel, n, at)
	if unclear {
		signal(p.puzzle)
	}
	p.look()
}

// look ends a page that is over.
func (p *page) look() {
	if p.over != nil && p.over() {
		signal(p.end)
	}
}
