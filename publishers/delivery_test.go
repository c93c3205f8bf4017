package publishers_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

func TestEveryChannelGetsItsMessagesInCommitOrder(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"event by event": 1, "in one batch": 1000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			s := dayStory(t)
			s.noise()
			p := open(t, b.config())
			if err := handle(t.Context(), p, s.log, size); err != nil {
				t.Fatal(err)
			}
			got := shown(t, b.messages())
			if want := expected(t, s.log); !reflect.DeepEqual(got, want) {
				t.Errorf("channels show\n%v\nwant\n%v", got, want)
			}
			end := s.log[len(s.log)-1].Position
			st := p.Status()
			if st.State != publishers.Live || st.Position != end || st.Acknowledged != int64(len(b.messages())) || st.LastError != "" {
				t.Errorf("status %+v after %d messages up to %d", st, len(b.messages()), end)
			}
			// The last plan ends at the last event when all were one batch, at the last but one when each was its own: the
			// noise publishes nothing.
			if planned := p.Planned(); planned != end && planned != s.log[len(s.log)-2].Position {
				t.Errorf("planned %d, the log ends at %d", planned, end)
			}
			if again := open(t, b.config()); again.Planned() != p.Planned() {
				t.Errorf("planned %d after a restart, %d before", again.Planned(), p.Planned())
			}
		})
	}
}

func TestMessagesNameTheirEventInTheHeaders(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := dayStory(t)
	if err := handle(t.Context(), open(t, b.config()), s.log[:1], 1); err != nil {
		t.Fatal(err)
	}
	for _, m := range b.messages() {
		extras, ok := m.Extras.(map[string]any)
		if !ok {
			t.Fatalf("%s has no extras", m.Name)
		}
		want := map[string]any{"eventId": s.log[0].ID.String(), "eventType": "booking.requested"}
		if !reflect.DeepEqual(extras["headers"], want) {
			t.Errorf("headers %v, want %v", extras["headers"], want)
		}
		base, index, _ := strings.Cut(m.ID, ":")
		if !strings.HasPrefix(base, s.log[0].ID.String()) || index == "" {
			t.Errorf("id %q does not begin with its event", m.ID)
		}
	}
}

func TestTheFirstStartBeginsAtTheEndOfTheLogAndLaterOnesDoNot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := dayStory(t)
	cfg := b.config()
	cfg.Head = func(context.Context) (eventstore.Position, error) { return s.log[1].Position, nil }
	at, err := open(t, cfg).Checkpoint(t.Context())
	if err != nil || at != s.log[1].Position {
		t.Fatalf("first checkpoint %d (%v), want the end %d", at, err, s.log[1].Position)
	}
	// The position was written at once: a later start goes on there although the log has grown.
	cfg.Head = func(context.Context) (eventstore.Position, error) { return s.log[4].Position, nil }
	p := open(t, cfg)
	if at, err = p.Checkpoint(t.Context()); err != nil || at != s.log[1].Position {
		t.Fatalf("second checkpoint %d (%v), want %d", at, err, s.log[1].Position)
	}
	if err := handle(t.Context(), p, s.log, 2); err != nil {
		t.Fatal(err)
	}
	if got, want := shown(t, b.messages()), expected(t, s.log[2:]); !reflect.DeepEqual(got, want) {
		t.Errorf("published\n%v\nwant only what came after the first start\n%v", got, want)
	}
}

func TestTheStartFailsWhileTheEndOfTheLogIsUnknown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	away := errors.New("the store is away")
	cfg := b.config()
	cfg.Head = func(context.Context) (eventstore.Position, error) { return 0, away }
	p := open(t, cfg)
	if _, err := p.Checkpoint(t.Context()); !errors.Is(err, away) {
		t.Fatalf("error %v, want %v", err, away)
	}
	if err := p.Handle(t.Context(), subscription.Batch{Events: dayStory(t).log, Position: 9999}); !errors.Is(err, away) {
		t.Fatalf("handled with %v, want %v", err, away)
	}
	if len(b.messages()) != 0 {
		t.Error("published without knowing from where")
	}
}

func TestADatabaseOfAnotherStoreIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := open(t, b.config()).Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg := b.config()
	cfg.StoreID = "another"
	if _, err := publishers.Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), storeID) {
		t.Fatalf("opened with %v, want both stores named", err)
	}
}

func TestWithoutAKeyThePublisherSaysSoAndDoesNothing(t *testing.T) {
	t.Parallel()
	p := open(t, publishers.Config{})
	if p.Configured() || p.Status().State != publishers.NotConfigured || p.Planned() != 0 {
		t.Errorf("configured %v, %+v, planned %d", p.Configured(), p.Status(), p.Planned())
	}
	if _, err := p.Checkpoint(t.Context()); !errors.Is(err, publishers.ErrNotConfigured) {
		t.Errorf("checkpoint: %v", err)
	}
	if err := p.Handle(t.Context(), subscription.Batch{}); !errors.Is(err, publishers.ErrNotConfigured) {
		t.Errorf("handle: %v", err)
	}
}

func TestWrongConfigurationIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, change := range map[string]func(*publishers.Config){
		"a key without secret":    func(c *publishers.Config) { c.Key = "app.key" },
		"a key without a dot":     func(c *publishers.Config) { c.Key = "app:secret" },
		"no database":             func(c *publishers.Config) { c.DB = nil },
		"no identity":             func(c *publishers.Config) { c.StoreID = "" },
		"no end of the log":       func(c *publishers.Config) { c.Head = nil },
		"an endpoint with a path": func(c *publishers.Config) { c.Endpoint = "http://127.0.0.1:80/x" },
		"an endpoint, no port":    func(c *publishers.Config) { c.Endpoint = "127.0.0.1" },
		"an endpoint, no host":    func(c *publishers.Config) { c.Endpoint = ":8080" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := b.config()
			change(&cfg)
			_, err := publishers.Open(t.Context(), cfg)
			if err == nil {
				t.Fatal("opened")
			}
			if strings.Contains(err.Error(), "secret"+"value") || strings.Contains(err.Error(), "\n") {
				t.Errorf("says %q", err)
			}
		})
	}
}
