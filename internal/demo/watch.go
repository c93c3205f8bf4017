package demo

import "context"

const (
	// watchedPages is how many booking pages may be open in a salon; watchOneIn is how often a customer opens one.
	watchedPages = 6
	watchOneIn   = 4
)

// mayWatch decides whether the customer opens the page of his new booking.
func (s *salon) mayWatch() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watched >= watchedPages || !s.dice.share(watchOneIn) {
		return false
	}
	s.watched++
	return true
}

func (s *salon) stopWatching() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watched--
}

// watch opens the page of one booking, with a token for it, and keeps it open until the booking has ended. Nothing follows
// the message that says so, and so the page can be closed without missing one.
func (t *town) watch(ctx context.Context, s *salon, b *booking, rec receipt) {
	t.pages.Go(func() {
		defer s.stopWatching()
		// Reading it first waits for the read model, without which the API does not know whose booking it is.
		var view bookingView
		if _, err := t.get(ctx, b.customer, atLeast(bookingPath(b.id), rec.Position), &view); err != nil {
			t.Logger.WarnContext(ctx, "booking not readable", errAttr(err))
			return
		}
		p, err := t.openPage(ctx, b.customer, "booking", b.id, bookingPath(b.id), bookingChannel(b.id))
		if err != nil {
			t.Logger.WarnContext(ctx, "booking page not opened", errAttr(err))
			return
		}
		defer p.leave(ctx)
		p.run(ctx)
	})
}
