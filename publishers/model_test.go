package publishers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
	"github.com/royalglow/booking/publishers/deliverytest"
)

// world is a publisher under its lease and runner, the local endpoint that it delivers to, and a log that grows when it is told to;
// all of it in the virtual time of one synctest bubble.
type world struct {
	t        *testing.T
	db       *database.DB
	endpoint *ablylocal.Server
	tap      deliverytest.Tap
	pipes    *pipes
	log      growing
	limits   publishers.Limits
	timeout  time.Duration
	jitter   func() float64

	mu     sync.Mutex
	heard  map[string][]deliverytest.Message
	faults []ablylocal.PublishFault // of the requests to come
	poison string                   // the channel that is refused for good
	large  string                   // the channel of which only resyncs are taken
	rule   func(channels []string) ablylocal.PublishFault
	on     map[string][]time.Time // when each channel heard what
	mangle mangler                // what a bug does to requests
	cut    bool                   // no request gets to the endpoint
	stands []deliverytest.Stand
	seen   map[string]int // what has happened
	// When a request was last told to wait, until when nobody may come, and how many came before that.
	refused, until time.Time
	early          int

	crash     *crasher // nil: nobody dies of himself
	publisher *publishers.Publisher
	owned     *subscription.Owned
	runner    atomic.Pointer[subscription.Runner]
	starts    int
	paused    atomic.Bool
	stop      func()
}

func newWorld(t *testing.T, db *database.DB, all []eventstore.Recorded) *world {
	t.Helper()
	w := &world{
		t: t, db: db, heard: map[string][]deliverytest.Message{}, on: map[string][]time.Time{}, seen: map[string]int{}, log: growing{all: all, more: make(chan struct{})},
		pipes:  &pipes{conns: make(chan net.Conn), closed: make(chan struct{})},
		limits: publishers.Limits{PerChannel: 45, Requests: 1e6, Messages: 1e6}, jitter: func() float64 { return 0.5 },
	}
	var err error
	w.endpoint, err = ablylocal.New(ablylocal.Config{
		Key: "app.key:secret", Limits: ablylocal.LimitsOff, Faults: func(next http.Handler) http.Handler { return w.tap.Wrap("", next) },
		OnMessage: func(channel string, m ablylocal.Message) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.heard[channel] = append(w.heard[channel], heardMessage(t, channel, m))
			w.on[channel] = append(w.on[channel], time.Now())
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.endpoint.Switches().OnPublish(w.choose)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- w.endpoint.Run(ctx, w.pipes) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run endpoint: %v", err)
		}
	})
	return w
}

// choose decides what becomes of a publish request.
func (w *world) choose(channels []string) ablylocal.PublishFault {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if now.After(w.refused) && now.Before(w.until) { // not on its way already
		w.early++
	}
	var f ablylocal.PublishFault
	switch {
	case len(w.faults) > 0:
		f = w.faults[0]
		w.faults = w.faults[1:]
	case w.rule != nil:
		f = w.rule(channels)
	}
	if f.Kind == ablylocal.FaultPartial && len(channels) < 2 {
		f = ablylocal.PublishFault{}
	}
	w.seen[f.Kind.String()]++
	if f.Kind == ablylocal.FaultRateLimited {
		w.refused, w.until = now, latest(w.until, now.Add(f.Wait)) // a shorter wait does not end a longer one
	}
	return f
}

// count notes what has happened.
func (w *world) count(what string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[what] += n
}

// open opens the publisher of a process, and returns how to close it.
func (w *world) open() (p *publishers.Publisher, closing func()) {
	transport := &http.Transport{DialContext: w.pipes.dial, DisableCompression: true}
	p, err := publishers.Open(w.t.Context(), publishers.Config{
		Key: "app.key:secret", Endpoint: "127.0.0.1:1", DB: w.db, StoreID: storeID, Transport: refusing{w, transport},
		Head: func(context.Context) (eventstore.Position, error) { return 0, nil }, Limits: w.limits, AttemptTimeout: w.timeout, Jitter: w.jitter,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return p, func() {
		p.Close()
		transport.CloseIdleConnections()
	}
}

// start begins a process.
func (w *world) start() {
	w.starts++
	p, closing := w.open()
	w.publisher = p
	w.owned = &subscription.Owned{
		Lease: subscription.Lease{
			DB: w.db, StoreID: storeID, Name: p.Name(), Owner: fmt.Sprint(w.starts), TTL: time.Hour, Rest: time.Millisecond,
			Now: func(context.Context, bun.IDB) (time.Time, error) { return time.Now(), nil },
		},
		NewRunner: func() *subscription.Runner {
			r := &subscription.Runner{Source: &w.log, Handler: p}
			if w.paused.Load() {
				r.Pause()
			}
			w.runner.Store(r)
			return r
		},
		Beside: func(ctx context.Context) error {
			p.Hold(w.paused.Load())
			return p.Run(ctx)
		},
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	done := make(chan error, 1)
	go func() { done <- w.owned.Run(ctx) }()
	synctest.Wait() // the lease is taken
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("publisher ended with %v", err)
		}
		closing()
	}
}

// startBeside begins a second process that does not care for the lease.
func (w *world) startBeside() {
	p, closing := w.open()
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	var both sync.WaitGroup
	both.Go(func() { _ = p.Run(ctx) })
	both.Go(func() { _ = (&subscription.Runner{Source: &w.log, Handler: p}).Run(ctx) })
	stop := w.stop
	w.stop = func() {
		stop()
		cancel()
		both.Wait()
		closing()
	}
}

// kill ends the process so that nothing which it has not committed, or sent, ever comes: its term is over.
func (w *world) kill() {
	if _, err := w.db.Write.ExecContext(w.t.Context(), `UPDATE leases SET term = term + 1, owner = '', expires_at = 0`); err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.cut = true
	w.mu.Unlock()
	w.stop()
	w.mu.Lock()
	w.cut = false
	w.mu.Unlock()
	w.stand(true)
	w.count("kill", 1)
}

// stand notes where the publisher stands.
func (w *world) stand(killed bool) {
	w.t.Helper()
	s := deliverytest.Stand{Killed: killed}
	queued := map[string]bool{}
	err := w.db.Snapshot(w.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		clear(queued)
		if err := tx.NewRaw(`SELECT position FROM checkpoints`).Scan(ctx, &s.Checkpoint); err != nil {
			return err
		}
		var rows []struct{ Channel, Data string }
		if err := tx.NewRaw(`SELECT channel, data FROM queued`).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			queued[fmt.Sprint(r.Channel, keyIn(w.t, r.Data))] = true
		}
		return nil
	})
	if err != nil {
		return // before the first checkpoint
	}
	w.count("queued", len(queued))
	s.At = w.tap.Now()
	s.Queued = func(channel string, k deliverytest.Key) bool { return queued[fmt.Sprint(channel, k)] }
	w.stands = append(w.stands, s)
}

