package subscription_test

import (
	"testing"

	"go.uber.org/goleak"
)

// A runner ends with everything that it began.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
