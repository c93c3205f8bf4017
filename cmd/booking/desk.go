package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/internal/telemetry"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

// desk is where an operator works on read models: at a running engine, or at the database itself when none runs.
type desk interface {
	httpapi.Projections
	// Running reports whether an engine is at work, so that what is asked for must not get in its way.
	Running() bool
	// Work brings about what was asked for, until ctx ends. An engine does so by itself.
	Work(ctx context.Context, name string) error
	// Check says that a build cannot go on as it is, and gives it up.
	Check(ctx context.Context, b projections.Build) error
	Close() error
}

// openDesk finds the engine, or takes the database.
func (p *program) openDesk(ctx context.Context, f deskFlags) (desk, error) {
	client, err := p.findEngine(f)
	if err != nil {
		return nil, err
	}
	if client == nil {
		return p.openOwnDesk(ctx, f)
	}
	return &remoteDesk{client}, nil
}

// findEngine returns the client of the engine that an operator means; nil when none runs on the folder, so that its database can be
// worked on.
func (p *program) findEngine(f deskFlags) (*opsClient, error) {
	if f.url != "" {
		return p.opsClient(f.opsFlags)
	}
	file, stale, err := readEngineFile(f.data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil //nolint:nilnil // that there is none is an answer
	case err != nil:
		return nil, err
	case stale:
		if !f.json {
			p.say(p.Stderr, "the engine on %s (pid %d) has gone without stopping in order: working on its database\n", f.data, file.PID)
		}
		return nil, nil //nolint:nilnil // as above
	}
	return &opsClient{api: file.API, token: file.OpsToken}, nil
}

// ownDesk is the database of a data folder whose engine does not run.
type ownDesk struct {
	roomyOperator
	e *engine // its data, its store and its tables; nothing of it runs
}

// openOwnDesk takes the data folder as an engine would, or says in one sentence why it cannot. What it finds wrong it leaves as it is.
func (p *program) openOwnDesk(ctx context.Context, f deskFlags) (_ desk, err error) {
	e, storeID, err := p.openStopped(ctx, f)
	if err != nil {
		return nil, err
	}
	defer func() { //nolint:contextcheck // what is closed must not stay open because a context has ended
		if err != nil {
			err = errors.Join(err, e.Close())
		}
	}()
	if err := subscription.CheckStore(ctx, e.tables.Read, storeID); err != nil {
		return nil, err
	}
	if err := subscription.CheckHistory(ctx, e.tables.Read, e.store); err != nil {
		return nil, err
	}
	e.models = projections.New(projections.Config{DB: e.tables, StoreID: storeID})
	if err := e.openModels(ctx); err != nil {
		return nil, err
	}
	return &ownDesk{roomyOperator{e.operator, e.cfg.DataDir, cmp.Or(p.LeastRoom, leastRoom)}, e}, nil
}

// openStopped opens the data, the store and the databases of an engine that does not run. Only those that are there: an operator
// who has mistyped a folder must not find a new salon in it.
func (*program) openStopped(ctx context.Context, f deskFlags) (_ *engine, storeID string, err error) {
	e := &engine{
		cfg: Config{DataDir: f.data, EventStoreURL: f.store, DatabaseURL: f.database},
		log: slog.New(slog.DiscardHandler), tel: &telemetry.Providers{Tracer: noop.NewTracerProvider()},
	}
	if err := e.requireData(); err != nil {
		return nil, "", err
	}
	defer func() { //nolint:contextcheck // what is closed must not stay open because a context has ended
		if err != nil {
			err = errors.Join(err, e.Close())
		}
	}()
	if err := e.cfg.validateStore(); err != nil { //nolint:contextcheck // nothing is connected
		return nil, "", err
	}
	if e.cfg.DatabaseURL != "" {
		if err := database.CheckURL(e.cfg.DatabaseURL); err != nil {
			return nil, "", usagef("DATABASE_URL: %w", err)
		}
	}
	if err := e.openData(ctx); err != nil {
		return nil, "", err
	}
	if err := e.openCluster(ctx); err != nil {
		return nil, "", err
	}
	if e.tables, err = database.Open(ctx, cmp.Or(e.cfg.DatabaseURL, e.cfg.path(engineDatabase)), migrations.Engine); err != nil {
		return nil, "", err
	}
	if err := e.openNode(ctx); err != nil {
		return nil, "", err
	}
	if storeID, err = e.store.Identity(ctx); err != nil {
		return nil, "", fmt.Errorf("ask event store for its identity: %w", err)
	}
	return e, storeID, nil
}

// requireData says that there is nothing to work on.
func (e *engine) requireData() error {
	var need []string
	if e.cfg.EventStoreURL == "" {
		need = append(need, "eventstore")
	}
	if e.cfg.DatabaseURL == "" {
		need = append(need, engineDatabase)
	}
	for _, name := range need {
		if _, err := os.Stat(e.cfg.path(name)); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("no engine is running on %s, and it has no %s to work on: say which folder with -data, or which engine with -url",
				e.cfg.DataDir, name)
		}
	}
	return nil
}

func (d *ownDesk) Running() bool { return false }

// Work runs the read model in this process. Where other engines use the database it may be one of theirs to run.
func (d *ownDesk) Work(ctx context.Context, name string) error {
	p, err := d.e.models.ByName(name)
	if err != nil {
		return err
	}
	return p.Run(ctx, d.e.running)
}

// Overview tells that nobody runs what an engine that was killed had: who has the folder has its files alone.
func (d *ownDesk) Overview(ctx context.Context) (projections.Overview, error) {
	all, err := d.roomyOperator.Overview(ctx)
	for i := range all.Projections {
		d.disown(&all.Projections[i])
	}
	return all, err
}

func (d *ownDesk) disown(s *projections.Status) {
	if d.e.tables.Kind() != database.SQLite {
		return
	}
	s.Owner = ""
	if s.State == subscription.Live.String() || s.State == subscription.CatchingUp.String() {
		s.State = subscription.Stopped.String()
	}
}

// Check gives a build up for which there is no room any more.
func (d *ownDesk) Check(ctx context.Context, b projections.Build) error {
	err := checkRoom(d.dir, d.least)
	if err == nil {
		return nil
	}
	// Even to note that takes room. Otherwise the build is given up by who comes next.
	_, _ = d.Cancel(ctx, b.Projection, httpapi.OperatorID)
	return fmt.Errorf("there is no room for another generation: %w", err)
}

func (d *ownDesk) Close() error { return d.e.Close() }
