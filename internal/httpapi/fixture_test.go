package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/claimkeeper"
	"github.com/royalglow/booking/commands/leavekeeper"
	"github.com/royalglow/booking/domain"
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

// The people and places of the tests.
const (
	ada     = "usr_ada00001" // customers
	ben     = "usr_ben00001"
	desk    = "usr_desk0001" // receptionist of the first branch
	away    = "usr_away0001" // receptionist of the other branch
	owner   = "usr_owner001"
	worker  = "usr_worker01" // is asha
	asha    = "stf_asha0001"
	bela    = "stf_bela0001"
	mitte   = "br_mitte0001"
	nord    = "br_nord00001"
	cut     = "svc_cut00001"
	sealing = "0123456789abcdef0123456789abcdef"
)

// salon is the API over real commands and read models; only the event store is in memory.
type salon struct {
	tb      testing.TB
	store   *memstore.Store
	handler http.Handler
	// contract is what every answer is held against; nil where the write side is not the real one.
	contract *contract.Contract
	log      *syncBuffer
	config   httpapi.Config
}

// openSalon opens a salon with two branches. change may adjust the configuration.
func openSalon(tb testing.TB, change func(*httpapi.Config)) *salon {
	tb.Helper()
	s := &salon{tb: tb, store: memstore.New(), log: &syncBuffer{}}
	tables, err := migrations.Engine()
	check(tb, err)
	db, err := database.Open(tb.Context(), filepath.Join(tb.TempDir(), "engine.db"), tables)
	check(tb, err)
	tb.Cleanup(func() { check(tb, db.Close()) })
	storeID, err := s.store.Identity(tb.Context())
	check(tb, err)
	models := projections.New(projections.Config{DB: db, StoreID: storeID, Wait: 3 * time.Second})
	queries := models.Queries()
	index, texts, links := reads.Index(queries, time.Now), vault.New(db, time.Now), calendars.New(db, time.Now)
	service, err := commands.New(commands.Config{
		Store: s.store, Reads: reads.New(queries, index), Vault: texts, Secret: []byte(sealing),
	})
	check(tb, err)
	eraser := &vault.Eraser{DB: db, StoreID: storeID, Names: directory.Forget, Calendars: calendars.Forget}
	leave, err := leavekeeper.New(leavekeeper.Config{DB: db, StoreID: storeID, Store: s.store})
	check(tb, err)
	claims, err := claimkeeper.New(claimkeeper.Config{DB: db, StoreID: storeID, Store: s.store, Deadline: time.Second})
	check(tb, err)
	s.follow(append(models.Handlers(), index, eraser, leave, claims)...)
	s.beside(leave.Run)
	s.beside(claims.Run)
	sessions, err := httpapi.NewSecretSessions([]byte(sealing), time.Now)
	check(tb, err)
	s.config = httpapi.Config{
		Commands: service, Queries: queries, Availability: index, Directory: directory.New(db, time.Now), Texts: texts,
		Erasures: eraser, Claims: claims, Calendars: links, Sessions: sessions,
		Tokens: publishers.TokenIssuer{Key: "app.key:secret"},
		Logger: slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelInfo})),
	}
	if change != nil {
		change(&s.config)
	}
	s.handler, err = httpapi.New(s.config)
	check(tb, err)
	s.contract, err = contract.New(describedBy(s.handler))
	check(tb, err)
	tb.Cleanup(func() { heard.add(s.contract) })
	s.furnish()
	return s
}

