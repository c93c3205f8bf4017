package demo_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/claimkeeper"
	"github.com/royalglow/booking/commands/leavekeeper"
	"github.com/royalglow/booking/commands/standingkeeper"
	"github.com/royalglow/booking/commands/timekeeper"
	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/calendars"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/demo"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/directory"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/memstore"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/internal/httpapi/reads"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/internal/vault"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/publishers"
)

// secret signs the sessions and the command ids of the test.
const secret = "0123456789abcdef0123456789abcdef"

// engine is the real engine over an event store in memory, with a publisher of the test's own, that can be made to break every
// promise, and a real local endpoint.
type engine struct {
	store    *memstore.Store
	api      *httptest.Server
	ably     *httptest.Server
	key      string
	names    *directory.Directory
	texts    *vault.Vault
	db       *database.DB
	storeID  string
	running  sync.WaitGroup
	planned  atomic.Uint64
	acked    atomic.Int64
	refusals atomic.Int64 // commands that are answered with 503 yet

	// The ways to break it; set before the run.
	tamper  func([]publishers.Message) []publishers.Message       // changes what is published of an event
	rewrite func(eventstore.Recorded) eventstore.Recorded         // changes what the checker reads in the log
	logEnds func(eventstore.Recorded) error                       // ends the checker's reading of the log
	answers func(r *http.Request, status int, body []byte) []byte // changes what the API answers
}

func newEngine(tb testing.TB) *engine {
	tb.Helper()
	// A machine that is held up catches up in bursts, and this publisher does not wait for a limit to pass; the program's does.
	endpoint, err := ablylocal.New(ablylocal.Config{Limits: ablylocal.LimitsOff})
	must(tb, err)
	e := &engine{
		store: memstore.New(), key: endpoint.Key(),
		tamper:  func(m []publishers.Message) []publishers.Message { return m },
		rewrite: func(rec eventstore.Recorded) eventstore.Recorded { return rec },
	}
	e.db, err = database.Open(tb.Context(), filepath.Join(tb.TempDir(), "engine.db"), migrations.Engine)
	must(tb, err)
	e.storeID, err = e.store.Identity(tb.Context())
	must(tb, err)
	e.names, e.texts = directory.New(e.db, time.Now), vault.New(e.db, time.Now)
	e.ably = httptest.NewServer(endpoint.Handler())

	ctx, stop := context.WithCancel(context.Background())
	handler, loops := e.wire(tb)
	e.api = httptest.NewServer(e.between(handler))
	for _, loop := range append(loops, e.publish) {
		e.running.Go(func() {
			if err := loop(ctx); err != nil && ctx.Err() == nil {
				tb.Errorf("the engine's part ended: %v", err)
			}
		})
	}
	tb.Cleanup(func() {
		stop()
		e.api.Close()
		e.running.Wait()
		if err := endpoint.Drain(context.Background()); err != nil {
			tb.Errorf("drain endpoint: %v", err)
		}
		e.ably.Close()
		must(tb, e.db.Close())
	})
	return e
}

// wire builds the API and everything that runs behind it, as the program does.
func (e *engine) wire(tb testing.TB) (http.Handler, []func(context.Context) error) {
	tb.Helper()
	models := projections.New(projections.Config{DB: e.db, StoreID: e.storeID})
	must(tb, models.Install(tb.Context()))
	queries := models.Queries()
	index := reads.Index(queries, time.Now)
	service, err := commands.New(commands.Config{
		Store: e.store, Reads: reads.New(queries, index), Vault: e.texts, Secret: []byte(secret),
	})
	must(tb, err)
	eraser := &vault.Eraser{DB: e.db, StoreID: e.storeID, Names: directory.Forget, Calendars: calendars.Forget}
	claims, err := claimkeeper.New(claimkeeper.Config{DB: e.db, StoreID: e.storeID, Store: e.store, Deadline: commands.DefaultDeadline})
	must(tb, err)
	leave, err := leavekeeper.New(leavekeeper.Config{DB: e.db, StoreID: e.storeID, Store: e.store})
	must(tb, err)
	clock, err := timekeeper.New(timekeeper.Config{DB: e.db, StoreID: e.storeID, Commands: service})
	must(tb, err)
	standing, err := standingkeeper.New(standingkeeper.Config{DB: e.db, StoreID: e.storeID, Commands: service})
	must(tb, err)
	sessions, err := httpapi.NewSecretSessions([]byte(secret), time.Now)
	must(tb, err)
	handler, err := httpapi.New(httpapi.Config{
		Commands: service, Queries: queries, Availability: index, Directory: e.names, Texts: e.texts, Erasures: eraser,
		Claims: claims, Calendars: calendars.New(e.db, time.Now), Tokens: publishers.TokenIssuer{Key: e.key}, Sessions: sessions,
		Projections: &projections.Operator{Models: models}, Deliveries: publishers.Operator{DB: e.db},
		Published: func(context.Context) (eventstore.Position, error) { return eventstore.Position(e.planned.Load()), nil },
	})
	must(tb, err)
	loops := []func(context.Context) error{claims.Run, leave.Run, clock.Run, standing.Run}
	for _, h := range append(models.Handlers(), index, eraser, claims, leave, clock, standing) {
		loops = append(loops, (&subscription.Runner{Source: subscription.FromStore(e.store), Handler: h}).Run)
	}
	return handler, loops
}

// config is a short run against the engine.
func (e *engine) config(tb testing.TB) demo.Config {
	tb.Helper()
	u, err := url.Parse(e.ably.URL)
	must(tb, err)
	host, portText, err := net.SplitHostPort(u.Host)
	must(tb, err)
	port, err := strconv.Atoi(portText)
	must(tb, err)
	return demo.Config{
		API: e.api.URL, Ably: demo.Ably{Host: host, Port: port}, SignIn: signIn, Log: e, Messages: owed,
		Acknowledged: e.acked.Load, Logger: slog.New(slog.NewTextHandler(tb.Output(), nil)), Rate: 20, Duration: 3 * time.Second,
	}
}

func signIn(u demo.User) (string, error) {
	return httpapi.SignSession([]byte(secret), httpapi.Session{
		UserID: u.ID, Role: u.Role, StaffID: u.StaffID, BranchIDs: u.BranchIDs,
	}, time.Now(), time.Hour)
}

func owed(rec eventstore.Recorded) []check.Message {
	var list []check.Message
	for _, m := range publishers.Messages(rec, publishers.Directory{}) {
		list = append(list, check.Message{Channel: m.Channel, Part: m.Envelope.Part})
	}
	return list
}

// Head and Follow make the engine a demo.Log.
func (e *engine) Head(ctx context.Context) (eventstore.Position, error) { return e.store.Head(ctx) }

func (e *engine) Follow(ctx context.Context, after eventstore.Position, each func(eventstore.Recorded)) error {
	return e.follow(ctx, after, func(rec eventstore.Recorded) error {
		each(e.rewrite(rec))
		if e.logEnds != nil {
			return e.logEnds(rec)
		}
		return nil
	})
}

// follow calls each with every event after the position, until it fails or the context ends.
func (e *engine) follow(ctx context.Context, after eventstore.Position, each func(eventstore.Recorded) error) error {
	sub, err := e.store.Subscribe(ctx, after)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Close() }()
	for {
		m, err := sub.Recv()
		if err != nil {
			return err
		}
		if m.Event == nil {
			continue
		}
		if err := each(*m.Event); err != nil {
			return err
		}
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
