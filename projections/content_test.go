package projections_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

// tables lists the tables of the first generation of all read models.
func tables(tb testing.TB, db *database.DB) (names []string) {
	tb.Helper()
	for _, p := range models(db).All() {
		c, _, err := p.Content(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		for _, t := range c.Tables {
			names = append(names, fmt.Sprintf("%s_v%d_g1", t.Name, versionOf(tb, p)))
		}
	}
	if len(names) != 19 {
		tb.Fatalf("the read models have 19 tables, not %d: %q", len(names), names)
	}
	return names
}

// wipe empties the read models and forgets how far they were.
func wipe(tb testing.TB, db *database.DB) {
	tb.Helper()
	all := append(tables(tb, db), "checkpoints")
	err := db.InTx(tb.Context(), func(ctx context.Context, tx bun.Tx) error {
		for _, table := range all {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+table); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// contentHash digests every row of every read model.
func contentHash(tb testing.TB, db *database.DB) string {
	tb.Helper()
	var hashes []string
	for _, p := range models(db).All() {
		c, _, err := p.Content(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		hashes = append(hashes, p.Name()+" "+c.Hash)
	}
	return strings.Join(hashes, "\n")
}
