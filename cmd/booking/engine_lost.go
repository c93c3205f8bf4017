package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// searchTime bounds the search for a first event in a store that is shared with others: a warning is not worth more.
const searchTime = 5 * time.Second

// warnOfLoss tells the operator of files, or tables of PostgreSQL, that are about to be made anew although the log was written with others. That is right
// when they are lost for good, and wrong when they were merely left behind; afterwards nothing would show it.
func (e *engine) warnOfLoss(ctx context.Context) error {
	keyless, keyPlace, err := e.keyless(ctx)
	if err != nil {
		return err
	}
	used, err := subscription.Used(ctx, e.tables.Read)
	if err != nil || used && !keyless {
		return err
	}
	if written, err := e.written(ctx); err != nil || !written {
		return err
	}
	if keyless {
		e.log.WarnContext(ctx, "a new command key is made beside a log that has events: who repeats a request from before, "+
			"because its answer was lost, books twice; put the old one back if there is one",
			slog.String("file", keyPlace))
	}
	if !used {
		e.log.WarnContext(ctx, "the database is empty beside a log that has events: read models are built again from the log, but the "+
			"texts of notes, guests' contacts, names and calendar links of before cannot be; put the old one back if there is one",
			slog.String("file", e.tables.Name()))
	}
	return nil
}

// keyless reports whether there is no command key yet, and where it is kept.
func (e *engine) keyless(ctx context.Context) (keyless bool, place string, err error) {
	inFolder, err := readCommandKey(&e.cfg)
	if err != nil || inFolder != nil || e.tables.Kind() == database.SQLite {
		return inFolder == nil, e.cfg.path(commandKeyFile), err
	}
	shared, err := sharedCommandKey(ctx, e.tables.Read)
	return shared == nil, e.tables.Name(), err
}

// written reports whether the log has an event of ours.
func (e *engine) written(ctx context.Context) (found bool, err error) {
	search, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	events, err := e.store.Subscribe(search, 0)
	if err != nil {
		return false, fmt.Errorf("look for events: %w", err)
	}
	defer func() { err = errors.Join(err, events.Close()) }()
	for {
		m, err := events.Recv()
		_, undecodable := errors.AsType[*eventstore.DecodeError](err)
		switch {
		case undecodable:
			return true, nil
		case err != nil && search.Err() != nil && ctx.Err() == nil:
			return false, nil // a long way without any
		case err != nil:
			return false, fmt.Errorf("look for events: %w", err)
		case m.Event != nil:
			return true, nil
		case m.CaughtUp:
			return false, nil
		}
	}
}
