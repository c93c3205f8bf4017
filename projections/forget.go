package projections

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// Forget removes all read models of all versions from a database, in the transaction tx, and returns how many tables went. Install
// makes them anew, empty. It is for a database that is to belong to another log; nobody may use it meanwhile.
func Forget(ctx context.Context, tx bun.Tx) (tables int, err error) {
	var rows []*generationRow
	if err := tx.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return 0, fmt.Errorf("read generations: %w", err)
	}
	var ends []string
	for _, r := range rows {
		ends = append(ends, "_v"+strconv.Itoa(r.Version)+"_g"+strconv.FormatInt(r.Generation, 10))
	}
	all, err := tableNames(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, name := range all {
		if !slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(name, end) }) {
			continue
		}
		if _, err := tx.ExecContext(ctx, "DROP TABLE ?", bun.Ident(name)); err != nil {
			return 0, fmt.Errorf("drop table %s: %w", name, err)
		}
		tables++
	}
	for _, name := range []string{"projections", "generations", "projection_skips"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM ?", bun.Ident(name)); err != nil {
			return 0, fmt.Errorf("empty %s: %w", name, err)
		}
	}
	return tables, nil
}

// tableNames lists the tables of the database, or of the schema that is used.
func tableNames(ctx context.Context, tx bun.Tx) (names []string, err error) {
	query := "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
	if tx.Dialect().Name() == dialect.SQLite {
		query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
	}
	if err := tx.NewRaw(query).Scan(ctx, &names); err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	return names, nil
}
