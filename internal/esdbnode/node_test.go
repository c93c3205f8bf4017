package esdbnode_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/esdbnode"
)

// testNode is a node that serves a unix socket, and the real client on it.
type testNode struct {
	*esdbnode.Node
	client *esdb.Client
	socket string
	stop   func() // client, then node; may be called early and twice
}

// startNode opens a node in a fresh folder.
func startNode(tb testing.TB, cfg esdbnode.Config) *testNode {
	tb.Helper()
	if cfg.Dir == "" {
		cfg.Dir = tb.TempDir()
	}
	node, err := esdbnode.Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatalf("open node: %v", err)
	}
	tn := serveNode(tb, node, socketPath(tb))
	tn.client = dialSocket(tb, tn.socket)
	return tn
}

func serveNode(tb testing.TB, node *esdbnode.Node, socket string) *testNode {
	tb.Helper()
	lis := listenUnix(tb, socket)
	served := make(chan error, 1)
	go func() { served <- node.Serve(context.WithoutCancel(tb.Context()), lis, esdbnode.Access{}) }()
	tn := &testNode{Node: node, socket: socket}
	tn.stop = sync.OnceFunc(func() {
		if tn.client != nil {
			_ = tn.client.Close()
		}
		if err := node.Close(); err != nil {
			tb.Errorf("close node: %v", err)
		}
		// A node may be closed before its Serve began.
		if err := <-served; err != nil && !errors.Is(err, esdbnode.ErrClosed) {
			tb.Errorf("serve: %v", err)
		}
	})
	tb.Cleanup(tn.stop)
	return tn
}

// socketPath is short: a unix socket's path has about 100 bytes.
func socketPath(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "esn") //nolint:usetesting // TempDir holds the test's name, which may be too long
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

func listenUnix(tb testing.TB, path string) net.Listener {
	tb.Helper()
	lis, err := unixListener(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	return lis
}

func unixListener(ctx context.Context, path string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "unix", path)
}

func dialSocket(tb testing.TB, path string) *esdb.Client {
	tb.Helper()
	client, err := esdb.NewClient(&esdb.Configuration{
		Address: "unix://" + path, DisableTLS: true, MaxDiscoverAttempts: 10, DiscoveryInterval: 100,
		GossipTimeout: 5, KeepAliveInterval: 10 * time.Second, KeepAliveTimeout: 10 * time.Second,
		Logger: esdb.NoopLogging(),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

func event(kind, data string) esdb.EventData {
	return esdb.EventData{EventID: uuid.New(), EventType: kind, ContentType: esdb.ContentTypeJson, Data: []byte(data)}
}

func events(n int) []esdb.EventData {
	out := make([]esdb.EventData, n)
	for i := range out {
		out[i] = event("tested", `{}`)
	}
	return out
}

func (n *testNode) append(tb testing.TB, stream string, want esdb.ExpectedRevision, evs ...esdb.EventData) *esdb.WriteResult {
	tb.Helper()
	res, err := n.client.AppendToStream(tb.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: want}, evs...)
	if err != nil {
		tb.Fatalf("append to %s: %v", stream, err)
	}
	return res
}

func (n *testNode) appendErr(tb testing.TB, stream string, want esdb.ExpectedRevision, evs ...esdb.EventData) error {
	tb.Helper()
	_, err := n.client.AppendToStream(tb.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: want}, evs...)
	return err
}

func (n *testNode) readAll(tb testing.TB, opts esdb.ReadAllOptions, count uint64) []*esdb.RecordedEvent {
	tb.Helper()
	rs, err := n.client.ReadAll(tb.Context(), opts, count)
	if err != nil {
		tb.Fatalf("read $all: %v", err)
	}
	evs, err := drain(rs)
	if err != nil {
		tb.Fatalf("read $all: %v", err)
	}
	return evs
}

func (n *testNode) read(tb testing.TB, stream string, opts esdb.ReadStreamOptions, count uint64) ([]*esdb.RecordedEvent, error) {
	tb.Helper()
	rs, err := n.client.ReadStream(tb.Context(), stream, opts, count)
	if err != nil {
		tb.Fatalf("read %s: %v", stream, err)
	}
	return drain(rs)
}

func drain(rs *esdb.ReadStream) (out []*esdb.RecordedEvent, err error) {
	defer rs.Close()
	for {
		ev, err := rs.Recv()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, ev.OriginalEvent())
	}
}

func wantCode(tb testing.TB, err error, code esdb.ErrorCode) {
	tb.Helper()
	e, ok := errors.AsType[*esdb.Error](err)
	if !ok || e.Code() != code {
		tb.Fatalf("got error %v, want client code %d", err, code)
	}
}
