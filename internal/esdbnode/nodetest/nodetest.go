// Package nodetest runs embedded nodes for tests.
package nodetest

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"

	"github.com/royalglow/booking/internal/esdbnode"
)

// Start serves a new node on a loopback port until the test ends, and returns how to connect to it.
func Start(tb testing.TB) (connection string) {
	tb.Helper()
	ln := listen(tb, "tcp", "127.0.0.1:0")
	serve(tb, tb.TempDir(), ln)
	return "esdb://" + ln.Addr().String() + "?tls=false"
}

// StartSocket serves a new node on a Unix socket until the test ends.
func StartSocket(tb testing.TB) (socket string) {
	tb.Helper()
	// A socket's path is short by nature; a test's folder is not.
	dir, err := os.MkdirTemp("", "node") //nolint:usetesting // see above
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	ServeSocket(tb, filepath.Join(dir, "data"), socket)
	return socket
}

// ServeSocket serves the node of a folder, which may exist, on a Unix socket until the test ends.
func ServeSocket(tb testing.TB, dir, socket string) {
	tb.Helper()
	serve(tb, dir, listen(tb, "unix", socket))
}

func listen(tb testing.TB, network, addr string) net.Listener {
	tb.Helper()
	ln, err := new(net.ListenConfig).Listen(tb.Context(), network, addr)
	if err != nil {
		tb.Fatal(err)
	}
	return ln
}

func serve(tb testing.TB, dir string, ln net.Listener) {
	tb.Helper()
	// Nobody waits at the end for calls that a client has left open.
	node, err := esdbnode.Open(tb.Context(), esdbnode.Config{Dir: dir, DrainTimeout: 1})
	if err != nil {
		_ = ln.Close()
		tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	served := make(chan error, 1)
	go func() { served <- node.Serve(ctx, ln, esdbnode.Access{}) }()
	tb.Cleanup(func() {
		stop()
		// A server that is stopped before it has begun says so.
		if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			tb.Errorf("serve node: %v", err)
		}
		if err := node.Close(); err != nil {
			tb.Errorf("close node: %v", err)
		}
	})
}
