package publishers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/esdbnode/nodetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

// rounds is how often what is compared is measured, in turns.
const rounds = 5

// overBranches is a log of requests at so many branches, in turns. There are few days and customers, so that not every message is the
// first on its channel: the service limits those.
func overBranches(tb testing.TB, n, branches int) []eventstore.Recorded {
	tb.Helper()
	s := newStory(tb)
	for i := range n {
		s.request(fmt.Sprintf("bkg_%06d", i), start.AddDate(0, 0, i%7), asha)
		last := &s.log[len(s.log)-1]
		e, ok := last.Event.(domain.BookingRequested)
		if !ok {
			tb.Fatalf("%T", last.Event)
		}
		e.BranchID, e.CustomerID = fmt.Sprintf("br_bench%03d", i%branches), fmt.Sprintf("usr_bench%05d", i%100)
		last.Event = e
	}
	return s.log
}

// BenchmarkBacklogAgainstBarePosts publishes 2,000 events at once, and then posts the same requests with a bare client, four at a time, to
// the same endpoint: with an answer that takes 20 ms, and with one that comes at once.
func BenchmarkBacklogAgainstBarePosts(b *testing.B) {
	for _, delay := range []time.Duration{20 * time.Millisecond, 0} {
		b.Run(delay.String(), func(b *testing.B) {
			log := overBranches(b, 2000, 24)
			for b.Loop() {
				var shares []float64
				var perSecond []float64
				for range 3 * rounds { // each is short
					publishing, bare, messages := backlogRound(b, log, delay)
					shares = append(shares, bare.Seconds()/publishing.Seconds())
					perSecond = append(perSecond, float64(messages)/publishing.Seconds())
				}
				b.ReportMetric(median(shares), "of-bare")
				b.ReportMetric(median(perSecond), "messages/s")
			}
		})
	}
}

func backlogRound(b *testing.B, log []eventstore.Recorded, delay time.Duration) (publishing, bare time.Duration, messages int64) {
	b.Helper()
	var mu sync.Mutex
	var bodies [][]byte
	endpoint, err := ablylocal.New(ablylocal.Config{Limits: ablylocal.LimitsOff, Faults: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(delay)
			next.ServeHTTP(w, r)
		})
	}})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(endpoint.Handler())
	defer server.Close()
	bn := &bench{tb: b, db: openDatabase(b), key: endpoint.Key(), endpoint: strings.TrimPrefix(server.URL, "http://")}
	cfg := bn.config()
	cfg.Limits = publishers.Limits{PerChannel: 1e6, Requests: 1e6, Messages: 1e6}
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	defer transport.CloseIdleConnections()
	cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		bodies = append(bodies, raw)
		mu.Unlock()
		return transport.RoundTrip(withBody(r, raw))
	})
	p := open(b, cfg)
	if _, err := p.Checkpoint(b.Context()); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := handle(b.Context(), p, log, publishers.MaxBatch); err != nil {
		b.Fatal(err)
	}
	publishing = time.Since(began)
	messages = p.Status().Acknowledged
	return publishing, barePosts(b, bn, bodies), messages
}

// barePosts posts the bodies as a client does that needs no order, and keeps no record.
func barePosts(b *testing.B, bn *bench, bodies [][]byte) time.Duration {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	defer transport.CloseIdleConnections()
	name, secret, _ := strings.Cut(bn.key, ":")
	todo := make(chan []byte, len(bodies))
	for _, body := range bodies {
		todo <- bytes.ReplaceAll(body, []byte(`"id":"`), []byte(`"id":"again-`)) // not taken for repeats
	}
	close(todo)
	began := time.Now()
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for body := range todo {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://"+bn.endpoint+"/messages", bytes.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				req.SetBasicAuth(name, secret)
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("X-Ably-Version", "5")
				resp, err := transport.RoundTrip(req)
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusCreated {
					b.Errorf("status %d (%v)", resp.StatusCode, err)
				}
				_ = resp.Body.Close()
			}
		})
	}
	workers.Wait()
	return time.Since(began)
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// BenchmarkIdlePath is an event on its way from the commit in the embedded node to the acknowledgement of its last message, with 200
// events a second over 24 branches: a live engine's ordinary day, everything on one machine.
func BenchmarkIdlePath(b *testing.B) {
	for b.Loop() {
		var medians, p99s []float64
		for range rounds {
			took := idlePath(b, overBranches(b, 1000, 24))
			medians = append(medians, took[len(took)/2].Seconds()*1e3)
			p99s = append(p99s, took[len(took)*99/100].Seconds()*1e3)
		}
		b.ReportMetric(median(medians), "p50-ms")
		b.ReportMetric(median(p99s), "p99-ms")
	}
}

