package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/publishers"
)

// adoptFlags say what is adopted.
type adoptFlags struct {
	deskFlags
	yes bool
}

// adopted is what "adopt -json" prints.
type adopted struct {
	From     string              `json:"from"` // the store that the databases belonged to
	To       string              `json:"to"`   // the one that they belong to now
	Tables   int                 `json:"tables"`
	Rehomed  []string            `json:"rehomed"` // the databases; none: they belonged to the store already
	Position eventstore.Position `json:"position"`
}

// adoptCommand makes the databases belong to the store that is connected.
func (p *program) adoptCommand() *cli.Command {
	var f adoptFlags
	return &cli.Command{
		Name: "adopt", Usage: "let the databases belong to the connected event store, into which the log was imported",
		Description: "For the time after the log was moved to another store, with the engine stopped. Read models are built anew from the log;\n" +
			"keepers and the eraser read it from its beginning; the publisher goes on at its end, and publishes nothing again.\n" +
			"Texts, names, calendar links and what is known of deliveries are kept.",
		Flags: append(f.flags(p), &cli.BoolFlag{Name: "yes", Destination: &f.yes, Usage: "do it: without this nothing is changed"}),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			if f.url != "" {
				return usagef("adopt works on the data folder of an engine that is stopped: give -data in place of -url")
			}
			if !f.yes {
				return usagef("adopt makes the databases of %s forget the event store that they were filled from: add -yes to do it", f.data)
			}
			a, err := p.adopt(ctx, f.deskFlags)
			if err != nil {
				return err
			}
			return p.answer(f.opsFlags, a, adoptedWords(a))
		},
	}
}

func (p *program) adopt(ctx context.Context, f deskFlags) (a adopted, err error) {
	e, storeID, err := p.openStopped(ctx, f)
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, e.Close()) }() //nolint:contextcheck // what is closed must not stay open because a context has ended
	if err := e.openOutbox(ctx); err != nil {
		return a, err
	}
	a = adopted{To: storeID, Rehomed: []string{}}
	if a.Position, err = e.store.Head(ctx); err != nil {
		return a, fmt.Errorf("find the end of the log: %w", err)
	}
	// Should this break off between the two, what is left is done by the next.
	for _, db := range []*database.DB{e.tables, e.outbox} {
		if err := requireNobody(ctx, db); err != nil {
			return a, err
		}
		have, begun, err := subscription.Home(ctx, db.Read)
		if err != nil {
			return a, err
		}
		if !begun || have == storeID && subscription.CheckStore(ctx, db.Read, storeID) == nil {
			continue
		}
		a.From = cmp.Or(a.From, have)
		err = db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			if db == e.outbox {
				return publishers.Rehome(ctx, tx, storeID, a.Position)
			}
			a.Tables, err = rehomeEngine(ctx, tx, storeID)
			return err
		})
		if err != nil {
			return a, fmt.Errorf("adopt %s: %w", db.Name(), err)
		}
		a.Rehomed = append(a.Rehomed, db.Name())
	}
	return a, nil
}

// requireNobody refuses while another instance works on the database.
func requireNobody(ctx context.Context, db *database.DB) error {
	if db.Kind() == database.SQLite {
		return nil // who has the folder's lock has the file
	}
	now, err := db.Now(ctx, db.Read)
	if err != nil {
		return err
	}
	held, ok, err := subscription.Held(ctx, db.Read, now)
	if err == nil && ok {
		err = fmt.Errorf("an engine (%s) works on the database at %s: stop it first", held.Owner, db.Name())
	}
	return err
}

// derivedTables are what keepers have learnt from the log. The vault, the names and the links are not among them: they are nowhere
// else, and neither is what the eraser has counted of what it has deleted.
func derivedTables() []string {
	return []string{"claim_keeper_claims", "keeper_agenda", "standing_outcomes"}
}

func rehomeEngine(ctx context.Context, tx bun.Tx, storeID string) (tables int, err error) {
	if tables, err = projections.Forget(ctx, tx); err != nil {
		return 0, err
	}
	for _, table := range derivedTables() {
		if _, err := tx.ExecContext(ctx, "DELETE FROM ?", bun.Ident(table)); err != nil {
			return 0, fmt.Errorf("empty %s: %w", table, err)
		}
	}
	return tables, subscription.Rehome(ctx, tx, storeID)
}

func adoptedWords(a adopted) string {
	if len(a.Rehomed) == 0 {
		return fmt.Sprintf("The databases belong to event store %s already: there is nothing to do.\n", a.To)
	}
	return fmt.Sprintf("The databases belong to event store %s now (before: %s).\n  read models start afresh: %d tables are gone\n"+
		"  keepers and the eraser begin at the beginning of the log\n  the publisher goes on at position %d, the end of the log\n",
		a.To, a.From, a.Tables, a.Position)
}
