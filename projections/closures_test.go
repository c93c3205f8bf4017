package projections_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// counter is a query hook that counts what asks for rows.
type counter int

func (*counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (c *counter) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	if strings.HasPrefix(e.Query, "SELECT") {
		*c++
	}
}

// TestClosuresAreReadAtOnce: a branch has closures for years, each with its own conflicts; to read them all takes no more queries
// than to read one.
func TestClosuresAreReadAtOnce(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.request("bkg_inside2", priya, koramangala, noon().Add(time.Hour), haircut, anita)
	h.request("bkg_inside1", rahul, koramangala, noon(), haircut, bina)
	h.request("bkg_dayafter", rahul, koramangala, noon().Add(24*time.Hour), haircut, bina)
	h.request("bkg_elsewhere", rahul, kiritimati, noon(), facial, chitra)
	h.declare(koramangala, "cls_past01", "2026-06-01", "2026-06-02")
	h.declare(koramangala, "cls_first1", "2026-06-16", "2026-06-16")
	h.declare(koramangala, "cls_longer", "2026-06-16", "2026-06-17") // both are in effect on the 16th
	h.declare(koramangala, "cls_free01", "2026-06-20", "2026-06-20")
	h.declare(kiritimati, "cls_other1", "2026-06-01", "2026-06-30")
	db := openDB(t)
	m := models(db)
	project(t, m, h.events)
	var queries counter
	db.Read = db.Read.WithQueryHook(&queries)
	ask := func(from string) (got map[string][]string, took counter) {
		before := queries
		list, err := m.Queries().BranchClosures(t.Context(), koramangala, from, 0)
		if err != nil {
			t.Fatal(err)
		}
		got = map[string][]string{}
		for _, c := range list.Closures {
			got[c.ClosureID] = c.Conflicts
		}
		return got, queries - before
	}
	_, one := ask("2026-06-20")
	got, all := ask("")
	if one == 0 || all != one {
		t.Errorf("four closures took %d queries, one took %d", all, one)
	}
	if want := map[string][]string{
		"cls_past01": {}, "cls_first1": {"bkg_inside1", "bkg_inside2"},
		"cls_longer": {"bkg_inside1", "bkg_inside2", "bkg_dayafter"}, "cls_free01": {},
	}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
