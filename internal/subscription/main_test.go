package subscription_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/database/databasetest"
)

// A runner ends with everything that it began.
func TestMain(m *testing.M) {
	if owner := os.Getenv(beOwner); owner != "" {
		if err := ownForATest(owner); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(databasetest.Main(m))
}
