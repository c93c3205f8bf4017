package eventstore_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/royalglow/booking/internal/esdbnode"
	"github.com/royalglow/booking/internal/eventstore"
)

// node is an embedded node whose server can be stopped and started while its data stays.
type node struct {
	t      testing.TB
	node   *esdbnode.Node
	socket string
	cancel context.CancelFunc
	served chan error
}

// newNode starts a node that ends with the test.
func newNode(t testing.TB) *node {
	t.Helper()
	// A socket's path is short by nature; a test's folder is not.
	dir, err := os.MkdirTemp("", "es")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	opened, err := esdbnode.Open(t.Context(), esdbnode.Config{Dir: filepath.Join(dir, "data"), DrainTimeout: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Errorf("close node: %v", err)
		}
	})
	n := &node{t: t, node: opened, socket: filepath.Join(dir, "s")}
	n.start()
	t.Cleanup(n.stop)
	return n
}

// start serves the socket again.
func (n *node) start() {
	n.t.Helper()
	lis, err := (&net.ListenConfig{}).Listen(n.t.Context(), "unix", n.socket)
	if err != nil {
		n.t.Fatal(err)
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
	if err := <-n.served; err != nil {
		n.t.Errorf("serve: %v", err)
	}
}

// open returns a store that ends with the test.
func open(t testing.TB, cfg eventstore.Config) *eventstore.Store {
	t.Helper()
	s, err := eventstore.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}
