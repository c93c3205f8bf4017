package commands_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc"

	"github.com/royalglow/booking/internal/esdbnode"
)

// startBenchNode serves an embedded node until the benchmark ends and returns its socket.
func startBenchNode(tb testing.TB) (socket string) {
	tb.Helper()
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	dir, err := os.MkdirTemp("", "cmd") //nolint:usetesting // a socket's path is short by nature; a test's folder is not
	must(err)
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	node, err := esdbnode.Open(tb.Context(), esdbnode.Config{Dir: filepath.Join(dir, "data"), DrainTimeout: 1})
	must(err)
	tb.Cleanup(func() { must(node.Close()) })
	socket = filepath.Join(dir, "s")
	lis, err := (&net.ListenConfig{}).Listen(tb.Context(), "unix", socket)
	must(err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- node.Serve(ctx, lis, esdbnode.Access{}) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			tb.Errorf("serve: %v", err)
		}
	})
	return socket
}

// dialBench returns the bare client.
func dialBench(tb testing.TB, socket string) *esdb.Client {
	tb.Helper()
	client, err := esdb.NewClient(&esdb.Configuration{
		Address: "unix://" + socket, DisableTLS: true, MaxDiscoverAttempts: 10, DiscoveryInterval: 100,
		GossipTimeout: 5, KeepAliveInterval: 10 * time.Second, KeepAliveTimeout: 10 * time.Second,
		Logger: esdb.NoopLogging(),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}
