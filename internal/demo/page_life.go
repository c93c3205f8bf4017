package demo

import (
	"context"
	"fmt"
	"time"
)

// signal leaves a note and never blocks: one note is enough for any number of reasons.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// refresh reads everything again. What messages have said in the meantime is read after it.
func (p *page) refresh(ctx context.Context) error {
	for _, c := range p.shows {
		if err := c.refresh(ctx); err != nil {
			return fmt.Errorf("read page: %w", err)
		}
	}
	signal(p.puzzle)
	p.look()
	return nil
}

func (p *page) clarify(ctx context.Context) error {
	for _, c := range p.shows {
		if err := c.clarify(ctx); err != nil {
			return fmt.Errorf("read again: %w", err)
		}
	}
	p.look()
	return nil
}

// run reads again whatever has to be, until the page is over or the context ends.
func (p *page) run(ctx context.Context) {
	for {
		var again chan struct{}
		var err error
		select {
		case <-p.gap:
			again, err = p.gap, p.refresh(ctx)
		case <-p.puzzle:
			again, err = p.puzzle, p.clarify(ctx)
		case <-p.end:
			return
		case <-ctx.Done():
			return
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		p.town.Logger.WarnContext(ctx, "page not refreshed", pageAttr(p.name), errAttr(err))
		if pause(ctx, firstWait) != nil {
			return
		}
		signal(again)
	}
}

// leave stops waiting for what is committed from now on, waits for what was committed before, and closes the connection: a page
// that hung up with messages on their way would not know that they were lost.
func (p *page) leave(ctx context.Context) {
	defer p.ear.close(ctx)
	defer p.town.left(p)
	for _, channel := range p.channels {
		p.town.books.Leaving(p.name, channel, time.Now())
	}
	patience, cancel := context.WithTimeout(ctx, p.town.Patience)
	defer cancel()
	head, err := p.town.Log.Head(patience)
	if err != nil {
		return // the run ends, and with it the waiting
	}
	for p.town.books.Head() < head || p.town.books.OutstandingOf(p.name, p.channels...) > 0 {
		if pause(patience, settleEvery) != nil {
			return
		}
	}
}

// compare lists where the page does not show what the API says.
func (p *page) compare(ctx context.Context) (all []string, err error) {
	if err := p.clarify(ctx); err != nil {
		return nil, err
	}
	for _, c := range p.shows {
		differences, err := c.compare(ctx)
		if err != nil {
			return nil, fmt.Errorf("compare page: %w", err)
		}
		all = append(all, differences...)
	}
	return all, nil
}
