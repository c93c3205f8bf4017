package main

import (
	"context"
	"errors"
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// openModels makes what the read models are run with, and what operators do to them.
func (e *engine) openModels(ctx context.Context) error {
	if err := e.models.Install(ctx); err != nil {
		return err
	}
	e.running = projections.Running{
		Source: subscription.FromStore(e.store), Owner: instanceName(), Latency: e.latency.P99,
		// Who has the data folder's lock has its files: an owner that was killed need not be waited for.
		Exclusive: e.tables.Kind() == database.SQLite, Logger: e.log, Tracer: e.tel.Tracer,
	}
	e.operator = newOperator(e.models, e.store)
	return nil
}

func newOperator(models *projections.Models, store *eventstore.Store) *projections.Operator {
	return &projections.Operator{
		Models: models, Head: store.Head, Lag: projections.LagOf(subscription.FromStore(store), time.Now), Log: store,
	}
}

// modelReady says what is wrong with a read model, or nil. Which instance runs it does not matter.
func modelReady(ctx context.Context, p *projections.Projection) error {
	// Where another instance runs it, its lag would have to be looked for in the log; this is asked every few seconds.
	s, err := p.Status(ctx, func(context.Context, eventstore.Position) (time.Duration, error) { return 0, nil })
	if err != nil {
		return err
	}
	why := error(nil)
	switch {
	case s.State == subscription.Live.String():
		return nil
	case s.Halt != nil:
		why = errors.New(s.Halt.Reason)
	case s.PausedBy != "":
		why = errors.New("paused by " + s.PausedBy)
	case s.Error != "":
		why = errors.New(s.Error)
	}
	return &httpapi.NotReadyError{Word: s.State, Err: why, Wanted: s.State == subscription.Paused.String()}
}
