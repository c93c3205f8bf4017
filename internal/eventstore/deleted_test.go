package eventstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/storetest"
)

// rawClient is the library alone, for what the package never does.
func rawClient(t *testing.T, n *node) *esdb.Client {
	t.Helper()
	c, err := esdb.NewClient(&esdb.Configuration{
		Address: "unix://" + n.socket, DisableTLS: true, MaxDiscoverAttempts: 3, DiscoveryInterval: 10, GossipTimeout: 5,
		KeepAliveInterval: -1, NodePreference: esdb.NodePreferenceLeader,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// The engine never deletes. A stream that someone else has deleted or cut must not pass for one that never was: a booking
// would be decided on nothing.
func TestAStreamThatWasTamperedWithIsNoEmptyStream(t *testing.T) {
	n := newNode(t)
	raw := rawClient(t, n)
	for _, c := range []struct {
		name   string
		tamper func(ctx context.Context, stream string) error
	}{
		{"deleted", func(ctx context.Context, stream string) error {
			_, err := raw.DeleteStream(ctx, stream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
			return err
		}},
		{"deleted for ever", func(ctx context.Context, stream string) error {
			_, err := raw.TombstoneStream(ctx, stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
			return err
		}},
		{"cut at the front", func(ctx context.Context, stream string) error {
			m := esdb.StreamMetadata{}
			m.SetTruncateBefore(2)
			_, err := raw.SetStreamMetadata(ctx, stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, m)
			return err
		}},
		{"cut altogether", func(ctx context.Context, stream string) error {
			m := esdb.StreamMetadata{}
			m.SetTruncateBefore(3)
			_, err := raw.SetStreamMetadata(ctx, stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, m)
			return err
		}},
		{"capped", func(ctx context.Context, stream string) error {
			m := esdb.StreamMetadata{}
			m.SetMaxCount(1)
			_, err := raw.SetStreamMetadata(ctx, stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, m)
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, eventstore.Config{Socket: n.socket})
			a := storetest.Sample("br_"+strings.ReplaceAll(c.name, " ", ""), eventstore.NoStream, 3)
			storetest.MustAppend(t, s, a)
			if err := c.tamper(t.Context(), a.Stream); err != nil {
				t.Fatal(err)
			}
			var last error
			for _, err := range s.Read(t.Context(), a.Stream, 0) {
				last = err
			}
			if !errors.Is(last, eventstore.ErrDeleted) {
				t.Errorf("read: %v, want ErrDeleted", last)
			}
		})
	}
}

func TestAnAppendToADeletedStreamFails(t *testing.T) {
	n := newNode(t)
	raw, s := rawClient(t, n), open(t, eventstore.Config{Socket: n.socket})
	for name, tombstone := range map[string]bool{"br_softdel": false, "br_harddel": true} {
		a := storetest.Sample(name, eventstore.NoStream, 2)
		storetest.MustAppend(t, s, a)
		var err error
		if tombstone {
			_, err = raw.TombstoneStream(t.Context(), a.Stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
		} else {
			_, err = raw.DeleteStream(t.Context(), a.Stream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
		}
		if err != nil {
			t.Fatal(err)
		}
		again := storetest.Sample(name, eventstore.NoStream, 1)
		again.Metadata.CommandID = "another"
		if _, err := s.Append(t.Context(), again); !errors.Is(err, eventstore.ErrDeleted) {
			t.Errorf("%s: %v, want ErrDeleted", name, err)
		}
	}
}

// What another program has put into a stream of ours stops the reader there; it is not stepped over.
func TestAForeignEventStopsReadersAndSubscribers(t *testing.T) {
	n := newNode(t)
	raw, s := rawClient(t, n), open(t, eventstore.Config{Socket: n.socket})
	a := storetest.Sample("br_foreign", eventstore.NoStream, 1)
	storetest.MustAppend(t, s, a)
	id := uuid.New()
	_, err := raw.AppendToStream(t.Context(), a.Stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Revision(0)},
		esdb.EventData{EventID: id, EventType: "coffee.brewed", ContentType: esdb.ContentTypeJson, Data: []byte(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	storetest.MustAppend(t, s, storetest.Sample("br_foreign", 1, 1))
	check := func(what string, seen int, err error) {
		t.Helper()
		bad, ok := errors.AsType[*eventstore.DecodeError](err)
		if !ok || seen != 1 || bad.Stream != a.Stream || bad.Revision != 1 || bad.ID != id || bad.Type != "coffee.brewed" || bad.Position == 0 ||
			time.Since(bad.Created).Abs() > time.Hour {
			t.Errorf("%s: %d events, then %v", what, seen, err)
		}
	}
	seen := 0
	for _, err = range s.Read(t.Context(), a.Stream, 0) {
		if err == nil {
			seen++
		}
	}
	check("read", seen, err)
	sub, err := s.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for seen = 0; err == nil; {
		var m eventstore.Message
		if m, err = sub.Recv(); m.Event != nil {
			seen++
		}
	}
	check("subscription", seen, err)
	if err := sub.Close(); err != nil {
		t.Error(err)
	}
}
