package ablylocal_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/ably/ably-go/ably"

	"github.com/royalglow/booking/internal/ablylocal"
)

// subscribe attaches and gives the names of what arrives.
func subscribe(t *testing.T, client *ably.Realtime, name string) <-chan string {
	t.Helper()
	got := make(chan string, 1000)
	_, err := client.Channels.Get(name).SubscribeAll(t.Context(), func(m *ably.Message) { got <- m.Name })
	if err != nil {
		t.Fatalf("subscribe %s: %v", name, err)
	}
	return got
}

func TestSubscriberWithJWTHearsWhatIsPublished(t *testing.T) {
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			e := start(t, ablylocal.Config{})
			client := e.realtime(t, protocol, withJWT(t, `{"customer:u1:*":["subscribe"]}`, "u1", time.Minute))
			got := subscribe(t, client, "customer:u1:bookings")
			publisher := e.rest(t, protocol).Channels.Get("customer:u1:bookings")
			for i := range 20 {
				if err := publisher.Publish(t.Context(), fmt.Sprint(i), "x"); err != nil {
					t.Fatalf("publish: %v", err)
				}
			}
			for i := range 20 {
				if name := receive(t, got, "message"); name != fmt.Sprint(i) {
					t.Fatalf("message %d is %q", i, name)
				}
			}
		})
	}
}

func TestAttachingWithoutCapabilityIsDenied(t *testing.T) {
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			e := start(t, ablylocal.Config{})
			client := e.realtime(t, protocol, withJWT(t, `{"customer:u1:*":["subscribe"]}`, "u1", time.Minute))
			denied := client.Channels.Get("admin:bookings:br_1")
			wantCode(t, denied.Attach(t.Context()), 40160)
			if denied.State() != ably.ChannelStateFailed {
				t.Errorf("channel is %v", denied.State())
			}
			own := client.Channels.Get("customer:u1:bookings")
			if err := own.Attach(t.Context()); err != nil {
				t.Fatalf("attach: %v", err)
			}
			wantCode(t, own.Publish(t.Context(), "n", "d"), 40160)
		})
	}
}

// TestAttachingToNothingEndsTheConnection: a client takes an ERROR without a channel for one of the connection. When the
// server went on as if nothing was, the two would differ about whether there is one.
func TestAttachingToNothingEndsTheConnection(t *testing.T) {
	e := start(t, ablylocal.Config{})
	client := e.realtime(t, ably.WithKey(testKey))
	failed := make(chan ably.ConnectionStateChange, 1)
	client.Connection.Once(ably.ConnectionEventFailed, func(change ably.ConnectionStateChange) { failed <- change })
	wantCode(t, client.Channels.Get("").Attach(t.Context()), 40010)
	if change := receive(t, failed, "failure"); change.Reason == nil || change.Reason.Code != 40010 {
		t.Errorf("failed with %v", change.Reason)
	}
	for deadline := time.Now().Add(10 * time.Second); e.Stats().Connections != 0; {
		if time.Now().After(deadline) {
			t.Fatalf("the server holds %d connections", e.Stats().Connections)
		}
		runtime.Gosched()
	}
}

func TestRealtimePublishIsAcknowledgedAndEchoed(t *testing.T) {
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			e := start(t, ablylocal.Config{})
			loud := e.realtime(t, protocol, ably.WithKey(testKey))
			quiet := e.realtime(t, protocol, ably.WithKey(testKey), ably.WithEchoMessages(false))
			heardByLoud, heardByQuiet := subscribe(t, loud, "c"), subscribe(t, quiet, "c")
			if err := loud.Channels.Get("c").Publish(t.Context(), "from loud", "d"); err != nil {
				t.Fatalf("publish: %v", err)
			}
			if err := quiet.Channels.Get("c").Publish(t.Context(), "from quiet", "d"); err != nil {
				t.Fatalf("publish: %v", err)
			}
			if a, b := receive(t, heardByLoud, "own"), receive(t, heardByLoud, "other"); a != "from loud" || b != "from quiet" {
				t.Errorf("loud heard %q, %q", a, b)
			}
			if a := receive(t, heardByQuiet, "other"); a != "from loud" {
				t.Errorf("quiet heard %q", a)
			}
		})
	}
}

