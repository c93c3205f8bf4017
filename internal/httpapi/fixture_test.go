package httpapi_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/claimkeeper"
	"github.com/royalglow/booking/commands/leavekeeper"
	"github.com/royalglow/booking/commands/standingkeeper"
	"github.com/royalglow/booking/commands/timekeeper"
	"github.com/royalglow/booking/internal/calendars"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/directory"
	"github.com/royalglow/booking/internal/eventstore/memstore"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/internal/httpapi/contract"
	"github.com/royalglow/booking/internal/httpapi/reads"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/internal/vault"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/publishers"
)

// salon is the API over real commands, read models and keepers; only the event store is in memory, and the time is what the test
// says. Keepers act when the test calls settle.
type salon struct {
	tb      testing.TB
	store   *memstore.Store
	storeID string
	db      *database.DB
	outbox  *database.DB // the publisher's
	clock   *clock
	handler http.Handler
	// contract is what every answer is held against; nil where the write side is not the real one.
	contract *contract.Contract
	log      *syncBuffer
	config   httpapi.Config
	runners  []*subscription.Runner
	keepers  []keeper
	claims   *claimkeeper.Keeper
	models   *projections.Models
}

// keeper is a process manager whose work is done when it is asked to.
type keeper interface {
	subscription.Handler
	SettleDue(ctx context.Context) (looked int, err error)
}

// openSalon opens a salon with two branches. change may adjust the configuration.
func openSalon(tb testing.TB, change func(*httpapi.Config)) *salon {
	tb.Helper()
	s := newSalon(tb, change)
	s.furnish()
	return s
}

// newSalon builds the engine, in which nothing has happened yet.
func newSalon(tb testing.TB, change func(*httpapi.Config)) *salon {
	tb.Helper()
	s := &salon{tb: tb, store: memstore.New(), log: &syncBuffer{}, clock: newClock()}
	var err error
	s.db, err = database.Open(tb.Context(), filepath.Join(tb.TempDir(), "engine.db"), migrations.Engine)
	check(tb, err)
	tb.Cleanup(func() { check(tb, s.db.Close()) })
	s.outbox, err = database.Open(tb.Context(), filepath.Join(tb.TempDir(), "publisher.db"), migrations.Publisher)
	check(tb, err)
	tb.Cleanup(func() { check(tb, s.outbox.Close()) })
	s.storeID, err = s.store.Identity(tb.Context())
	check(tb, err)
	models := projections.New(projections.Config{DB: s.db, StoreID: s.storeID, Wait: 3 * time.Second, Now: s.clock.now})
	check(tb, models.Install(tb.Context()))
	s.models = models
	source := subscription.FromStore(s.store)
	queries := models.Queries()
	index, texts, links := reads.Index(queries, s.clock.now), vault.New(s.db, s.clock.now), calendars.New(s.db, s.clock.now)
	service, err := commands.New(commands.Config{
		Store: s.store, Reads: reads.New(queries, index), Vault: texts, Secret: []byte(sealing), Now: s.clock.now,
	})
	check(tb, err)
	eraser := &vault.Eraser{DB: s.db, StoreID: s.storeID, Names: directory.Forget, Calendars: calendars.Forget}
	s.keep(service)
	s.follow(append(models.Handlers(), index, eraser)...)
	sessions, err := httpapi.NewSecretSessions([]byte(sealing), time.Now)
	check(tb, err)
	s.config = httpapi.Config{
		Commands: service, Queries: queries, Availability: index, Directory: directory.New(s.db, s.clock.now), Texts: texts,
		Erasures: eraser, Claims: s.claims, Calendars: links, Sessions: sessions, Now: s.clock.now,
		Projections: &projections.Operator{Models: models, Log: s.store, Head: s.store.Head, Lag: projections.LagOf(source, s.clock.now)},
		Deliveries:  publishers.Operator{DB: s.outbox, Log: s.store},
		Tokens:      publishers.TokenIssuer{Key: "app.key:secret"},
		Revocations: noRevocations(s.clock.now),
		Logger:      slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelInfo})),
	}
	if change != nil {
		change(&s.config)
	}
	s.handler, err = httpapi.New(s.config)
	check(tb, err)
	document, err := contract.New(describedBy(s.handler))
	check(tb, err)
	tb.Cleanup(func() { heard.add(document) })
	s.contract = document
	return s
}

