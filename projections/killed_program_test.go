package projections_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"golang.org/x/sync/errgroup"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

// What a program that is to be killed is told by its environment.
const (
	killedPlace    = "BOOKING_TEST_DATABASE_PLACE"
	killedSocket   = "BOOKING_TEST_EVENT_STORE"
	killedCareless = "BOOKING_TEST_CARELESS"
)

// beKilled runs the read models until the process is killed. It says when they have begun.
func beKilled(ctx context.Context) int {
	if err := readModels(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func readModels(ctx context.Context) error {
	store, err := eventstore.Open(eventstore.Config{Socket: os.Getenv(killedSocket)})
	if err != nil {
		return err
	}
	if as := os.Getenv(stoppedAs); as != "" {
		return beStopped(ctx, store, as)
	}
	id, err := store.Identity(ctx)
	if err != nil {
		return err
	}
	db, err := database.Open(ctx, os.Getenv(killedPlace), migrations.Engine)
	if err != nil {
		return err
	}
	m := projections.New(projections.Config{DB: db, StoreID: id})
	if err := m.Install(ctx); err != nil {
		return err
	}
	fmt.Println("begun")
	if os.Getenv(killedCareless) == "" {
		return m.Run(ctx, projections.Running{
			Source: subscription.FromStore(store), Owner: fmt.Sprint(os.Getpid()), Exclusive: true,
		})
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	var g errgroup.Group
	for _, p := range m.All() {
		r := &subscription.Runner{Source: subscription.FromStore(store), Handler: projections.Careless{Projection: p}, Logger: log}
		g.Go(func() error { return r.Run(ctx) })
	}
	return g.Wait()
}
