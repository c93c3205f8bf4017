package publishers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// nothingKept is the data of a refused message that is forgotten.
const nothingKept = "{}"

// forgotten is what events say nobody may know any more. Messages hold texts and names that are open, and those that wait, or were refused,
// would keep them longer than the vault does.
type forgotten struct {
	everybody bool     // somebody was erased; which messages name him is not known
	bookings  []string // a note of which was redacted
}

func forgottenBy(events []eventstore.Recorded) (f forgotten) {
	for _, e := range events {
		switch fact := e.Event.(type) { //nolint:gochecksumtype // the others make nobody forget
		case domain.BookingNoteRedacted:
			f.bookings = append(f.bookings, fact.BookingID)
		case domain.CustomerErased:
			f.everybody = true
		}
	}
	return f
}

// any reports whether there is something to forget.
func (f forgotten) any() bool { return f.everybody || len(f.bookings) > 0 }

// forgetAtOnce is how many messages one transaction replaces ahead of a commit.
const forgetAtOnce = 500

// forget does most of what apply does, in small transactions ahead of it: very many messages may wait, and a commit has not the time.
// That some are forgotten and the commit fails does no harm.
func (s state) forget(ctx context.Context, f forgotten) error {
	if !f.any() {
		return nil
	}
	return allPages(func(after queuedRow) (rows []queuedRow, err error) {
		err = s.db.InTxUnsynced(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
			if err := subscription.CheckTerm(ctx, tx); err != nil {
				return err
			}
			rows, err = f.replace(ctx, tx, after)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("forget messages: %w", err)
		}
		return rows, nil
	})
}

// allPages calls replace until it finds less than a page, each time with the last row of the page before.
func allPages(replace func(after queuedRow) ([]queuedRow, error)) error {
	var last queuedRow
	for {
		rows, err := replace(last)
		if err != nil || len(rows) < forgetAtOnce {
			return err
		}
		last = rows[len(rows)-1]
	}
}

// apply puts resync messages in the place of those that wait, and removes the data of those that were refused. It is more than has to
// go: whoever is told to read again gets to know the rest all the same.
func (f forgotten) apply(ctx context.Context, tx bun.Tx) error {
	if !f.any() {
		return nil
	}
	if err := allPages(func(after queuedRow) ([]queuedRow, error) { return f.replace(ctx, tx, after) }); err != nil {
		return err
	}
	kept := tx.NewUpdate().Model((*refusedRow)(nil)).Set("data = ?", nothingKept)
	if f.everybody {
		kept = kept.Where("TRUE")
	} else {
		kept = kept.Where("event_id IN (SELECT event_id FROM deliveries WHERE entity IN (?))", bun.List(f.bookings))
	}
	if _, err := kept.Exec(ctx); err != nil {
		return fmt.Errorf("forget refused messages: %w", err)
	}
	return nil
}

// replace puts resync messages in the place of the first that wait behind another, and returns these as they were.
func (f forgotten) replace(ctx context.Context, tx bun.Tx, after queuedRow) (rows []queuedRow, err error) {
	waiting := tx.NewSelect().Model(&rows).Where("resync = 0").
		Where("(channel, position, part) > (?, ?, ?)", after.Channel, after.Position, after.Part).
		OrderExpr("channel, position, part").Limit(forgetAtOnce)
	if !f.everybody {
		waiting = waiting.Where("entity IN (?)", bun.List(f.bookings))
	}
	if err := waiting.Scan(ctx); err != nil {
		return nil, fmt.Errorf("find messages to forget: %w", err)
	}
	for _, r := range rows {
		m, err := r.message()
		if err != nil { // nobody else can read it either; what is to be seen of it is where it belongs
			m = outgoing{Message: Message{Channel: r.Channel, Envelope: Envelope{Entity: r.Entity, Position: r.Position, Part: r.Part}}}
		}
		notice, err := resyncOf(m)
		if err != nil {
			return nil, err
		}
		if _, err := replaceQueued(ctx, tx, notice.messages[0]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// forget makes what a commit says be forgotten everywhere: in memory, and in what is left of deleted rows.
func (p *Publisher) forget(ctx context.Context) {
	p.wake()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	// What is in use is cleaned some other time.
	if _, err := p.state.db.Scrub(ctx, "queued", "refused"); err != nil {
		p.board.log.WarnContext(ctx, "deleted messages not scrubbed", slog.Any("error", err))
	}
}

// forget drops what was made of messages before some of them were to be forgotten, and asks for it again: the durable queues have resync
// messages by now, and replays are composed anew. What is on its way cannot be called back.
func (d *dispatcher) forget() {
	now := d.forgets()
	if now == d.forgot || d.plan != nil { // what the plan has put off is not the queues' yet
		return
	}
	d.forgot = now
	for _, l := range slices.Clone(d.lanes) {
		switch {
		case l.replay():
			d.failReplay(l.plan)
		case !l.stored():
		case l.busy, l.taking:
			l.reread = true
		case len(l.queue) > 0:
			l.queue, l.more = nil, true
		}
	}
	d.tidy()
}

// errForgotten says that a replay has to be composed again.
var errForgotten = errors.New("something was to be forgotten since")

func (d *dispatcher) failReplay(p *plan) {
	if p.err != nil {
		return
	}
	for _, l := range p.lanes {
		if l.plan != p {
			continue
		}
		l.gone = true
		if !l.busy {
			l.queue = nil
		}
	}
	p.err, p.open = errForgotten, 0
	p.finished()
}