// follow runs consumers of the log until the test ends.
func (s *salon) follow(handlers ...subscription.Handler) {
	s.tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, h := range handlers {
		runner := &subscription.Runner{Source: subscription.FromStore(s.store), Handler: h}
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

// beside runs a loop until the test ends.
func (s *salon) beside(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	s.tb.Cleanup(func() {
		cancel()
		check(s.tb, <-done)
	})
}

// furnish opens the branches over the API and waits until the read models show them.
func (s *salon) furnish() {
	s.tb.Helper()
	var last answer
	for _, branch := range []string{mitte, nord} {
		s.put(owner, "/api/branches/"+branch, `{"name":"Salon","timeZone":"Europe/Berlin","currency":"EUR",
			"policy":{"leadMinutes":0,"horizonDays":365,"activeCap":50}}`).want(http.StatusOK)
		s.put(owner, "/api/branches/"+branch+"/services/"+cut,
			`{"name":"Haircut","durationMinutes":30,"priceMinor":3500}`).want(http.StatusOK)
		for _, member := range []string{asha, bela} {
			last = s.put(owner, "/api/branches/"+branch+"/staff/"+member, `{}`).want(http.StatusOK)
		}
	}
	s.put(owner, "/api/directory/"+ada, `{"name":"Ada Lovelace"}`).want(http.StatusOK)
	s.put(owner, "/api/directory/"+asha, `{"name":"Asha Rao"}`).want(http.StatusOK)
	s.get(owner, "/api/branches?minPosition="+last.number("position")).want(http.StatusOK)
}

// session returns a token for one of the people.
func session(tb testing.TB, user string) string {
	tb.Helper()
	s := httpapi.Session{UserID: user, Role: domain.RoleCustomer}
	switch user {
	case desk:
		s.Role, s.BranchIDs = domain.RoleReceptionist, []string{mitte}
	case away:
		s.Role, s.BranchIDs = domain.RoleReceptionist, []string{nord}
	case owner:
		s.Role = domain.RoleOwner
	case worker:
		s.Role, s.StaffID = domain.RoleStaff, asha
	}
	token, err := httpapi.SignSession([]byte(sealing), s, time.Now(), time.Hour)
	check(tb, err)
	return token
}

// ask makes a request as a user; nobody when as is empty. Headers come in pairs.
func (s *salon) ask(as, method, path, body string, headers ...string) answer {
	s.tb.Helper()
	r := httptest.NewRequestWithContext(s.tb.Context(), method, path, bytes.NewBufferString(body))
	if as != "" {
		r.Header.Set("Authorization", "Bearer "+session(s.tb, as))
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.send(r)
}

func (s *salon) send(r *http.Request) answer {
	s.tb.Helper()
	var asked []byte
	if r.Body != nil {
		var err error
		asked, err = io.ReadAll(r.Body)
		check(s.tb, err)
		r.Body = io.NopCloser(bytes.NewReader(asked))
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if s.contract != nil && r.Context().Err() == nil {
		if err := s.contract.Check(contract.Exchange{
			Method: r.Method, Path: r.URL.Path, Request: asked, Status: w.Code, Header: w.Header(), Body: w.Body.Bytes(),
		}); err != nil {
			s.tb.Errorf("the document is not kept: %v", err)
		}
	}
	return answer{tb: s.tb, what: r.Method + " " + r.URL.String(), status: w.Code, header: w.Header(), body: w.Body.Bytes()}
}

func (s *salon) get(as, path string, headers ...string) answer {
	s.tb.Helper()
	return s.ask(as, http.MethodGet, path, "", headers...)
}

func (s *salon) put(as, path, body string, headers ...string) answer {
	s.tb.Helper()
	return s.ask(as, http.MethodPut, path, body, headers...)
}

func (s *salon) post(as, path, body string, headers ...string) answer {
	s.tb.Helper()
	return s.ask(as, http.MethodPost, path, body, headers...)
}

func (s *salon) patch(as, path, body string, headers ...string) answer {
	s.tb.Helper()
	return s.ask(as, http.MethodPatch, path, body, headers...)
}

// tomorrow is an instant that can be booked.
func tomorrow(hour int) string {
	return time.Now().UTC().Truncate(24 * time.Hour).Add(time.Duration(48+hour) * time.Hour).Format(time.RFC3339)
}

// wish is the body of a request for a haircut in the first branch.
func wish(hour int) string {
	return `{"branchId":"` + mitte + `","startAt":"` + tomorrow(hour) + `","services":[{"serviceId":"` + cut +
		`","staffId":"` + asha + `"}]}`
}

// book requests a haircut for a customer and waits until it can be read.
func (s *salon) book(customer string, hour int) (id string) {
	s.tb.Helper()
	r := s.post(customer, "/api/bookings", wish(hour)).want(http.StatusCreated)
	s.get(customer, r.header.Get("Location")+"?minPosition="+r.number("position")).want(http.StatusOK)
	return r.text("id")
}

// confirm approves a booking that nobody has changed and waits until it can be read.
func (s *salon) confirm(id string) {
	s.tb.Helper()
	r := s.patch(desk, "/api/bookings/"+id, `{"action":"approve"}`, "If-Match", `"0"`).want(http.StatusOK)
	s.get(desk, "/api/bookings/"+id+"?minPosition="+r.number("position")).want(http.StatusOK)
}

// answer is what came back.
type answer struct {
	tb     testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

func (a answer) want(status int) answer {
	a.tb.Helper()
	if a.status != status {
		a.tb.Fatalf("%s: status %d, want %d: %s", a.what, a.status, status, a.body)
	}
	return a
}

func (a answer) json() map[string]any {
	a.tb.Helper()
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(a.body))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		a.tb.Fatalf("%s: not JSON (%v): %s", a.what, err, a.body)
	}
	return m
}

func (a answer) text(key string) string {
	a.tb.Helper()
	s, _ := a.json()[key].(string)
	return s
}

func (a answer) number(key string) string {
	a.tb.Helper()
	n, ok := a.json()[key].(json.Number)
	if !ok {
		a.tb.Fatalf("%s: no number %q: %s", a.what, key, a.body)
	}
	return n.String()
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

// eventually polls until the engine has got there.
func eventually(tb testing.TB, what string, there func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(10 * time.Second); !there(); {
		if time.Now().After(deadline) {
			tb.Fatalf("it never came that %s", what)
		}
		runtime.Gosched()
	}
}
