package projections_test

import (
	"testing"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/nodelog"
)

func BenchmarkZZ(b *testing.B) {
	log := nodelog.New(b, 100000)
	for b.Loop() {
		for _, n := range []string{"bookings"} {
			b.Logf("raw %.0f", log.Raw(b))
			b.Logf("build %.0f", build(b, log, database.SQLite, n))
		}
	}
}
