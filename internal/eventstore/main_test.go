package eventstore_test

import (
	"testing"

	"go.uber.org/goleak"
)

// The client must not be left behind: every goroutine that a test began ends with it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
