package commands_test

import (
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

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
