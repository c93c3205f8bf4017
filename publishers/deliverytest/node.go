package deliverytest

import (
	"context"
	"net"
	"testing"

	"github.com/royalglow/booking/internal/esdbnode"
)

// StartNode serves an embedded node on loopback until the test ends, and returns how to connect to it.
func StartNode(tb testing.TB) (connection string) {
	tb.Helper()
	node, err := esdbnode.Open(tb.Context(), esdbnode.Config{Dir: tb.TempDir()})
	if err != nil {
		tb.Fatal(err)
	}
	ln, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	served := make(chan error, 1)
	go func() { served <- node.Serve(ctx, ln, esdbnode.Access{}) }()
	tb.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			tb.Errorf("serve node: %v", err)
		}
		if err := node.Close(); err != nil {
			tb.Errorf("close node: %v", err)
		}
	})
	return "esdb://" + ln.Addr().String() + "?tls=false"
}
