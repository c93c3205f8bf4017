package demo_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/demo"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

// engine is a small engine in memory that keeps every promise unless a test breaks one. It answers the same requests as
// the real API and publishes to a real local endpoint.
type engine struct {
	api  *httptest.Server
	ably *httptest.Server
	key  string

	// The ways to break it; set before the run.
	overbook bool                                            // allow overlaps
	tamper   func([]publishers.Message) []publishers.Message // change what is published of an event
	busyFor  int                                             // answer so many commands with 503 first
	logFails error                                           // what following the log ends with

	mu       sync.Mutex
	log      []eventstore.Recorded
	grown    chan struct{} // closed and replaced when the log grows
	branches map[string]domain.Branch
	staff    map[string]domain.Staff
	bookings map[string]domain.Booking
	receipts map[string]receipt // by idempotency key
	acked    int64
	begun    chan struct{} // closed at the first command
	begin    sync.Once
}

type receipt struct {
	ID       string              `json:"id"`
	Revision eventstore.Revision `json:"revision"`
	Position eventstore.Position `json:"position"`
}

func newEngine(tb testing.TB) *engine {
	tb.Helper()
	endpoint, err := ablylocal.New(ablylocal.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	e := &engine{
		key: endpoint.Key(), grown: make(chan struct{}), begun: make(chan struct{}),
		tamper:   func(m []publishers.Message) []publishers.Message { return m },
		branches: map[string]domain.Branch{}, staff: map[string]domain.Staff{},
		bookings: map[string]domain.Booking{}, receipts: map[string]receipt{},
	}
	e.ably = httptest.NewServer(endpoint.Handler())
	e.api = httptest.NewServer(e.routes())
	ctx, stop := context.WithCancel(context.Background())
	var publisher sync.WaitGroup
	publisher.Go(func() { e.publish(ctx, tb) })
	tb.Cleanup(func() {
		stop()
		publisher.Wait()
		e.api.Close()
		if err := endpoint.Drain(context.Background()); err != nil {
			tb.Errorf("drain endpoint: %v", err)
		}
		e.ably.Close()
	})
	return e
}

// config is a short run against the engine.
func (e *engine) config(tb testing.TB) demo.Config {
	tb.Helper()
	u, err := url.Parse(e.ably.URL)
	if err != nil {
		tb.Fatal(err)
	}
	host, portText, err := net.SplitHostPort(u.Host)
	if err != nil {
		tb.Fatal(err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		tb.Fatal(err)
	}
	return demo.Config{
		API: e.api.URL, Ably: demo.Ably{Host: host, Port: port}, SignIn: signIn, Log: e, Messages: owed,
		Acknowledged: func() int64 { e.mu.Lock(); defer e.mu.Unlock(); return e.acked },
		Rate:         60, Duration: 1500 * time.Millisecond,
	}
}

// signIn makes a token that the engine believes: the user himself.
func signIn(u demo.User) (string, error) {
	data, err := json.Marshal(u)
	return base64.RawURLEncoding.EncodeToString(data), err
}

func owed(rec eventstore.Recorded) []check.Message {
	var list []check.Message
	for _, m := range publishers.Messages(rec, nil) {
		list = append(list, check.Message{Channel: m.Channel, Part: m.Envelope.Part})
	}
	return list
}

// Head and Follow make the engine a demo.Log.
func (e *engine) Head(context.Context) (eventstore.Position, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return eventstore.Position(len(e.log)), nil
}

func (e *engine) Follow(ctx context.Context, after eventstore.Position, each func(eventstore.Recorded)) error {
	for next := int(after); ; {
		e.mu.Lock()
		news, grown := e.log[next:], e.grown
		e.mu.Unlock()
		for _, rec := range news {
			each(rec)
		}
		next += len(news)
		if e.logFails != nil && next > 0 {
			return e.logFails
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// append adds a fact to the log; e.mu is held.
func (e *engine) append(stream string, revision eventstore.Revision, actor domain.Actor, fact domain.Event) eventstore.Recorded {
	now := time.Now()
	rec := eventstore.Recorded{
		ID: uuid.New(), Stream: stream, Revision: revision, Position: eventstore.Position(len(e.log) + 1), Created: now,
		Event: fact, Metadata: eventstore.Metadata{Actor: actor, OccurredAt: now},
	}
	e.log = append(e.log, rec)
	close(e.grown)
	e.grown = make(chan struct{})
	return rec
}

// publish sends the messages of each event to the endpoint, in log order, until the context ends.
func (e *engine) publish(ctx context.Context, tb testing.TB) {
	tb.Helper()
	err := e.Follow(ctx, 0, func(rec eventstore.Recorded) {
		messages := e.tamper(publishers.Messages(rec, nil))
		if len(messages) == 0 || ctx.Err() != nil {
			return
		}
		if err := e.post(ctx, messages); err != nil && ctx.Err() == nil {
			tb.Errorf("publish: %v", err)
			return
		}
		e.mu.Lock()
		e.acked += int64(len(messages))
		e.mu.Unlock()
	})
	if !errors.Is(err, context.Canceled) && e.logFails == nil {
		tb.Errorf("publisher ended with %v", err)
	}
}
