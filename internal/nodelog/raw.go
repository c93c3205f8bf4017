package nodelog

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/domain"
)

// dial returns the bare client.
func dial(tb testing.TB, socket string) *esdb.Client {
	tb.Helper()
	client, err := esdb.NewClient(&esdb.Configuration{
		Address: "unix://" + socket, DisableTLS: true, MaxDiscoverAttempts: 10, DiscoveryInterval: 100,
		GossipTimeout: 5, KeepAliveInterval: 10 * time.Second, KeepAliveTimeout: 10 * time.Second,
		Logger: esdb.NoopLogging(),
	})
	check(tb, err)
	tb.Cleanup(func() { check(tb, client.Close()) })
	return client
}

// Raw drains the log with the bare client: a subscription to $all with the engine's filter, whose events are counted and
// thrown away undecoded. It returns events a second, from the call that subscribes to the last event.
func (l *Log) Raw(tb testing.TB) float64 {
	tb.Helper()
	began := time.Now()
	check(tb, l.drain(tb.Context()))
	return float64(l.Events) / time.Since(began).Seconds()
}

func (l *Log) drain(ctx context.Context) error {
	sub, err := l.client.SubscribeToAll(ctx, esdb.SubscribeToAllOptions{
		From: esdb.Start{},
		// The window in which the engine's own subscription asks for checkpoints.
		MaxSearchWindow: 1000,
		Filter:          &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: domain.StreamPrefixes()},
	})
	if err != nil {
		return fmt.Errorf("drain log: %w", err)
	}
	defer sub.Close() //nolint:errcheck // it only cancels
	for got := 0; ; {
		switch m := sub.Recv(); {
		case m.SubscriptionDropped != nil:
			return fmt.Errorf("drain log: %w", m.SubscriptionDropped.Error)
		case m.EventAppeared != nil:
			if got++; got == l.Events {
				return nil
			}
		case m.CaughtUp != nil:
			return errors.New("drain log: it is shorter than it was")
		}
	}
}
