package directory_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/directory"
	"github.com/royalglow/booking/migrations"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(databasetest.Main(m)) }

// each runs a test over an empty directory in a database of each kind.
func each(t *testing.T, test func(t *testing.T, d *directory.Directory)) {
	t.Helper()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) { test(t, directory.New(db, time.Now)) })
}

func TestTheLastNameIsShownAndMissingOnesAreLeftOut(t *testing.T) {
	each(t, func(t *testing.T, d *directory.Directory) {
		puts := [][2]string{
			{"usr_priya1", "Priya"}, {"stf_anita1", "Anita D'Souza"}, {"usr_priya1", "  Priya \u0928\u092e\u0938\u094d\u0924\u0947 "},
		}
		for _, p := range puts {
			if kept, err := d.PutName(t.Context(), p[0], p[1]); err != nil || kept != strings.TrimSpace(p[1]) {
				t.Fatalf("%q, %v", kept, err)
			}
		}
		got, err := d.Names(t.Context(), "usr_priya1", "usr_nobody", "stf_anita1", "usr_priya1", "'; DROP TABLE directory")
		want := map[string]string{"usr_priya1": "Priya \u0928\u092e\u0938\u094d\u0924\u0947", "stf_anita1": "Anita D'Souza"}
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestNoIDsGiveNoNames(t *testing.T) {
	each(t, func(t *testing.T, d *directory.Directory) {
		if got, err := d.Names(t.Context()); err != nil || len(got) != 0 {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestMoreIDsThanOneStatementHolds(t *testing.T) {
	each(t, func(t *testing.T, d *directory.Directory) {
		ids := make([]string, 0, 1201)
		for n := range 1201 {
			ids = append(ids, fmt.Sprintf("usr_person%04d", n))
		}
		for _, id := range []string{ids[0], ids[600], ids[1200]} {
			if _, err := d.PutName(t.Context(), id, "Name of "+id); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := d.Names(t.Context(), ids...); err != nil || len(got) != 3 {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestWhatIsNotANameIsRefused(t *testing.T) {
	each(t, func(t *testing.T, d *directory.Directory) {
		for scenario, put := range map[string][2]string{
			"no name":         {"usr_priya1", " \t "},
			"too long":        {"usr_priya1", strings.Repeat("\u0905", directory.MaxName+1)},
			"a line break":    {"usr_priya1", "Priya\nadmin"},
			"not UTF-8":       {"usr_priya1", "\xff"},
			"an override":     {"usr_priya1", "Priya\u202enimda"},
			"nothing to see":  {"usr_priya1", "\u200b\u200d"},
			"a NUL":           {"usr_priya1", "Priya\x00"},
			"no id":           {"", "Priya"},
			"a booking's id":  {"bkg_priya1", "Priya"},
			"a note's id":     {"nt_priya01", "Priya"},
			"an id's channel": {"usr_priya1:bookings", "Priya"},
		} {
			t.Run(scenario, func(t *testing.T) {
				_, err := d.PutName(t.Context(), put[0], put[1])
				if r, ok := errors.AsType[*domain.Refusal](err); !ok || r.Kind != domain.Invalid {
					t.Error(err)
				}
				if got, err := d.Names(t.Context(), put[0]); err != nil || len(got) != 0 {
					t.Errorf("%q, %v", got, err)
				}
			})
		}
		if _, err := d.PutName(t.Context(), "usr_priya1", strings.Repeat("\u0905", directory.MaxName)); err != nil {
			t.Error(err)
		}
	})
}
