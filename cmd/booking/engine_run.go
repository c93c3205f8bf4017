package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/royalglow/booking/internal/console"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/publishers"
)

var errStopped = errors.New("the engine was told to stop")

// openHTTP builds the API and the page and binds the port. It answers nobody yet.
func (e *engine) openHTTP(ctx context.Context) (err error) {
	e.ops = rand.Text() + rand.Text()
	sessions, err := e.openSessions()
	if err != nil {
		return err
	}
	page, err := console.New(console.Config{
		AblyEndpoint: e.cfg.AblyEndpoint, AblyJS: e.cfg.AblyJS, Demo: e.opts.DemoSignIn != nil,
	})
	if err != nil {
		return err
	}
	e.handler, err = httpapi.New(httpapi.Config{
		Commands: e.service, Queries: e.models.Queries(), Availability: e.index,
		Directory: e.names, Texts: e.texts, Erasures: e.eraser, Claims: e.claims, Calendars: e.links,
		Projections: roomyOperator{e.operator, e.cfg.DataDir, leastRoom}, CommandTook: e.latency.Note,
		Deliveries:  publishers.Operator{DB: e.outbox, Log: e.store},
		Tokens:      publishers.TokenIssuer{Key: e.cfg.AblyKey, Revocable: e.cfg.AblyRevocable},
		Revocations: e.revoker, Sessions: sessions, OpsToken: e.ops,
		Published: e.publisher.Published, Realtime: e.realtime, RealtimeDetail: e.realtimeDetail, Parts: e.parts(), Console: page,
		DemoSignIn: e.opts.DemoSignIn, Logger: e.log, Tracer: e.tel.Tracer,
	})
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	if e.listener, err = lc.Listen(ctx, "tcp", e.cfg.Listen); err != nil {
		return fmt.Errorf("listen on %s: %w", e.cfg.Listen, err)
	}
	return nil
}

func (e *engine) openSessions() (*httpapi.Sessions, error) {
	if e.cfg.SessionJWKSURL == "" {
		return httpapi.NewSecretSessions([]byte(e.cfg.SessionSecret), time.Now)
	}
	e.jwks = httpapi.NewJWKS(e.cfg.SessionJWKSURL, &http.Client{Timeout: 10 * time.Second}, e.log)
	return httpapi.NewJWKSSessions(e.jwks, time.Now), nil
}

// URL is where the API and the page are.
func (e *engine) URL() string { return "http://" + e.listener.Addr().String() }

// Run serves until ctx ends, then stops in order: no new requests, the requests in hand finished, the consumers drained.
// ready is called once the read models have caught up with the log.
func (e *engine) Run(ctx context.Context, ready func() error) error {
	work, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(errStopped)
	g, work := errgroup.WithContext(work)
	api := newAPIServer(ctx, e.handler, e.opts, e.log)
	g.Go(func() error { return api.Serve(e.listener) })
	for _, loop := range e.loops() {
		g.Go(func() error { return loop(work) })
	}
	g.Go(func() error { return e.announce(ctx, work, ready) })
	g.Go(func() error {
		select {
		case <-ctx.Done():
		case <-work.Done():
		}
		defer stop(errStopped)
		return api.Stop(ctx)
	})
	err := g.Wait()
	return errors.Join(err, removeEngineFile(e.cfg.DataDir))
}

// loops are what runs beside the API for as long as the engine does.
func (e *engine) loops() []func(context.Context) error {
	loops := []func(context.Context) error{e.watchNode}
	for _, c := range e.consumers() {
		loops = append(loops, c.Run)
	}
	loops = append(loops, func(ctx context.Context) error { return e.models.Run(ctx, e.running) }, e.audit, e.retain)
	if e.jwks != nil {
		loops = append(loops, e.jwks.Run)
	}
	return loops
}

// watchNode ends the engine when its embedded node ends by itself.
func (e *engine) watchNode(ctx context.Context) error {
	if e.nodeUp == nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case <-e.nodeUp.Done():
		return fmt.Errorf("the embedded event store stopped: %w", e.nodeUp.err)
	}
}

// announce waits until the consumers have caught up, or can go no further, writes engine.json as far as that is possible, and calls
// ready: an operator must find an engine of which something has halted, to repair it.
func (e *engine) announce(ctx, work context.Context, ready func() error) error {
	for _, c := range e.consumers() {
		if e.aboutRealtime(c.Status().Name) {
			continue
		}
		select {
		case <-c.CaughtUp():
		case <-c.Halted():
		case <-ctx.Done():
			return nil
		case <-work.Done():
			return nil
		}
	}
	for _, p := range e.models.All() {
		select {
		case <-p.Settled(): // also when it is paused or has halted
		case <-ctx.Done():
			return nil
		case <-work.Done():
			return nil
		}
	}
	file := engineFile{
		PID: os.Getpid(), API: e.URL(), Page: e.URL() + "/", Ably: e.cfg.AblyEndpoint, EventStore: e.storeAddress(),
		OpsToken: e.ops, StartedAt: time.Now().UTC(),
	}
	if err := file.write(e.cfg.DataDir); err != nil {
		// The other commands on this machine do not find the engine; everybody else does.
		e.log.WarnContext(ctx, "engine file not written", slog.Any("error", err))
	}
	return ready()
}

// storeAddress says where the store is, without the password that a connection string may hold.
func (e *engine) storeAddress() string {
	if e.node != nil {
		return "unix://" + e.node.socket
	}
	return redactURL(e.cfg.EventStoreURL)
}
