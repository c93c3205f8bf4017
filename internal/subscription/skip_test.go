package subscription_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/storetest"
	"github.com/royalglow/booking/internal/subscription"
)

// Over a real node: a consumer that halts at what it cannot decode goes on behind it once an operator has moved its
// checkpoint there, by what the halt says.
func TestAnOperatorCanPassOverAnUndecodableEvent(t *testing.T) {
	node, socket := openNode(t)
	defer serve(t, node, socket)()
	store, err := eventstore.Open(eventstore.Config{Socket: socket})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	first := storetest.Sample("br_passed", eventstore.NoStream, 1)
	storetest.MustAppend(t, store, first)
	strange := appendStrange(t, socket, first.Stream)
	last := storetest.MustAppend(t, store, storetest.Sample("br_passed", 1, 1)).Position

	db := openDatabase(t)
	h := &places{keepsPlace: keepsPlace{counting{db, "s"}}}
	run := func(over func(r *subscription.Runner) <-chan struct{}) subscription.Status {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		r := &subscription.Runner{Source: subscription.FromStore(store), Handler: h}
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		select {
		case <-over(r):
		case <-ctx.Done():
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
		return r.Status()
	}
	got := run((*subscription.Runner).Halted)
	if got.State != subscription.Halted || got.Event == nil || got.Event.ID != strange || got.Event.Type != "coffee.brewed" ||
		got.Event.Stream != first.Stream || got.Event.Revision != 1 || !got.Event.Undecodable {
		t.Fatalf("status %+v, event %+v", got, got.Event)
	}
	err = db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		return subscription.SaveCheckpoint(ctx, tx, h.Name(), "s", got.Event.Position)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := run((*subscription.Runner).CaughtUp); got.State == subscription.Halted || got.Position < last {
		t.Errorf("after passing over: %+v", got)
	}
	if want := []eventstore.Revision{0, 2}; !slices.Equal(h.seen, want) {
		t.Errorf("handled %v, want %v", h.seen, want)
	}
	if err := subscription.CheckHistory(t.Context(), db.Read, store); err != nil {
		t.Errorf("the next start: %v", err)
	}
}

// places notes the revisions that it was given.
type places struct {
	keepsPlace

	seen []eventstore.Revision
}

func (p *places) Handle(ctx context.Context, b subscription.Batch) error {
	for _, e := range b.Events {
		p.seen = append(p.seen, e.Revision)
	}
	return p.keepsPlace.Handle(ctx, b)
}

// appendStrange writes, as another program might, what this one does not understand.
func appendStrange(t *testing.T, socket, stream string) uuid.UUID {
	t.Helper()
	raw, err := esdb.NewClient(&esdb.Configuration{
		Address: "unix://" + socket, DisableTLS: true, MaxDiscoverAttempts: 3, DiscoveryInterval: 10, GossipTimeout: 5,
		KeepAliveInterval: -1, NodePreference: esdb.NodePreferenceLeader,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	id := uuid.New()
	_, err = raw.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Revision(0)},
		esdb.EventData{EventID: id, EventType: "coffee.brewed", ContentType: esdb.ContentTypeJson, Data: []byte(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
