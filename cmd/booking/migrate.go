package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/migrations"
)

// migrated is what "migrate" did to one set of tables.
type migrated struct {
	Set      string   `json:"set"`
	Kind     string   `json:"kind"`
	Database string   `json:"database"` // the file, or host and database
	Applied  []string `json:"applied"`
}

// migrateCommand brings the tables up to date and exits. An engine does the same when it starts; here it can be done before, by somebody
// who may change tables where the engine may not.
func (p *program) migrateCommand() *cli.Command {
	var cfg Config
	var asJSON bool
	return &cli.Command{
		Name: "migrate", Usage: "bring the tables up to date, and exit",
		Description: "The engine does the same when it starts. On SQLite no engine may be running on the folder.",
		Flags: []cli.Flag{
			cfg.dataFlag(p.Getenv), cfg.databaseFlag(p.Getenv),
			&cli.BoolFlag{Name: "json", Destination: &asJSON, Usage: "print what was done as one line of JSON"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			done, err := migrateTables(ctx, cfg)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(p.Stdout).Encode(map[string]any{"tables": done})
			}
			for _, m := range done {
				what := "up to date"
				if len(m.Applied) > 0 {
					what = "applied " + strings.Join(m.Applied, ", ")
				}
				p.say(p.Stdout, "%s (%s, %s): %s\n", m.Set, m.Kind, m.Database, what)
			}
			return nil
		},
	}
}

func migrateTables(ctx context.Context, cfg Config) (done []migrated, err error) {
	if cfg.DatabaseURL != "" {
		if err := database.CheckURL(cfg.DatabaseURL); err != nil {
			return nil, &usageError{err: fmt.Errorf("DATABASE_URL: %w", err)}
		}
	} else {
		if err := cfg.absolute(); err != nil {
			return nil, err
		}
		lock, lockErr := lockData(&cfg)
		if lockErr != nil {
			return nil, lockErr
		}
		defer func() { err = errors.Join(err, lock.Close()) }()
	}
	engine, publisher, err := cfg.places()
	if err != nil {
		return nil, err
	}
	for _, set := range []struct {
		name, place string
		tables      database.Tables
	}{{"engine", engine, migrations.Engine}, {"publisher", publisher, migrations.Publisher}} {
		db, err := database.Open(ctx, set.place, set.tables)
		if err != nil {
			return nil, err
		}
		done = append(done, migrated{
			Set: set.name, Kind: db.Kind().String(), Database: db.Name(), Applied: append([]string{}, db.Applied()...),
		})
		if err := db.Close(); err != nil {
			return nil, err
		}
	}
	return done, nil
}
