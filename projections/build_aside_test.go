package projections_test

import (
	"context"
	"testing"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// slowFromStart is a log whose subscriptions from the start deliver nothing until they may: those of builds.
type slowFromStart struct {
	*logSource
	begun chan struct{} // closed by the first
	may   chan struct{}
}

// Subscribe begins after a position.
func (s *slowFromStart) Subscribe(ctx context.Context, after eventstore.Position) (subscription.Stream, error) {
	stream, err := s.logSource.Subscribe(ctx, after)
	if after > 0 || err != nil {
		return stream, err
	}
	select {
	case <-s.begun:
	default:
		close(s.begun)
	}
	return slowStream{stream, ctx, s.may}, nil
}

type slowStream struct {
	subscription.Stream
	ctx context.Context //nolint:containedctx // as in every Stream
	may <-chan struct{}
}

// Recv waits until it may deliver.
func (s slowStream) Recv() (subscription.Item, error) {
	select {
	case <-s.may:
		return s.Stream.Recv()
	case <-s.ctx.Done():
		return subscription.Item{}, context.Cause(s.ctx)
	}
}

// TestABuildPassesOverWhatIsSetAsideWhileItRuns: it may have begun long before, and knows nothing of it when it comes there.
func TestABuildPassesOverWhatIsSetAsideWhileItRuns(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(l *logSource, bad *eventstore.Recorded){
		"undecodable":  func(l *logSource, bad *eventstore.Recorded) { l.spoil(*bad, errGarbled) },
		"inapplicable": func(_ *logSource, bad *eventstore.Recorded) { bad.Revision++ },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := requested(t)
			db, l := openDB(t), newLog(h.events...)
			m := models(db)
			stop := run(t, m, l)
			reaches(t, m, h.position)
			stop()

			p, source := m.Bookings, &slowFromStart{l, make(chan struct{}), make(chan struct{})}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- p.Run(ctx, projections.Running{Source: source, Owner: t.Name(), Exclusive: true}) }()
			defer func() {
				cancel()
				if err := <-done; err != nil {
					t.Error(err)
				}
			}()
			generation, err := p.Rebuild(t.Context(), projections.Rebuild{})
			if err != nil {
				t.Fatal(err)
			}
			<-source.begun

			known := len(h.events)
			h.confirm(first, nil)
			bad := &h.events[len(h.events)-1]
			spoil(l, bad)
			at := bad.Position
			h.request("bkg_second1", rahul, koramangala, noon().AddDate(0, 0, 1), haircut, anita)
			l.add(h.events[known:]...)
			until(t, "the halt", func() bool { return status(t, p).State == "halted" })
			if _, err := p.Skip(t.Context(), at, "usr_operator1"); err != nil {
				t.Fatal(err)
			}
			until(t, "the live one to go on", func() bool { return status(t, p).Position == h.position })
			close(source.may)
			if b := built(t, p, generation); !b.Swapped || !b.Verified {
				t.Errorf("%+v", b)
			}
		})
	}
}
