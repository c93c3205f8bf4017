package publishers_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
	"github.com/royalglow/booking/publishers/deliverytest"
)

// inWorld runs a test in a world of its own, and at the end demands that no promise was broken.
func inWorld(t *testing.T, all func(t *testing.T) []eventstore.Recorded, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, databasetest.Open(t, migrations.Publisher), all(t))
		w.start()
		test(w)
		if err := w.settled(); err != nil {
			t.Error(err)
		}
		w.stand(false)
		w.stop()
		if v := w.verdict(); len(v.Violations) > 0 {
			t.Error(v)
		}
		if w.early > 0 {
			t.Errorf("%d requests came before their time", w.early)
		}
	})
}

// bookings is a log of so many requests.
func bookings(n int) func(t *testing.T) []eventstore.Recorded {
	return func(t *testing.T) []eventstore.Recorded {
		t.Helper()
		return manyBookings(t, n)
	}
}

// TestAnOutageOfAnyLengthShowsNothingTwice is F3: the service takes what it gets, its answers are lost, and then it is away.
func TestAnOutageOfAnyLengthShowsNothingTwice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		outage              time.Duration
		found, unsure, down bool
	}{
		{outage: 30 * time.Second},                           // sent again: the service drops the repeat
		{outage: 102 * time.Second, found: true, down: true}, // looked up: the service may not drop it any more
		{outage: 121 * time.Second, unsure: true},
		{outage: 10 * time.Minute, unsure: true}, // not in the history any more: sent again, marked
		{outage: 24 * time.Hour, unsure: true},
	} {
		t.Run(fmt.Sprint(tt.outage, tt.down), func(t *testing.T) {
			t.Parallel()
			inWorld(t, bookings(20), func(w *world) {
				lost := 0
				w.rule = func(channels []string) ablylocal.PublishFault {
					lost, w.cut, w.rule = len(channels), true, nil
					return ablylocal.PublishFault{Kind: ablylocal.FaultResetAfter}
				}
				w.log.release(5)
				time.Sleep(time.Second)
				if tt.down {
					w.kill()
				}
				time.Sleep(tt.outage)
				if tt.down {
					w.start()
				}
				w.mu.Lock()
				w.cut = false
				w.mu.Unlock()
				w.log.release(15)
				if err := w.settled(); err != nil {
					w.t.Fatal(err)
				}
				if lost == 0 || w.seen["resetAfter"] != 1 {
					w.t.Fatalf("nothing was taken without an answer: %v", w.seen)
				}
				r := w.publisher.Status().Reconciled
				if tt.found && (r.Found != lost || r.Again != 0) || tt.unsure && r.Found+r.Again != lost ||
					!tt.found && !tt.unsure && r != (publishers.Reconciled{}) {
					w.t.Errorf("%d arrays were taken without an answer; found out about %+v", lost, r)
				}
			})
		})
	}
}

