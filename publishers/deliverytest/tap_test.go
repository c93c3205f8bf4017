package deliverytest_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
	"github.com/royalglow/booking/publishers/deliverytest"
)

// endpoint is a local endpoint behind a Tap.
type endpoint struct {
	server *ablylocal.Server
	tap    *deliverytest.Tap
}

func newEndpoint(t *testing.T) *endpoint {
	t.Helper()
	server, err := ablylocal.New(ablylocal.Config{Limits: ablylocal.LimitsOff})
	if err != nil {
		t.Fatal(err)
	}
	return &endpoint{server, &deliverytest.Tap{}}
}

// door opens a way to the endpoint and returns its address.
func (e *endpoint) door(t *testing.T, by string) string {
	t.Helper()
	web := httptest.NewServer(e.tap.Wrap(by, e.server.Handler()))
	t.Cleanup(web.Close)
	t.Cleanup(func() {
		if err := e.server.Drain(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return strings.TrimPrefix(web.URL, "http://")
}

func (e *endpoint) listen(t *testing.T, at string, channels ...string) *deliverytest.Ear {
	t.Helper()
	ear, err := deliverytest.Listen(t.Context(), at, e.server.Key(), channels)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ear.Close(context.Background()) })
	return ear
}

// waitFor waits until so many messages have been heard, in all.
func waitFor(t *testing.T, ear *deliverytest.Ear, n int) map[string][]deliverytest.Message {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ear.Count() < n; {
		if time.Now().After(deadline) {
			t.Fatalf("%d messages heard, want %d", ear.Count(), n)
		}
		time.Sleep(5 * time.Millisecond)
	}
	heard, err := ear.Heard()
	if err != nil {
		t.Fatal(err)
	}
	return heard
}

// TestAPublisherIsSeenAndHeard lets a publisher deliver past each fault of the endpoint to a subscriber who is cut off; what tap and ear
// note of that is in order.
func TestAPublisherIsSeenAndHeard(t *testing.T) {
	t.Parallel()
	log := confirmations(6)
	for kind, wants := range map[ablylocal.Fault]struct {
		outcome deliverytest.Outcome
		again   bool
	}{
		ablylocal.FaultNone:        {deliverytest.Acknowledged, false},
		ablylocal.FaultRateLimited: {deliverytest.Refused, false},
		ablylocal.FaultErrorBefore: {deliverytest.Doubtful, true},
		ablylocal.FaultErrorAfter:  {deliverytest.Doubtful, true},
		ablylocal.FaultResetAfter:  {deliverytest.Doubtful, true},
		ablylocal.FaultPartial:     {deliverytest.Doubtful, true},
	} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			e := newEndpoint(t)
			at := e.door(t, "the publisher")
			ear := e.listen(t, at, heardChannel, "booking:nobody")
			first := true
			e.server.Switches().OnPublish(func([]string) (f ablylocal.PublishFault) {
				if first {
					f.Kind = kind
				}
				first = false
				return f
			})
			p, err := publishers.Open(t.Context(), publishers.Config{
				Key: e.server.Key(), Endpoint: at, DB: databasetest.Open(t, migrations.Publisher), StoreID: "store",
				Head: func(context.Context) (eventstore.Position, error) { return 0, nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			sending, stop := context.WithCancel(context.WithoutCancel(t.Context()))
			over := make(chan error, 1)
			go func() { over <- p.Run(sending) }()
			t.Cleanup(func() {
				stop()
				if err := <-over; err != nil {
					t.Error(err)
				}
			})
			if err := p.Handle(t.Context(), subscription.Batch{Events: log[:2], Position: log[1].Position, Live: true}); err != nil {
				t.Fatal(err)
			}
			if e.server.DropSockets(nil) != 1 {
				t.Error("the subscriber was not cut off")
			}
			if err := p.Handle(t.Context(), subscription.Batch{Events: log[2:], Position: log[5].Position, Live: true}); err != nil {
				t.Fatal(err)
			}
			heard := waitFor(t, ear, 12)
			for deadline := time.Now().Add(20 * time.Second); p.Status().Queued > 0; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("put off and not delivered: %+v", p.Status())
				}
			}
			sent, err := e.tap.Sent()
			if err != nil {
				t.Fatal(err)
			}
			v := deliverytest.Check(deliverytest.Run{
				Log: log, Heard: heard, Sent: sent, MaxWireDuplicates: -1,
				Stands: []deliverytest.Stand{{Checkpoint: p.Status().Position, At: e.tap.Now()}},
			})
			if len(v.Violations) != 0 || v.Owed != 12 || (v.WireDuplicates > 0) != wants.again {
				t.Errorf("the verdict is %v", v)
			}
			if sent[0].Outcome != wants.outcome || sent[0].By != "the publisher" || sent[0].Position != log[0].Position {
				t.Errorf("first it saw %+v", sent[0])
			}
			if kind != ablylocal.FaultNone && e.server.Switches().Count(kind) != 1 {
				t.Error("the fault did not happen")
			}
		})
	}
}
