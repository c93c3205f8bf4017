// Package migrations holds the SQL of all tables, in the order in which it is applied. There are two sets, because the
// publisher's tables live in a database of their own: its writes must not wait for the read models'. Each set is there twice,
// in SQLite's words and in PostgreSQL's, and gives the same tables.
//
// A migration that has been released is never changed; another one follows it. PostgreSQL came later than the first releases: its
// first migrations hold what SQLite came to step by step.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"
	"path"

	"github.com/uptrace/bun/migrate"

	"github.com/royalglow/booking/internal/database"
)

//go:embed sqlite/*/*.sql postgres/*/*.sql
var files embed.FS

// Engine returns the tables of the read models, their checkpoints and the keepers.
func Engine(kind database.Kind) (*migrate.Migrations, error) { return load(kind, "engine") }

// Publisher returns the tables of the publisher.
func Publisher(kind database.Kind) (*migrate.Migrations, error) { return load(kind, "publisher") }

func load(kind database.Kind, set string) (*migrate.Migrations, error) {
	sub, err := fs.Sub(files, path.Join(kind.String(), set))
	if err != nil {
		return nil, fmt.Errorf("open migrations: %w", err)
	}
	m := migrate.NewMigrations()
	if err := m.Discover(sub); err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return m, nil
}
