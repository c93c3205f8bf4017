package main

import (
	"context"
	"fmt"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/claimkeeper"
	"github.com/royalglow/booking/commands/leavekeeper"
	"github.com/royalglow/booking/commands/standingkeeper"
	"github.com/royalglow/booking/commands/timekeeper"
	"github.com/royalglow/booking/internal/calendars"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/directory"
	"github.com/royalglow/booking/internal/httpapi/reads"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/internal/vault"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/publishers"
)

// keeper is a process manager: it learns from the log what there is to do, and does it in a loop of its own.
type keeper interface {
	subscription.Handler
	Run(ctx context.Context) error
}

// openParts builds the read side, the write side, the keepers and the publisher, all over the same store.
func (e *engine) openParts(ctx context.Context) error {
	storeID, err := e.store.Identity(ctx)
	if err != nil {
		return fmt.Errorf("ask event store for its identity: %w", err)
	}
	for _, db := range []*database.DB{e.tables, e.outbox} {
		if err := subscription.CheckStore(ctx, db.Read, storeID); err != nil {
			return err
		}
		if err := subscription.CheckHistory(ctx, db.Read, e.store); err != nil {
			return err
		}
	}
	if err := e.warnOfLoss(ctx); err != nil {
		return err
	}
	e.openReads(storeID)
	if err := e.openModels(ctx); err != nil {
		return err
	}
	if err := e.openCommands(ctx); err != nil {
		return err
	}
	if err := e.openKeepers(storeID); err != nil {
		return err
	}
	if err := e.openPublisher(ctx, storeID); err != nil {
		return err
	}
	if err := e.openRevoker(ctx, storeID); err != nil {
		return err
	}
	e.openRunners()
	e.openOwned(storeID)
	return nil
}

func (e *engine) openReads(storeID string) {
	e.names, e.texts, e.links = directory.New(e.tables, time.Now), vault.New(e.tables, time.Now), calendars.New(e.tables, time.Now)
	e.eraser = &vault.Eraser{
		DB: e.tables, StoreID: storeID, Names: directory.Forget, Calendars: calendars.Forget, Emptied: []string{"directory", "calendars"},
	}
	e.models = projections.New(projections.Config{DB: e.tables, StoreID: storeID})
	e.index = reads.Index(e.models.Queries(), time.Now)
}

func (e *engine) openCommands(ctx context.Context) error {
	secret, err := commandSecret(ctx, &e.cfg, e.tables)
	if err != nil {
		return err
	}
	e.service, err = commands.New(commands.Config{
		Store: e.store, Reads: reads.New(e.models.Queries(), e.index), Vault: e.texts, Secret: secret,
		Deadline: e.opts.Deadline, Logger: e.log, Tracer: e.tel.Tracer,
	})
	return err
}

// openKeepers makes those who finish what commands begin, and do what the clock asks for.
func (e *engine) openKeepers(storeID string) (err error) {
	if e.claims, err = claimkeeper.New(claimkeeper.Config{
		DB: e.tables, StoreID: storeID, Store: e.store, Deadline: e.opts.Deadline, Logger: e.log,
	}); err != nil {
		return err
	}
	leave, err := leavekeeper.New(leavekeeper.Config{DB: e.tables, StoreID: storeID, Store: e.store, Logger: e.log})
	if err != nil {
		return err
	}
	clock, err := timekeeper.New(timekeeper.Config{DB: e.tables, StoreID: storeID, Commands: e.service, Logger: e.log})
	if err != nil {
		return err
	}
	standing, err := standingkeeper.New(standingkeeper.Config{
		DB: e.tables, StoreID: storeID, Commands: e.service, Logger: e.log,
	})
	if err != nil {
		return err
	}
	e.keepers = []keeper{e.claims, leave, clock, standing}
	return nil
}

func (e *engine) openPublisher(ctx context.Context, storeID string) (err error) {
	e.publisher, err = publishers.Open(ctx, publishers.Config{
		Key: e.cfg.AblyKey, Endpoint: e.cfg.AblyEndpoint, DB: e.outbox, StoreID: storeID, Head: e.store.Head, Log: e.store,
		Names: e.names, Texts: e.texts, Tracer: e.tel.Tracer, Logger: e.log,
	})
	if err != nil || !e.publisher.Configured() {
		return err
	}
	if err := subscription.CheckReached(ctx, e.publisher.Name(), e.publisher.Planned(), e.store); err != nil {
		return err
	}
	// The first start with a key begins at the end of the log. That end is fixed before the first command is answered, so that
	// its messages are not taken for history.
	_, err = e.publisher.Checkpoint(ctx)
	return err
}
