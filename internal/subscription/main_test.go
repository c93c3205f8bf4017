package subscription_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/database/databasetest"
)

// A runner ends with everything that it began.
func TestMain(m *testing.M) { goleak.VerifyTestMain(databasetest.Main(m)) }