// settled waits until all of the log is delivered, or for two days.
func (w *world) settled() error {
	end := w.log.end()
	for range 4 * 3600 {
		st := w.publisher.Status()
		if st.Position >= end && st.Queued+st.Parked == 0 {
			return nil
		}
		time.Sleep(time.Second)
	}
	return fmt.Errorf("not delivered: %+v", w.publisher.Status())
}

// verdict judges what was heard.
func (w *world) verdict() deliverytest.Verdict {
	w.mu.Lock()
	defer w.mu.Unlock()
	sent, err := w.tap.Sent()
	if err != nil {
		w.t.Fatal(err)
	}
	return deliverytest.Check(deliverytest.Run{Log: w.log.released(), Heard: w.heard, Sent: sent, Stands: w.stands, MaxWireDuplicates: -1})
}

var errCut = errors.New("the process is gone")

// refusing is what stands between publisher and endpoint: it refuses the poisoned channel, and nothing gets out of a dead process.
type refusing struct {
	w    *world
	next http.RoundTripper
}

func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	var raw []byte
	if req.Body != nil {
		var err error
		if raw, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	r.w.mu.Lock()
	cut, poison, large, mangle := r.w.cut, r.w.poison, r.w.large, r.w.mangle
	r.w.mu.Unlock()
	if cut {
		return nil, errCut
	}
	if holds(raw, poison) {
		r.w.mu.Lock()
		r.w.seen["refused"]++
		r.w.mu.Unlock()
		return answer(http.StatusBadRequest, `{"error":{"code":40010,"statusCode":400,"message":"no such channel"}}`).response(req), nil
	}
	if holds(raw, large) && !isResync(raw) {
		return answer(http.StatusBadRequest, `{"error":{"code":40009,"statusCode":413,"message":"too large"}}`).response(req), nil
	}
	if mangle == nil {
		mangle = passOn
	}
	if r.w.crash != nil {
		return r.w.crash.roundTrip(mangle, r.next, req, raw)
	}
	return mangle(r.next, req, raw)
}

// mangler sends a request on in a way of its own.
type mangler func(next http.RoundTripper, req *http.Request, raw []byte) (*http.Response, error)

func passOn(next http.RoundTripper, req *http.Request, raw []byte) (*http.Response, error) {
	return next.RoundTrip(withBody(req, raw))
}

// pipes is a listener of connections in memory.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.once.Do(func() { close(p.closed) }); return nil }

func (*pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// growing is a log of which more and more is there.
type growing struct {
	all []eventstore.Recorded

	mu   sync.Mutex
	n    int
	more chan struct{} // closed when there is more
}

func (g *growing) release(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n = min(len(g.all), g.n+n)
	close(g.more)
	g.more = make(chan struct{})
}

func (g *growing) released() []eventstore.Recorded {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.all[:g.n]
}

func (g *growing) end() eventstore.Position {
	if log := g.released(); len(log) > 0 {
		return log[len(log)-1].Position
	}
	return 0
}

// Subscribe begins after the position.
func (g *growing) Subscribe(ctx context.Context, after eventstore.Position) (subscription.Stream, error) {
	next := slices.IndexFunc(g.all, func(e eventstore.Recorded) bool { return e.Position > after })
	if next < 0 {
		next = len(g.all)
	}
	return &reading{ctx: ctx, log: g, next: next}, nil
}

type reading struct {
	ctx  context.Context
	log  *growing
	next int
	live bool
}

// Recv returns the next event as soon as it is there.
func (r *reading) Recv() (subscription.Item, error) {
	for {
		r.log.mu.Lock()
		n, more := r.log.n, r.log.more
		r.log.mu.Unlock()
		if r.next < n {
			e := r.log.all[r.next]
			r.next++
			return subscription.Item{Event: &e, Position: e.Position}, nil
		}
		if !r.live {
			r.live = true
			return subscription.Item{CaughtUp: true}, nil
		}
		select {
		case <-more:
		case <-r.ctx.Done():
			return subscription.Item{}, context.Cause(r.ctx)
		}
	}
}

// Close does nothing.
func (*reading) Close() error { return nil }