func idlePath(b *testing.B, log []eventstore.Recorded) []time.Duration {
	b.Helper()
	store := openNode(b)
	bn := newBench(b)
	cfg := bn.config()
	acks := watchAcks(&cfg)
	p := open(b, cfg)
	stop := follow(b, p, subscription.FromStore(store))
	committed := map[string]time.Time{}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for _, e := range log {
		<-tick.C
		if _, err := store.Append(b.Context(), eventstore.Append{
			Stream: e.Stream, Expected: eventstore.NoStream, Events: []domain.Event{e.Event}, Metadata: e.Metadata,
		}); err != nil {
			b.Fatal(err)
		}
		committed[e.Stream] = time.Now()
	}
	want := 4 * len(log)
	eventually(b, "all acknowledgements", func() bool { return p.Status().Acknowledged >= int64(want) })
	stop()
	var took []time.Duration
	for stream, at := range committed {
		_, id, _ := strings.Cut(stream, "-")
		took = append(took, max(0, acks.last(id).Sub(at)))
	}
	slices.Sort(took)
	return took
}

// BenchmarkOneChannel is 200 events a second that are all for the desk of one branch, within the service's limits.
func BenchmarkOneChannel(b *testing.B) {
	for b.Loop() {
		bn := newBench(b)
		cfg := bn.config()
		acks := watchAcks(&cfg)
		p := open(b, cfg)
		log := overBranches(b, 2000, 1)
		source := &growing{all: log, more: make(chan struct{})}
		stop := follow(b, p, source)
		released := source.pace(200)
		eventually(b, "all acknowledgements", func() bool { return p.Status().Acknowledged >= int64(4*len(log)) })
		stop()
		channel := "admin:bookings:br_bench000"
		times, arrays, heard := acks.on(channel)
		var took []time.Duration
		for entity, at := range times {
			took = append(took, at.Sub(released[entity]))
		}
		slices.Sort(took)
		b.ReportMetric(float64(mostInASecond(arrays)), "publishes/s-at-most")
		b.ReportMetric(float64(len(log)-heard), "lost")
		b.ReportMetric(took[len(took)/2].Seconds()*1e3, "p50-ms")
		b.ReportMetric(took[len(took)*99/100].Seconds()*1e3, "p99-ms")
	}
}

// BenchmarkBesideAFailingChannel is 50 desks' channels of which one always fails, against the same without.
func BenchmarkBesideAFailingChannel(b *testing.B) {
	for b.Loop() {
		var ratios, base, beside []float64
		for range rounds {
			without, with := besideFailing(b, false), besideFailing(b, true)
			base, beside, ratios = append(base, without), append(beside, with), append(ratios, with/without)
		}
		b.ReportMetric(median(ratios), "p99-ratio")
		b.ReportMetric(median(base), "p99-ms-without")
		b.ReportMetric(median(beside), "p99-ms-beside")
	}
}

