package calendars_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/internal/database/databasetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(databasetest.Main(m)) }
