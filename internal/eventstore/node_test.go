package eventstore_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"

	"github.com/royalglow/booking/internal/esdbnode"
	"github.com/royalglow/booking/internal/eventstore"
)

// node is an embedded node whose server can be stopped and started while its data stays.
type node struct {
	tb     testing.TB
	node   *esdbnode.Node
	socket string
	cancel context.CancelFunc
	served chan error
}

// newNode starts a node that ends with the test.
func newNode(tb testing.TB) *node {
	tb.Helper()
	// A socket's path is short by nature; a test's folder is not.
	dir, err := os.MkdirTemp("", "es") //nolint:usetesting // see above
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	opened, err := esdbnode.Open(tb.Context(), esdbnode.Config{Dir: filepath.Join(dir, "data"), DrainTimeout: 1})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := opened.Close(); err != nil {
			tb.Errorf("close node: %v", err)
		}
	})
	n := &node{tb: tb, node: opened, socket: filepath.Join(dir, "s")}
	n.start()
	tb.Cleanup(n.stop)
	return n
}

// start serves the socket again.
func (n *node) start() {
	n.tb.Helper()
	lis, err := (&net.ListenConfig{}).Listen(n.tb.Context(), "unix", n.socket)
	if err != nil {
		n.tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n.cancel, n.served = cancel, make(chan error, 1)
	go func() { n.served <- n.node.Serve(ctx, lis, esdbnode.Access{}) }()
}

// stop ends the server at once and waits until it is down. It may be called again.
func (n *node) stop() {
	if n.cancel == nil {
		return
	}
	n.cancel()
	n.cancel = nil
	// A server that is stopped before it has begun says so.
	if err := <-n.served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		n.tb.Errorf("serve: %v", err)
	}
}

// open returns a store that ends with the test.
func open(tb testing.TB, cfg eventstore.Config) *eventstore.Store {
	tb.Helper()
	s, err := eventstore.Open(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close store: %v", err)
		}
	})
	return s
}
