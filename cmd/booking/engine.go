package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/claimkeeper"
	"github.com/royalglow/booking/internal/calendars"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/directory"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/internal/telemetry"
	"github.com/royalglow/booking/internal/vault"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/projections/availability"
	"github.com/royalglow/booking/publishers"
)

// engine is everything that runs under "serve" and "demo": the only place where the write side, the read side and the
// publisher meet, apart from the HTTP API.
//
// openEngine acquires what it needs and Run uses it; Close releases it, whether it has run or not.
type engine struct {
	cfg  Config
	opts engineOptions
	log  *slog.Logger
	tel  *telemetry.Providers

	lock   *dataLock
	node   *embeddedNode // nil with a cluster
	nodeUp *background   // serves node
	store  *eventstore.Store
	tables *database.DB
	outbox *database.DB // the publisher's

	names     *directory.Directory
	texts     *vault.Vault
	eraser    *vault.Eraser
	links     *calendars.Links
	models    *projections.Models
	running   projections.Running   // how the models are run
	operator  *projections.Operator // what operators do to them
	latency   latencies             // of commands
	index     *availability.Index
	service   *commands.Service
	claims    *claimkeeper.Keeper
	keepers   []keeper // claims and its like
	publisher *publishers.Publisher
	revoker   *publishers.Revoker
	watch     *publishers.TokenWatch // nil where tokens cannot be revoked
	runners   []*subscription.Runner // of what every instance follows for itself
	owned     []*subscription.Owned  // of what one instance does for all

	jwks     *httpapi.JWKS // nil with a shared secret
	ops      string        // the operator's token of this run
	listener net.Listener
	handler  http.Handler
}

// engineOptions are what the demo and tests add to the configuration.
type engineOptions struct {
	// DemoSignIn opens /demo/sign-in.
	DemoSignIn func(ctx context.Context, as string) (httpapi.DemoIdentity, error)
	// Deadline of one command; zero: the default. So are the others.
	Deadline time.Duration
	// Drain is how long requests in hand may take once the engine is told to stop, Answer what one may take in all.
	Drain, Answer time.Duration
}

// openEngine opens the stores, brings the tables up to date and binds the port, so that what cannot work fails here, in
// one sentence. It serves the embedded node from here on, because the rest reads from it.
func openEngine(ctx context.Context, cfg Config, opts engineOptions, log *slog.Logger, tel *telemetry.Providers) (
	_ *engine, err error,
) {
	opts.Deadline = cmp.Or(opts.Deadline, commands.DefaultDeadline)
	opts.Drain, opts.Answer = cmp.Or(opts.Drain, drainHTTP), cmp.Or(opts.Answer, answerTimeout)
	e := &engine{cfg: cfg, opts: opts, log: log, tel: tel}
	defer func() { //nolint:contextcheck // what is closed must not stay open because a context has ended
		if err != nil {
			err = errors.Join(err, e.Close())
		}
	}()
	for _, open := range []func(context.Context) error{
		e.openData, e.openCluster, e.openTables, e.openNode, e.openParts, e.openHTTP,
	} {
		if err := open(ctx); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// openData takes the data folder for this process.
func (e *engine) openData(ctx context.Context) (err error) {
	if err := e.cfg.absolute(); err != nil {
		return err
	}
	if e.lock, err = lockData(&e.cfg); err != nil {
		return err
	}
	if old, stale, err := readEngineFile(e.cfg.DataDir); err == nil && stale {
		e.log.WarnContext(ctx, "the last engine on this folder did not stop in order", slog.Int("pid", old.PID))
	}
	return nil
}

// openCluster connects to the store where that is somebody else's to run. One that cannot be used is found before any table is made or
// changed.
func (e *engine) openCluster(ctx context.Context) (err error) {
	if e.cfg.EventStoreURL == "" {
		return nil
	}
	e.store, err = eventstore.Open(eventstore.Config{ConnectionString: e.cfg.EventStoreURL, Logger: e.log, Tracer: e.tel.Tracer})
	if err != nil {
		return err
	}
	return e.store.Connect(ctx)
}

// openNode starts the embedded node, unless there is a cluster.
func (e *engine) openNode(ctx context.Context) (err error) {
	if e.cfg.EventStoreURL != "" {
		return nil
	}
	if e.node, err = openEmbeddedNode(ctx, &e.cfg, e.log); err != nil {
		return err
	}
	// It outlives the context of the others: they still write while they drain.
	e.nodeUp = goBackground(context.WithoutCancel(ctx), e.node.Serve)
	e.store, err = eventstore.Open(eventstore.Config{Socket: e.node.socket, Logger: e.log, Tracer: e.tel.Tracer})
	return err
}

// openTables opens both databases. One that cannot be used is found before anything is made in the data folder.
func (e *engine) openTables(ctx context.Context) (err error) {
	tables, _, err := e.cfg.places()
	if err != nil {
		return err
	}
	if e.tables, err = database.Open(ctx, tables, migrations.Engine); err != nil {
		return err
	}
	return e.openOutbox(ctx)
}

// openOutbox opens the publisher's database.
func (e *engine) openOutbox(ctx context.Context) error {
	_, outbox, err := e.cfg.places()
	if err != nil {
		return err
	}
	e.outbox, err = database.Open(ctx, outbox, migrations.Publisher)
	return err
}

// Close releases everything, the last opened first. It is safe on an engine that is only half open.
func (e *engine) Close() error {
	var errs []error
	if e.listener != nil {
		if err := e.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if e.publisher != nil {
		e.publisher.Close()
	}
	for _, db := range []*database.DB{e.outbox, e.tables} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if e.store != nil {
		errs = append(errs, e.store.Close())
	}
	if e.nodeUp != nil {
		errs = append(errs, e.nodeUp.Stop())
	}
	if e.node != nil {
		errs = append(errs, e.node.Close())
	}
	if e.lock != nil {
		errs = append(errs, e.lock.Close())
	}
	return errors.Join(errs...)
}
