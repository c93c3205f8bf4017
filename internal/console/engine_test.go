package console_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/claimkeeper"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/calendars"
	"github.com/royalglow/booking/internal/console"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/directory"
	"github.com/royalglow/booking/internal/esdbnode/nodetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/httpapi"
	readside "github.com/royalglow/booking/internal/httpapi/reads"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/internal/vault"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/publishers"
)

// The people and places of the tests.
const (
	priya  = "usr_priya001" // a customer
	rahul  = "usr_rahul001" // another
	meera  = "usr_meera001" // receptionist
	owner  = "usr_owner001" // sets everything up
	asha   = "stf_asha0001" // staff
	dev    = "stf_dev00001" //
	bandra = "br_bandra001" // the branch
	secret = "the-sessions-of-these-tests-are-sealed"
)

var salonServices = []domain.Service{
	{ServiceID: "svc_haircut1", Name: "Haircut & Styling", DurationMinutes: 45, PriceMinor: 80000},
	{ServiceID: "svc_facial01", Name: "Classic Facial", DurationMinutes: 60, PriceMinor: 180000},
	{ServiceID: "svc_hairspa1", Name: "Hair Spa", DurationMinutes: 60, PriceMinor: 150000},
}

// engine is the whole path with real parts in every place, in this process.
type engine struct {
	t       *testing.T
	url     string
	api     *caller
	ably    string // host:port of the endpoint
	key     string // its API key
	running sync.WaitGroup
}

// engineOptions turn parts off.
type engineOptions struct {
	withoutRealtime bool
	client          string // a script in place of Ably's client; its CDN is out of reach. Empty: the real one.
	// silent: nothing is published but what the test publishes.
	silent bool
	// front is where the page looks for Ably. Nil: where Ably is.
	front *front
	// gate is between the page and the API. Nil: nothing.
	gate *gate
}

// startEngine starts everything and opens the salon. It stops when the test ends.
func startEngine(t *testing.T, o engineOptions) *engine {
	t.Helper()
	e := &engine{t: t}
	ctx, cancel := context.WithCancel(context.Background())
	store := e.startStore()
	storeID, err := store.Identity(ctx)
	check(t, err)
	tables := openTables(t, "engine.db", migrations.Engine)
	outbox := openTables(t, "publisher.db", migrations.Publisher)
	// Before what the loops use is closed. It may be called again.
	stopLoops := func() { cancel(); e.running.Wait() }
	t.Cleanup(stopLoops)

	endpoint, key := e.startAbly(ctx)
	e.ably, e.key = endpoint, key
	if o.withoutRealtime {
		key = ""
	}
	seen := endpoint
	if o.front != nil {
		o.front.behind, seen = endpoint, o.front.addr
	}
	names := directory.New(tables, time.Now)
	models := projections.New(projections.Config{DB: tables, StoreID: storeID})
	check(t, models.Install(ctx))
	index, texts, links := readside.Index(models.Queries(), time.Now), vault.New(tables, time.Now), calendars.New(tables, time.Now)
	service, err := commands.New(commands.Config{
		Store: store, Reads: readside.New(models.Queries(), index), Vault: texts, Secret: []byte(secret),
	})
	check(t, err)
	claims, err := claimkeeper.New(claimkeeper.Config{DB: tables, StoreID: storeID, Store: store, Deadline: time.Second})
	check(t, err)
	eraser := &vault.Eraser{DB: tables, StoreID: storeID}
	handlers := append(models.Handlers(), index)
	published := func(context.Context) (eventstore.Position, error) { return 0, nil }
	if key != "" && !o.silent {
		publisher, err := publishers.Open(ctx, publishers.Config{
			Key: key, Endpoint: endpoint, DB: outbox, StoreID: storeID, Head: store.Head, Names: names,
		})
		check(t, err)
		t.Cleanup(func() { stopLoops(); publisher.Close() })
		published = publisher.Published
		sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
		e.run("sending", func() error { return publisher.Run(sending) })
		runner := &subscription.Runner{Source: subscription.FromStore(store), Handler: publisher}
		e.run(publisher.Name(), func() error {
			defer stopSending()
			return runner.Run(ctx)
		})
	}
	for _, h := range handlers {
		runner := &subscription.Runner{Source: subscription.FromStore(store), Handler: h}
		e.run(h.Name(), func() error { return runner.Run(ctx) })
	}
	e.serve(o, seen, httpapi.Config{
		Commands: service, Queries: models.Queries(), Availability: index, Directory: names, Texts: texts,
		Erasures: eraser, Claims: claims, Calendars: links, Tokens: publishers.TokenIssuer{Key: key},
		Projections: &projections.Operator{Models: models}, Deliveries: publishers.Operator{DB: outbox}, Published: published, DemoSignIn: signIn,
	})
	e.furnish()
	return e
}

