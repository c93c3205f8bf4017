package projections_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
)

// TestAnAuditFindsWhatIsWrongAndNothingElse damages rows of random histories in every way, and lets the audit heal what it finds.
func TestAnAuditFindsWhatIsWrongAndNothingElse(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		t.Parallel()
		w := newWorld(t, db)
		struck := map[string]int{}
		rapid.Check(t, func(r *rapid.T) {
			w.restart()
			w.write(randomHistory(t, r, 40))
			project(t, w.m, w.log.All())
			before, was := w.content(), w.dump()
			if found := told(w.audit(false)); len(found) > 0 {
				r.Fatalf("nothing is wrong, but: %q", found)
			}
			done := map[string]bool{}
			for range below(6).Draw(r, "damages") + 1 {
				s := shapes()[below(len(shapes())).Draw(r, "table")]
				how := below(3).Draw(r, "how")
				if w.corrupt(r, s, how, done) {
					struck[s.table+[]string{" missing", " changed", " extra"}[how]]++
				}
			}
			want := damage(was, w.dump())
			reports := w.audit(true)
			if found := told(reports); !slices.Equal(found, want) {
				r.Fatalf("found %q\n want %q", found, want)
			}
			same(r, "content after healing", w.content(), before)
			for _, report := range reports {
				if len(report.Refused) > 0 {
					r.Fatalf("refused: %+v", report.Refused)
				}
			}
			if found := told(w.audit(false)); len(found) > 0 {
				r.Fatalf("all is healed, but: %q", found)
			}
		})
		t.Logf("%d ways of damage: %v", len(struck), struck)
	})
}
