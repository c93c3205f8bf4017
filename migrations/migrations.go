// Package migrations holds the SQL of all tables, in the order in which it is applied. There are two sets, because the
// publisher's tables live in a file of their own: its writes must not wait for the read models'.
//
// A migration that has been released is never changed; another one follows it.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/uptrace/bun/migrate"
)

//go:embed engine/*.sql publisher/*.sql
var files embed.FS

// Engine returns the tables of the read models, their checkpoints and the keepers.
func Engine() (*migrate.Migrations, error) { return load("engine") }

// Publisher returns the tables of the publisher.
func Publisher() (*migrate.Migrations, error) { return load("publisher") }

func load(dir string) (*migrate.Migrations, error) {
	sub, err := fs.Sub(files, dir)
	if err != nil {
		return nil, fmt.Errorf("open migrations: %w", err)
	}
	m := migrate.NewMigrations()
	if err := m.Discover(sub); err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return m, nil
}
