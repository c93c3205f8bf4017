package demo

import "context"

// mayWatch decides whether somebody opens the page of a booking. s.mu is held.
func (s *salon) mayWatch() bool {
	if s.watched >= watchedPages || !s.dice.share(watchOneIn) {
		return false
	}
	s.watched++
	return true
}

const (
	// watchedPages is how many booking pages may be open in a salon; watchOneIn is how often one is opened.
	watchedPages = 8
	watchOneIn   = 3
)

// watch opens the page of one booking, with a token for it, and keeps it open until the booking has ended. s.mu is
// held.
func (t *town) watch(ctx context.Context, s *salon, b *booking, by *person, channels ...string) {
	position := b.position
	b.opened = true
	t.pages.Go(func() {
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.watched--
			b.opened = false
		}()
		// Reading it first waits for the read model, without which the API does not know whose booking it is.
		if _, err := t.openBooking(ctx, by, b.id, position); err != nil {
			return
		}
		var sheets []*ledger[sheet]
		o := opening{owner: by, name: "booking", booking: b.id, channels: channels}
		for _, c := range channels {
			l := t.newSheet(by, c, b.id)
			sheets = append(sheets, l)
			o.shows = append(o.shows, l)
		}
		// What happens later is of no interest: an outcome that was wrong, a note.
		o.over = func() bool {
			shown, ok := sheets[0].sees(key{channels[0], b.id})
			return ok && !shown.Status.Open()
		}
		p, err := t.openPage(ctx, o)
		if err != nil {
			if ctx.Err() == nil {
				t.Logger.WarnContext(ctx, "booking page not opened", errAttr(err))
			}
			return
		}
		defer p.leave(ctx)
		p.run(ctx)
	})
}
