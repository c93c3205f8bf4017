package deliverytest_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/database/databasetest"
)

func TestMain(m *testing.M) {
	if owner := os.Getenv(beOwner); owner != "" {
		if err := ownForATest(owner); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(databasetest.Main(m),
		// ably-go waits out its reconnect and retry timers in goroutines of their own, which Close does not end.
		goleak.IgnoreAnyFunction("github.com/ably/ably-go/ably.(*Connection).connectWithRetryLoop"),
		goleak.IgnoreAnyFunction("github.com/ably/ably-go/ably.(*clientOptions).contextWithTimeout"),
		goleak.IgnoreAnyFunction("github.com/ably/ably-go/ably/internal/ablyutil.After.func1"),
	)
}