// besideFailing returns the 99th percentile of the other channels, in milliseconds, apart from the first 250 ms.
func besideFailing(b *testing.B, fails bool) float64 {
	b.Helper()
	const failing = "admin:bookings:br_bench007"
	bn := newBench(b)
	if fails {
		bn.server.Switches().OnPublish(func(channels []string) ablylocal.PublishFault {
			switch {
			case !slices.Contains(channels, failing):
				return ablylocal.PublishFault{}
			case len(channels) == 1:
				return ablylocal.PublishFault{Kind: ablylocal.FaultErrorBefore}
			}
			return ablylocal.PublishFault{Kind: ablylocal.FaultPartial, Channels: func(name string) bool { return name == failing }}
		})
	}
	cfg := bn.config()
	cfg.Jitter = nil // as in earnest
	acks := watchAcks(&cfg)
	p := open(b, cfg)
	log := overBranches(b, 1000, 50)
	source := &growing{all: log, more: make(chan struct{})}
	stop := follow(b, p, source)
	began := time.Now()
	released := source.pace(200)
	eventually(b, "the end of the log", func() bool { return p.Status().Position >= log[len(log)-1].Position })
	stop()
	var took []time.Duration
	for i := range 50 {
		channel := fmt.Sprintf("admin:bookings:br_bench%03d", i)
		if channel == failing {
			continue
		}
		times, _, _ := acks.on(channel)
		for entity, at := range times {
			if released[entity].Sub(began) > 250*time.Millisecond {
				took = append(took, at.Sub(released[entity]))
			}
		}
	}
	if fails && p.Status().Queued+p.Status().Parked == 0 {
		b.Error("the channel did not fail")
	}
	slices.Sort(took)
	return took[len(took)*99/100].Seconds() * 1e3
}

// pace releases so many events a second and returns when each entity's was.
func (g *growing) pace(perSecond int) map[string]time.Time {
	released := map[string]time.Time{}
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for _, e := range g.all {
		<-tick.C
		_, id, _ := strings.Cut(e.Stream, "-")
		released[id] = time.Now()
		g.release(1)
	}
	return released
}

// follow runs a publisher on a log until the returned function is called.
func follow(b *testing.B, p *publishers.Publisher, source subscription.Source) (stop func()) {
	b.Helper()
	if _, err := p.Checkpoint(b.Context()); err != nil {
		b.Fatal(err)
	}
	sending := beside(b.Context(), p)
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- (&subscription.Runner{Source: source, Handler: p}).Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
		if err := sending(); err != nil {
			b.Error(err)
		}
	}
}

func openNode(b *testing.B) *eventstore.Store {
	b.Helper()
	store, err := eventstore.Open(eventstore.Config{ConnectionString: nodetest.Start(b)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	return store
}

// acks is when the publisher was told that the service has a message.
type acks struct {
	mu     sync.Mutex
	begin  time.Time
	times  map[string]map[string]time.Time // by channel and entity
	arrays map[string][]time.Duration      // by channel, since begin
	lasts  map[string]time.Time            // by entity
	heard  map[string]int
}

// watchAcks notes what the service says to a publisher.
func watchAcks(cfg *publishers.Config) *acks {
	a := &acks{
		begin: time.Now(), times: map[string]map[string]time.Time{}, arrays: map[string][]time.Duration{}, lasts: map[string]time.Time{}, heard: map[string]int{},
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		resp, err := transport.RoundTrip(withBody(r, raw))
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		_ = resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(body))
		if resp.StatusCode/100 == 2 {
			a.note(raw, body)
		}
		return resp, nil
	})
	return a
}

func (a *acks) note(raw, body []byte) {
	now := time.Now()
	var specs []spec
	var results []struct {
		Results []struct {
			Channel string          `json:"channel"`
			Error   json.RawMessage `json:"error"`
		} `json:"results"`
	}
	if json.Unmarshal(raw, &specs) != nil || json.Unmarshal(body, &results) != nil {
		return
	}
	failed := map[string]bool{}
	for _, r := range results {
		for _, one := range r.Results {
			failed[one.Channel] = len(one.Error) > 0
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range specs {
		channel := s.Channels[0]
		if failed[channel] {
			continue
		}
		a.arrays[channel] = append(a.arrays[channel], now.Sub(a.begin))
		if a.times[channel] == nil {
			a.times[channel] = map[string]time.Time{}
		}
		for _, m := range s.Messages {
			var e publishers.Envelope
			if json.Unmarshal([]byte(m.Data), &e) == nil {
				a.times[channel][e.Entity], a.lasts[e.Entity] = now, now
				a.heard[channel]++
			}
		}
	}
}

func (a *acks) on(channel string) (times map[string]time.Time, arrays []time.Duration, heard int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.times[channel], a.arrays[channel], a.heard[channel]
}

func (a *acks) last(entity string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lasts[entity]
}