func TestDroppedSocketResumesWithoutLossOrRepeat(t *testing.T) {
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			e := start(t, ablylocal.Config{})
			client := e.realtime(t, protocol, withJWT(t, `{"c":["subscribe"]}`, "u1", time.Minute))
			got := subscribe(t, client, "c")
			id := client.Connection.ID()
			resumed := make(chan bool, 100)
			client.Channels.Get("c").OnAll(func(change ably.ChannelStateChange) {
				if change.Current == ably.ChannelStateAttached {
					resumed <- change.Resumed
				}
			})
			publisher := e.rest(t, protocol).Channels.Get("c")
			next := 0
			for round := range 5 {
				lost := make(chan struct{}, 10)
				off := client.Connection.On(ably.ConnectionEventDisconnected, func(ably.ConnectionStateChange) { lost <- struct{}{} })
				if e.ln.cut() == 0 {
					t.Fatal("nothing was cut")
				}
				receive(t, lost, "disconnection")
				off()
				for range 5 {
					publish(t, publisher, fmt.Sprint(next))
					next++
				}
				for i := next - 5; i < next; i++ {
					if name := receive(t, got, "message of the gap"); name != fmt.Sprint(i) {
						t.Fatalf("round %d: got %q, want %d", round, name, i)
					}
				}
				if client.Connection.ID() != id {
					t.Fatalf("connection id changed: the connection was not resumed")
				}
			}
			select {
			case extra := <-got:
				t.Errorf("repeated %q", extra)
			default:
			}
		})
	}
}

// publish sends one message, again when the cut took the client's own connection.
func publish(t *testing.T, channel *ably.RESTChannel, name string) {
	t.Helper()
	id := "pub-" + name
	var err error
	for range 3 {
		err = channel.PublishMultiple(t.Context(), []*ably.Message{{ID: id, Name: name}})
		if err == nil {
			return
		}
	}
	t.Fatalf("publish: %v", err)
}

func TestServerAsksForRenewalBeforeExpiry(t *testing.T) {
	t.Parallel() // it waits for real seconds
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := start(t, ablylocal.Config{})
			// 30 s before its expiry the server asks; this token starts 32 s before.
			asked := make(chan struct{}, 10)
			first := true
			client := e.realtime(t, protocol, ably.WithAuthCallback(func(context.Context, ably.TokenParams) (ably.Tokener, error) {
				asked <- struct{}{}
				ttl := time.Hour
				if first {
					ttl = 32 * time.Second
				}
				first = false
				return ably.TokenString(signJWT(t, jwtClaims(`{"c":["subscribe"]}`, "u1", ttl))), nil
			}))
			updated := make(chan ably.ConnectionStateChange, 10)
			client.Connection.On(ably.ConnectionEventUpdate, func(c ably.ConnectionStateChange) { updated <- c })
			got := subscribe(t, client, "c")
			receive(t, asked, "first token")
			receive(t, asked, "renewal")
			if change := receive(t, updated, "update"); change.Reason != nil {
				t.Errorf("update with error %v", change.Reason)
			}
			publish(t, e.rest(t, protocol).Channels.Get("c"), "after")
			if name := receive(t, got, "message"); name != "after" {
				t.Errorf("got %q", name)
			}
		})
	}
}

func TestExpiredTokenDisconnectsAndTheClientResumes(t *testing.T) {
	t.Parallel() // it waits for real seconds
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := start(t, ablylocal.Config{})
			client := e.realtime(t, protocol, withJWT(t, `{"c":["subscribe"]}`, "u1", 2*time.Second))
			got := subscribe(t, client, "c")
			id := client.Connection.ID()
			gone := make(chan ably.ConnectionStateChange, 10)
			client.Connection.On(ably.ConnectionEventDisconnected, func(c ably.ConnectionStateChange) { gone <- c })
			change := receive(t, gone, "expiry")
			if change.Reason == nil || change.Reason.Code != 40142 {
				t.Errorf("disconnected for %v", change.Reason)
			}
			publish(t, e.rest(t, protocol).Channels.Get("c"), "in the gap")
			if name := receive(t, got, "message"); name != "in the gap" {
				t.Errorf("got %q", name)
			}
			if client.Connection.ID() != id {
				t.Error("the connection was not resumed")
			}
		})
	}
}