// run keeps a loop for as long as the test lasts.
func (e *engine) run(what string, loop func() error) {
	e.running.Go(func() {
		if err := loop(); err != nil && !errors.Is(err, net.ErrClosed) {
			e.t.Errorf("%s: %v", what, err)
		}
	})
}

func (e *engine) startStore() *eventstore.Store {
	e.t.Helper()
	store, err := eventstore.Open(eventstore.Config{Socket: nodetest.StartSocket(e.t)})
	check(e.t, err)
	e.t.Cleanup(func() { check(e.t, store.Close()) })
	return store
}

func openTables(t *testing.T, file string, set database.Tables) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), filepath.Join(t.TempDir(), file), set)
	check(t, err)
	t.Cleanup(func() { check(t, db.Close()) })
	return db
}

func (e *engine) startAbly(ctx context.Context) (endpoint, key string) {
	e.t.Helper()
	server, err := ablylocal.New(ablylocal.Config{})
	check(e.t, err)
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	check(e.t, err)
	e.run("ably", func() error { return server.Run(ctx, ln) })
	return ln.Addr().String(), server.Key()
}

// serve puts the API and the page on one origin.
func (e *engine) serve(o engineOptions, endpoint string, c httpapi.Config) {
	e.t.Helper()
	page := console.Config{AblyEndpoint: endpoint, Demo: true}
	var err error
	if o.client != "" {
		page.AblyJS = filepath.Join(e.t.TempDir(), "client.js")
		check(e.t, os.WriteFile(page.AblyJS, []byte(o.client), 0o600))
	} else {
		page.AblyJS = ablyClient(e.t)
	}
	c.Console, err = console.New(page)
	check(e.t, err)
	c.Sessions, err = httpapi.NewSecretSessions([]byte(secret), time.Now)
	check(e.t, err)
	handler, err := httpapi.New(c)
	check(e.t, err)
	server := httptest.NewServer(handler)
	e.t.Cleanup(server.Close)
	e.url = server.URL
	e.api = &caller{t: e.t, url: server.URL, client: server.Client()}
	if o.gate != nil {
		// The page goes through the gate, the test does not.
		e.url = o.gate.serve(e.t, handler)
	}
}

// furnish opens the branch, and waits until it can be read.
func (e *engine) furnish() {
	e.t.Helper()
	branch := "/api/branches/" + bandra
	last := e.api.do(owner, http.MethodPut, branch, "", map[string]any{
		"name": "Royal Glow Bandra", "timeZone": "Asia/Kolkata", "currency": "INR",
		"policy": map[string]int{"leadMinutes": 0, "horizonDays": 365, "activeCap": 50},
	})
	for _, s := range salonServices {
		last = e.api.do(owner, http.MethodPut, branch+"/services/"+s.ServiceID, "", map[string]any{
			"name": s.Name, "durationMinutes": s.DurationMinutes, "priceMinor": s.PriceMinor,
		})
	}
	for _, id := range []string{asha, dev} {
		last = e.api.do(owner, http.MethodPut, branch+"/staff/"+id, "", map[string]any{})
	}
	for id, name := range map[string]string{
		priya: "Priya Nair", rahul: "Rahul Mehta", meera: "Meera Iyer", asha: "Asha Rao", dev: "Dev Kapoor",
	} {
		e.api.do(owner, http.MethodPut, "/api/directory/"+id, "", map[string]any{"name": name})
	}
	e.api.do(owner, http.MethodGet, fmt.Sprintf("/api/branches?minPosition=%.0f", last["position"]), "", nil)
}

// signIn makes the visitor of the page the customer or the receptionist.
func signIn(_ context.Context, as string) (httpapi.DemoIdentity, error) {
	who := httpapi.DemoIdentity{UserID: priya, Name: "Priya Nair", Role: domain.RoleCustomer, BranchID: bandra}
	if as != string(domain.RoleCustomer) {
		who.UserID, who.Name, who.Role = meera, "Meera Iyer", domain.RoleReceptionist
	}
	var err error
	who.Token, err = token(who.UserID)
	return who, err
}

func token(user string) (string, error) {
	s := httpapi.Session{UserID: user, Role: domain.RoleCustomer}
	switch user {
	case meera:
		s.Role, s.BranchIDs = domain.RoleReceptionist, []string{bandra}
	case owner:
		s.Role = domain.RoleOwner
	}
	return httpapi.SignSession([]byte(secret), s, time.Now(), time.Hour)
}
