package demo_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails the package when a goroutine of a run outlives it.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// ably-go waits out its reconnect and retry timers in goroutines of their own, which Close does not end.
		goleak.IgnoreAnyFunction("github.com/ably/ably-go/ably.(*Connection).connectWithRetryLoop"),
		goleak.IgnoreAnyFunction("github.com/ably/ably-go/ably.(*clientOptions).contextWithTimeout"),
		goleak.IgnoreAnyFunction("github.com/ably/ably-go/ably/internal/ablyutil.After.func1"),
	)
}