// TestAStormOfRefusalsIsWaitedOut is F4: for a minute half of the requests get 429 with a Retry-After of 1 to 5 s.
func TestAStormOfRefusalsIsWaitedOut(t *testing.T) {
	t.Parallel()
	inWorld(t, bookings(1200), func(w *world) {
		dice := rand.New(rand.NewPCG(1, 2))
		begin := time.Now()
		var until time.Time
		var closed time.Duration // all pauses together, where they overlap once
		w.rule = func([]string) ablylocal.PublishFault {
			now := time.Now()
			if now.Sub(begin) > time.Minute || dice.IntN(2) == 0 {
				return ablylocal.PublishFault{}
			}
			wait := time.Duration(1+dice.IntN(5)) * time.Second
			if end := now.Add(wait); end.After(until) {
				closed += end.Sub(latest(now, until))
				until = end
			}
			return ablylocal.PublishFault{Kind: ablylocal.FaultRateLimited, Wait: wait}
		}
		for range 600 { // 20 a second
			w.log.release(2)
			time.Sleep(100 * time.Millisecond)
		}
		stormed := time.Since(begin)
		if err := w.settled(); err != nil {
			w.t.Fatal(err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.seen["rateLimited"] < 10 {
			w.t.Fatalf("only %d refusals", w.seen["rateLimited"])
		}
		// There always is something to send, and an answer takes no time here. So the best that anybody could do is to ask as soon as a
		// pause is over, and to be refused again after two requests or so; whoever is late has fewer pauses in the same minute.
		over := max(0, until.Sub(begin)-stormed)
		share := float64(closed-over) / float64(stormed)
		w.t.Logf("%d refusals; %.1f %% of what is allowed was sent", w.seen["rateLimited"], 100*share)
		if share < 0.9 {
			w.t.Errorf("%.1f %% of what is allowed was sent, want at least 90 %%: of %v it waited for %v", 100*share, stormed, closed-over)
		}
		sent, err := w.tap.Sent()
		if err != nil {
			w.t.Fatal(err)
		}
		on := map[string][]time.Duration{}
		last := map[string]int{}
		for _, m := range sent {
			if last[m.Channel] != m.Request {
				last[m.Channel] = m.Request
				on[m.Channel] = append(on[m.Channel], m.At.Sub(begin))
			}
		}
		for channel, times := range on {
			if n := mostInASecond(times); n > 50 {
				w.t.Errorf("%d arrays on %s in one second", n, channel)
			}
		}
		if st := w.publisher.Status(); st.Parked > 0 {
			w.t.Errorf("parked: %+v", st)
		}
	})
}

// TestFailingChannelsDoNotDelayOthers is F5: for half a minute a fifth of the channels is refused within answers that take the rest.
func TestFailingChannelsDoNotDelayOthers(t *testing.T) {
	t.Parallel()
	delays := func(t *testing.T, fails func(channel string) bool) (p99 time.Duration, failed int) {
		t.Helper()
		inWorld(t, bookings(300), func(w *world) {
			w.mangle = func(next http.RoundTripper, req *http.Request, raw []byte) (*http.Response, error) {
				time.Sleep(20 * time.Millisecond)
				return next.RoundTrip(withBody(req, raw))
			}
			w.rule = func(channels []string) ablylocal.PublishFault {
				if len(channels) < 2 || !slices.ContainsFunc(channels, fails) {
					return ablylocal.PublishFault{}
				}
				return ablylocal.PublishFault{Kind: ablylocal.FaultPartial, Channels: fails}
			}
			began := map[eventstore.Position]time.Time{}
			for _, e := range w.log.all {
				began[e.Position] = time.Now()
				w.log.release(1)
				time.Sleep(100 * time.Millisecond)
			}
			w.mu.Lock()
			w.rule = nil
			w.mu.Unlock()
			if err := w.settled(); err != nil {
				w.t.Fatal(err)
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			var took []time.Duration
			for channel, list := range w.heard {
				for i, m := range list {
					if !fails(channel) {
						took = append(took, w.on[channel][i].Sub(began[m.Position]))
					}
				}
			}
			slices.Sort(took)
			p99 = took[len(took)*99/100]
			t.Logf("%d messages, p99 %v; %v", len(took), p99, w.seen)
			failed = w.seen["partial"]
		})
		return p99, failed
	}
	fails := func(channel string) bool { return len(channel) > 0 && channel[len(channel)-1]%5 == 0 }
	var base, beside time.Duration
	t.Run("without", func(t *testing.T) { base, _ = delays(t, func(string) bool { return false }) })
	t.Run("with", func(t *testing.T) {
		var failed int
		if beside, failed = delays(t, fails); failed < 100 {
			t.Errorf("only %d requests failed in part: the test proves nothing", failed)
		}
	})
	if beside > 2*base {
		t.Errorf("p99 of those that do not fail is %v beside those that do, %v without", beside, base)
	}
}

// TestExactlyWhatIsInvalidIsRefused is F6: one message in 1,000 is never taken, and half of these not even as a resync.
func TestExactlyWhatIsInvalidIsRefused(t *testing.T) {
	t.Parallel()
	settledBookings := func(t *testing.T) []eventstore.Recorded {
		t.Helper()
		s := newStory(t)
		for i := range 700 {
			id := fmt.Sprintf("bkg_%06d", i)
			s.request(id, start.AddDate(0, 0, i%300), asha)
			s.confirm(id, nil)
		}
		return s.log
	}
	inWorld(t, settledBookings, func(w *world) {
		invalid, stubborn := map[string]bool{}, map[string]bool{} // event and channel
		n := 0
		for _, m := range deliverytest.Owed(w.log.all, 0)["admin:bookings:"+branch] {
			if n++; n%300 == 7 {
				invalid["booking:"+m.Envelope.Entity] = true
				if n%600 == 7 {
					stubborn["booking:"+m.Envelope.Entity] = true
				}
			}
		}
		var mended bool
		w.mangle = func(next http.RoundTripper, req *http.Request, raw []byte) (*http.Response, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			for channel := range invalid {
				if mended || !holds(raw, channel) || isResync(raw) && !stubborn[channel] {
					continue
				}
				w.seen["refused"]++
				return answer(http.StatusBadRequest, `{"error":{"code":40009,"statusCode":400,"message":"too large"}}`).response(req), nil
			}
			w.mu.Unlock()
			defer w.mu.Lock()
			return next.RoundTrip(withBody(req, raw))
		}
		w.log.release(len(w.log.all))
		end := w.log.end()
		for st := w.publisher.Status(); st.Position < end || st.Queued > 0; st = w.publisher.Status() {
			time.Sleep(time.Second)
		}
		o := publishers.Operator{DB: w.db}
		parked, err := o.Parked(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range parked {
			if !stubborn[p.Channel] {
				w.t.Errorf("parked: %+v", p)
			}
		}
		var refused []string
		if err := w.db.Read.NewRaw(`SELECT DISTINCT channel FROM refused`).Scan(w.t.Context(), &refused); err != nil {
			w.t.Fatal(err)
		}
		for _, channel := range refused {
			if !invalid[channel] {
				w.t.Errorf("refused: %s", channel)
			}
		}
		w.mu.Lock()
		if len(parked) != len(stubborn) || len(refused) != len(invalid) || len(stubborn) == 0 || w.seen["refused"] == 0 {
			w.t.Errorf("%d parked of %d, %d refused of %d", len(parked), len(stubborn), len(refused), len(invalid))
		}
		mended = true
		w.mu.Unlock()
		if _, err := o.Redrive(w.t.Context(), publishers.Redrive{Why: "refused"}); err != nil {
			w.t.Fatal(err)
		}
	})
}

func isResync(raw []byte) bool { return bytes.Contains(raw, []byte(`"name":"resync"`)) }

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
