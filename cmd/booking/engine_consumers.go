package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"os"

	"github.com/uptrace/bun/dialect"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/subscription"
)

// consumer is something that follows the log for as long as the engine runs.
type consumer interface {
	Run(ctx context.Context) error
	Status() subscription.Status
	CaughtUp() <-chan struct{}
	Halted() <-chan struct{}
}

// consumers are all of them.
func (e *engine) consumers() []consumer {
	var all []consumer
	for _, r := range e.runners {
		all = append(all, r)
	}
	for _, o := range e.owned {
		all = append(all, o)
	}
	return all
}

// openRunners puts what every instance has for itself under a runner.
func (e *engine) openRunners() {
	e.runners = append(e.runners, e.newRunner(e.index))
}

func (e *engine) newRunner(h subscription.Handler) *subscription.Runner {
	return &subscription.Runner{Source: subscription.FromStore(e.store), Handler: h, Logger: e.log, Tracer: e.tel.Tracer}
}

// openOwned puts what is done once, however many instances there are, under leases: two that worked off one agenda or published
// the same event would do no harm, but twice the work.
func (e *engine) openOwned(storeID string) {
	owner := e.running.Owner
	own := func(db *database.DB, h subscription.Handler, beside func(ctx context.Context) error) *subscription.Owned {
		o := &subscription.Owned{
			Lease: subscription.Lease{
				DB: db, StoreID: storeID, Name: h.Name(), Owner: owner, Logger: e.log,
				// Who has the data folder's lock has its files: one that was killed need not be waited for.
				Exclusive: db.Write.Dialect().Name() == dialect.SQLite,
			},
			NewRunner: func() *subscription.Runner { return e.newRunner(h) },
			Beside:    beside,
		}
		e.owned = append(e.owned, o)
		return o
	}
	own(e.tables, e.eraser, nil)
	for _, k := range e.keepers {
		own(e.tables, k, k.Run)
	}
	if e.publisher.Configured() {
		e.runPublisher(own(e.outbox, e.publisher, nil))
	}
	if e.watch != nil {
		own(e.outbox, e.watch, nil)
	}
}

// instanceName tells this run of the engine from every other, and an operator where it is.
func instanceName() string {
	host, _ := os.Hostname() // it is there for people only
	const enough = 8
	return fmt.Sprintf("%s/%d/%s", cmp.Or(host, "unnamed"), os.Getpid(), rand.Text()[:enough])
}
