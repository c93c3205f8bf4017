package projections_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

var update = flag.Bool("update", false, "write the goldens of tables that have none in the present version")

// maker is a query hook that keeps the statements which make tables.
type maker struct{ statements []string }

func (*maker) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (m *maker) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	if strings.HasPrefix(e.Query, "CREATE ") {
		m.statements = append(m.statements, e.Query)
	}
}

// TestTablesKeepTheirLayoutWithinAVersion holds the tables of each read model against testdata/schema. Where a program finds its version
// in the database it takes it that the tables are those that it knows: it would read and write columns that are not there.
func TestTablesKeepTheirLayoutWithinAVersion(t *testing.T) {
	t.Parallel()
	layouts := map[database.Kind]map[string]string{}
	for _, k := range databasetest.Kinds() {
		layouts[k] = layoutsOf(t, databasetest.OpenKind(t, k, migrations.Engine))
	}
	for _, p := range models(openDB(t)).All() {
		name, version := p.Name(), versionOf(t, p)
		var have strings.Builder
		for _, k := range databasetest.Kinds() {
			fmt.Fprintf(&have, "-- %s\n%s\n", k, layouts[k][name])
		}
		checkLayout(t, name, version, have.String())
	}
}

// checkLayout compares with the golden of a version. One that is there is never written: it is what databases have.
func checkLayout(t *testing.T, name string, version int, have string) {
	t.Helper()
	path := filepath.Join("testdata", "schema", fmt.Sprintf("%s.v%d.golden", name, version))
	golden, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && *update {
		golden = []byte(have)
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, golden, 0o600))
	}
	if err != nil {
		t.Errorf("%v\nThe tables of %s have no golden in version %d: run this test with -update to write it.", err, name, version)
		return
	}
	if diff := cmp.Diff(string(golden), have); diff != "" {
		t.Errorf("The tables of %s are others than version %d has (-), but databases with that version have those. Raise the version of %s in "+
			"spec.go, so that a deploy builds the new tables (+) beside the old ones, and run this test with -update.\n%s",
			name, version, name, diff)
	}
}

// layoutsOf installs the read models and returns, by name, the statements that make their tables and indexes, without the generation.
func layoutsOf(t *testing.T, db *database.DB) map[string]string {
	t.Helper()
	layouts := map[string]string{}
	made := &maker{}
	db.Write = db.Write.WithQueryHook(made)
	m := models(db)
	if err := m.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, p := range m.All() {
		layouts[p.Name()] = layoutOf(t, p, made.statements)
	}
	return layouts
}

func layoutOf(t *testing.T, p *projections.Projection, statements []string) string {
	t.Helper()
	c, _, err := p.Content(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	generation := regexp.MustCompile(`_v\d+_g\d+`)
	var layout strings.Builder
	for _, table := range c.Tables {
		for _, s := range statements {
			// CREATE [UNIQUE] TABLE|INDEX [IF NOT EXISTS] name [ON name] (...
			head, _, _ := strings.Cut(generation.ReplaceAllString(s, ""), " (")
			if strings.HasSuffix(head, " "+table.Name) {
				layout.WriteString(generation.ReplaceAllString(s, "") + ";\n")
			}
		}
	}
	return layout.String()
}

// TestWhatIsComparedIsTheWholeLayout: the comparison sees nothing but what is in these texts.
func TestWhatIsComparedIsTheWholeLayout(t *testing.T) {
	t.Parallel()
	have := layoutsOf(t, databasetest.OpenKind(t, kind(), migrations.Engine))["bookings"]
	for _, part := range []string{
		"CREATE TABLE bookings (\n", "booking_id TEXT", "guest_name TEXT", "is_walk_in", "NOT NULL", "PRIMARY KEY (booking_id, note_id)",
		"CREATE INDEX IF NOT EXISTS bookings_needs_staff ON bookings (start_at, booking_id) WHERE needs_staff;\n",
		"CREATE TABLE booking_staff (", "CREATE TABLE booking_notes (",
	} {
		if !strings.Contains(have, part) {
			t.Errorf("%q is not in what is compared:\n%s", part, have)
		}
	}
}

// versionOf asks the read model for its version.
func versionOf(tb testing.TB, p *projections.Projection) int {
	tb.Helper()
	s, err := p.Status(tb.Context(), func(context.Context, eventstore.Position) (time.Duration, error) { return 0, nil })
	if err != nil {
		tb.Fatal(err)
	}
	return s.Version
}
