package projections_test

import (
	"testing"

	"github.com/royalglow/booking/projections"
)

// TestAComparisonGivesWay: a rebuild within a budget ends with reading all rows twice.
func TestAComparisonGivesWay(t *testing.T) {
	t.Parallel()
	db, _ := busy(t)
	m := models(db)
	want, _, err := m.Bookings.Content(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, rests, err := projections.RestingContent(t.Context(), m.Bookings)
	if err != nil || got.Hash != want.Hash {
		t.Fatalf("%+v is not %+v: %v", got, want, err)
	}
	due := 0
	for _, table := range got.Tables {
		due += int(table.Rows / 100)
	}
	if due < 3 || rests != due {
		t.Errorf("it rests %d times, want %d", rests, due)
	}
}
