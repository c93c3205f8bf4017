package publishers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

// particular is a log that can be read only from the position of an event on, as that of the event store.
type particular struct {
	log   []eventstore.Recorded
	asked []eventstore.Position
}

// Head is the position of the last event.
func (p *particular) Head(context.Context) (eventstore.Position, error) {
	return p.log[len(p.log)-1].Position, nil
}

// Subscribe opens a subscription, which fails later.
func (p *particular) Subscribe(_ context.Context, after eventstore.Position) (eventstore.Subscription, error) {
	p.asked = append(p.asked, after)
	i := slices.IndexFunc(p.log, func(e eventstore.Recorded) bool { return e.Position == after })
	return &particularReader{rest: p.log[i+1:], foreign: after != 0 && i < 0}, nil
}

type particularReader struct {
	rest    []eventstore.Recorded
	foreign bool
}

// Recv returns the next event.
func (r *particularReader) Recv() (eventstore.Message, error) {
	switch {
	case r.foreign:
		return eventstore.Message{}, fmt.Errorf("receive: %w", eventstore.ErrForeignPosition)
	case len(r.rest) == 0:
		return eventstore.Message{CaughtUp: true}, nil
	}
	e := r.rest[0]
	r.rest = r.rest[1:]
	return eventstore.Message{Event: &e, Position: e.Position}, nil
}

// Close does nothing.
func (*particularReader) Close() error { return nil }

// TestAReplayMayBeginAnywhere: at an event, between two of them, and where the delivery log knows nothing, or only of another store.
func TestAReplayMayBeginAnywhere(t *testing.T) {
	t.Parallel()
	log := dayStory(t).log
	fourth := log[3].Position
	events := func(from eventstore.Position) (n int) {
		for _, e := range log {
			if e.Position >= from {
				n++
			}
		}
		return n
	}
	for name, tt := range map[string]struct {
		known []eventstore.Position // of the delivery log
		from  eventstore.Position
		asked []eventstore.Position
	}{
		"the first":             {from: 1, asked: []eventstore.Position{0}},
		"after an event":        {from: fourth + 1, asked: []eventstore.Position{fourth}},
		"at an event":           {known: []eventstore.Position{log[1].Position, fourth}, from: fourth, asked: []eventstore.Position{fourth - 1, log[1].Position}},
		"before an event":       {known: []eventstore.Position{log[1].Position, fourth}, from: fourth - 1, asked: []eventstore.Position{fourth - 2, log[1].Position}},
		"nothing is known":      {from: fourth, asked: []eventstore.Position{fourth - 1, 0}},
		"another store's log":   {known: []eventstore.Position{fourth - 2}, from: fourth, asked: []eventstore.Position{fourth - 1, fourth - 2, 0}},
		"known is what is past": {known: []eventstore.Position{fourth + 1}, from: fourth, asked: []eventstore.Position{fourth - 1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := openDatabase(t)
			for i, at := range tt.known {
				if _, err := db.Write.NewRaw("INSERT INTO deliveries VALUES (?, 'c', 'bkg_00000001', ?, '', 1, 'ok', 1, '', '2026-06-15 10:00:00+00:00')",
					eventID(i), at).Exec(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			from := &particular{log: log}
			got, err := publishers.Operator{DB: db, Log: from}.Replay(t.Context(), publishers.Replay{
				From: tt.from, To: log[len(log)-1].Position, DryRun: true,
			})
			if err != nil || got.Events != events(tt.from) || !slices.Equal(from.asked, tt.asked) {
				t.Errorf("%d events, want %d, asked for what is after %v, want %v: %v", got.Events, events(tt.from), from.asked, tt.asked, err)
			}
		})
	}
}

// brokenLog cannot be read from the beginning.
type brokenLog struct{ particular }

// Subscribe opens a subscription, unless it is one from the beginning.
func (l *brokenLog) Subscribe(ctx context.Context, after eventstore.Position) (eventstore.Subscription, error) {
	if after == 0 {
		return nil, errors.New("the log is damaged there")
	}
	return l.particular.Subscribe(ctx, after)
}

// TestAReplayThatFailsHoldsNoOtherUp: the one behind it is done, and it is tried again.
func TestAReplayThatFailsHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	log := dayStory(t).log
	last := log[len(log)-1].Position
	cfg := b.config()
	cfg.Log = &brokenLog{particular{log: log}}
	p := open(t, cfg)
	if _, err := p.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole := publishers.Operator{DB: b.db, Log: &particular{log: log}}
	for _, from := range []eventstore.Position{1, log[3].Position + 1} {
		if _, err := whole.Replay(t.Context(), publishers.Replay{From: from, To: last}); err != nil {
			t.Fatal(err)
		}
	}
	stop := beside(t.Context(), p)
	var first, second publishers.Replaying
	eventually(t, "the second replay", func() bool {
		all, err := whole.Replays(t.Context())
		if err != nil || len(all) != 2 {
			t.Fatal(all, err)
		}
		second, first = all[0], all[1]
		return !second.FinishedAt.IsZero()
	})
	if err := stop(); err != nil {
		t.Error(err)
	}
	if second.Messages == 0 || !first.FinishedAt.IsZero() || first.Messages > 0 {
		t.Errorf("the one that cannot be read has come to %+v, the other to %+v", first, second)
	}
}

// TestAReplayThatIsComposedAgainHoldsNothingUp: something is to be forgotten while a request of a replay hangs. What comes next does not wait
// for its answer.
func TestAReplayThatIsComposedAgainHoldsNothingUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := newStory(t)
	s.request("bkg_000000", start, asha)
	end := s.log[len(s.log)-1].Position
	replayed := atomic.Int64{}
	gate := make(chan struct{})
	cfg := b.config()
	cfg.AttemptTimeout = time.Minute
	cfg.Log = &particular{log: s.log}
	cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if bytes.Contains(raw, []byte(`"redelivery":true`)) && replayed.Add(1) == 1 {
			<-gate
		}
		return http.DefaultTransport.RoundTrip(withBody(r, raw))
	})
	p := open(t, cfg)
	if _, err := p.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop := beside(t.Context(), p)
	give := func(events []eventstore.Recorded) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := p.Handle(ctx, subscription.Batch{Events: events, Position: events[len(events)-1].Position}); err != nil {
			t.Error(err)
		}
	}
	give(s.log)
	o := publishers.Operator{DB: b.db, Log: cfg.Log}
	if _, err := o.Replay(t.Context(), publishers.Replay{From: 1, To: end, Channel: "admin:bookings:" + branch}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the replay", func() bool { return replayed.Load() == 1 })
	before := len(s.log)
	s.record(domain.CustomerStream(customer), domain.CustomerErased{CustomerID: customer, At: s.now}, byManager)
	give(s.log[before:])
	before = len(s.log)
	s.do("bkg_000000", byAsha, noting("nt_first1", domain.VisibleInternal, byAsha))
	give(s.log[before:])
	close(gate)
	eventually(t, "the end of the replay", func() bool {
		all, err := o.Replays(t.Context())
		return err == nil && !all[0].FinishedAt.IsZero()
	})
	if err := stop(); err != nil {
		t.Error(err)
	}
}
