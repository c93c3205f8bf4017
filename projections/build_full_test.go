package projections_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/projections"
)

// TestARebuildThatFillsTheDiskGivesItsRoomBack: people work on with the generation that is read, and the operator learns why.
func TestARebuildThatFillsTheDiskGivesItsRoomBack(t *testing.T) {
	t.Parallel()
	if kind() == database.PostgreSQL {
		return // whose disk cannot be filled for one database alone
	}
	_, h := busy(t)
	all := h.events[:3000]
	db, l := openDB(t), newLog(all[:2900]...)
	m := models(db)
	project(t, m, all[:2900])
	leave := func(pages int) {
		t.Helper()
		var used int
		if err := db.Write.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&used); err != nil {
			t.Fatal(err)
		}
		// Of the one connection that writes.
		if _, err := db.Write.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", used+pages)); err != nil {
			t.Fatal(err)
		}
	}
	run(t, m, l)
	reaches(t, m, all[2899].Position)
	leave(60) // for tables, and not for what they are to hold
	generation, err := m.Bookings.Rebuild(t.Context(), projections.Rebuild{})
	if err != nil {
		t.Fatal(err)
	}
	if b := built(t, m.Bookings, generation); b.Swapped || b.State != projections.GenerationFailed || !strings.Contains(b.Error, "the disk is full") {
		t.Errorf("%+v", b)
	}
	leave(100_000)
	l.add(all[2900:]...)
	reaches(t, m, all[2999].Position)
	if b := rebuild(t, m.Bookings, projections.Rebuild{}); !b.Verified {
		t.Errorf("%+v", b)
	}
}