// keep hires the keepers.
func (s *salon) keep(service *commands.Service) {
	s.tb.Helper()
	leave, err := leavekeeper.New(leavekeeper.Config{DB: s.db, StoreID: s.storeID, Store: s.store, Now: s.clock.now})
	check(s.tb, err)
	clocks, err := timekeeper.New(timekeeper.Config{DB: s.db, StoreID: s.storeID, Commands: service, Now: s.clock.now})
	check(s.tb, err)
	standing, err := standingkeeper.New(standingkeeper.Config{DB: s.db, StoreID: s.storeID, Commands: service, Now: s.clock.now})
	check(s.tb, err)
	s.claims, err = claimkeeper.New(claimkeeper.Config{
		DB: s.db, StoreID: s.storeID, Store: s.store, Deadline: time.Second, Now: s.clock.now,
	})
	check(s.tb, err)
	s.follow(s.claims)
	for _, k := range []keeper{leave, clocks, standing} {
		s.keepers = append(s.keepers, k)
		s.follow(k)
	}
}

// follow runs consumers of the log until the test ends.
func (s *salon) follow(handlers ...subscription.Handler) {
	s.tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, h := range handlers {
		runner := &subscription.Runner{Source: subscription.FromStore(s.store), Handler: h}
		s.runners = append(s.runners, runner)
		running.Go(func() {
			if err := runner.Run(ctx); err != nil {
				s.tb.Errorf("run %s: %v", h.Name(), err)
			}
		})
	}
	s.tb.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// own runs the read models as an engine does, until the test ends: what operators ask for is brought about.
func (s *salon) own() {
	s.tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		run := projections.Running{Source: subscription.FromStore(s.store), Owner: "salon", Exclusive: true}
		if err := s.models.Run(ctx, run); err != nil {
			s.tb.Errorf("run the read models: %v", err)
		}
	})
	s.tb.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// settle lets the keepers do what is due and every consumer come to the end of the log: what is read next shows all of it.
func (s *salon) settle() {
	s.tb.Helper()
	ctx, cancel := context.WithTimeout(s.tb.Context(), 20*time.Second)
	defer cancel()
	for {
		head, err := s.store.Head(ctx)
		check(s.tb, err)
		for _, r := range s.runners {
			check(s.tb, r.WaitFor(ctx, head))
		}
		for _, k := range s.keepers {
			_, err := k.SettleDue(ctx)
			check(s.tb, err)
		}
		if now, err := s.store.Head(ctx); err == nil && now == head {
			return
		}
	}
}

// clock is the engine's clock: it stands still until a test sets it.
type clock struct{ at atomic.Int64 }

// opening is when tests begin, a Monday: ten o'clock in Berlin.
var opening = time.Date(2026, 6, 15, 8, 0, 0, 0, time.UTC)

func newClock() *clock {
	c := &clock{}
	c.set(opening)
	return c
}

func (c *clock) now() time.Time   { return time.UnixMicro(c.at.Load()).UTC() }
func (c *clock) set(at time.Time) { c.at.Store(at.UnixMicro()) }

// at lets the time be an instant (RFC 3339), and everything happen that is due then.
func (s *salon) at(instant string) {
	s.tb.Helper()
	t, err := time.Parse(time.RFC3339, instant)
	check(s.tb, err)
	s.clock.set(t)
	s.settle()
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// syncBuffer is a log that may be written from several goroutines.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// debugLogger logs everything.
func debugLogger(to *syncBuffer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
