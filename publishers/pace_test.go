package publishers_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

// pace runs a publisher in virtual time against a service that answers so, and returns when each request came, from
// the first one on.
func pace(t *testing.T, log []eventstore.Recorded, change func(*publishers.Config), answers func(n int, body []spec) *reply) []time.Duration {
	t.Helper()
	db := openDatabase(t)
	b := &bench{tb: t, db: db, key: "app.key:secret", endpoint: "127.0.0.1:1"}
	var at []time.Duration
	var begin time.Time
	wire := newNetwork(nil)
	wire.reply = func(n int, body []spec) *reply {
		if n == 0 {
			begin = time.Now()
		}
		at = append(at, time.Since(begin))
		if resp := answers(n, body); resp != nil {
			return resp
		}
		return answer(http.StatusCreated, created(body))
	}
	cfg := b.config()
	cfg.Transport = wire
	if change != nil {
		change(&cfg)
	}
	p := open(t, cfg)
	if err := handle(t.Context(), p, log, len(log)); err != nil {
		t.Fatal(err)
	}
	if st := p.Status(); st.Position != log[len(log)-1].Position {
		t.Errorf("stands at %d, not at the end", st.Position)
	}
	return at
}

func TestBackoffDoublesUpToItsCapAndIsJittered(t *testing.T) {
	t.Parallel()
	for _, jitter := range []float64{1, 0.5} {
		t.Run(fmt.Sprint(jitter), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				at := pace(t, dayStory(t).log[:1], func(c *publishers.Config) { c.Jitter = func() float64 { return jitter } },
					func(n int, _ []spec) *reply {
						if n < 9 {
							return answer(http.StatusServiceUnavailable, "")
						}
						return nil
					})
				span, want := 250*time.Millisecond, time.Duration(0)
				for n, got := range at {
					if got != want {
						t.Errorf("attempt %d after %v, want %v", n+1, got, want)
					}
					want += time.Duration(jitter * float64(min(span, 15*time.Second)))
					span *= 2
				}
				if len(at) != 10 {
					t.Errorf("%d attempts", len(at))
				}
			})
		})
	}
}

func TestNobodyAsksAgainBeforeTheServiceSaidSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		at := pace(t, dayStory(t).log, nil, func(n int, _ []spec) *reply {
			if n > 0 {
				return nil
			}
			return &reply{status: http.StatusTooManyRequests, body: "slow down", retryAfter: "3"}
		})
		if len(at) < 2 || at[1] < 3*time.Second || at[1] > 3100*time.Millisecond {
			t.Errorf("requests came at %v, want the second after 3 s", at)
		}
	})
}

// TestWhoAsksForAPauseGetsItFromAllChannels: the second of many requests names a time; only those that were on their way
// already come before it.
func TestWhoAsksForAPauseGetsItFromAllChannels(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		at := pace(t, manyBookings(t, 1200), nil, func(n int, _ []spec) *reply {
			if n == 1 {
				return &reply{status: http.StatusTooManyRequests, retryAfter: "3"}
			}
			return nil
		})
		early := 0
		for _, when := range at {
			if when < at[1]+3*time.Second {
				early++
			}
		}
		if early > 6 || len(at) < 20 {
			t.Errorf("%d of %d requests came before the time that was named", early, len(at))
		}
	})
}

// manyBookings is a log whose messages are for many channels.
func manyBookings(t *testing.T, n int) []eventstore.Recorded {
	t.Helper()
	s := newStory(t)
	for i := range n {
		s.request(fmt.Sprintf("bkg_%06d", i), start.AddDate(0, 0, i%300), asha)
	}
	return s.log
}

// TestTheAccountsMessagesStayBelowTheService counts messages in every second of virtual time.
func TestTheAccountsMessagesStayBelowTheService(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var each []time.Duration
		pace(t, manyBookings(t, 1500), nil, func(_ int, body []spec) *reply {
			for _, sp := range body {
				for range sp.Messages {
					each = append(each, time.Since(begin))
				}
			}
			return nil
		})
		if n := mostInASecond(each); n > 2500 || n < 1500 {
			t.Errorf("%d messages in one second: more than the service takes, or the allowance is not used", n)
		}
	})
}

func TestAKeyThatIsNotAcceptedPausesAllAndShows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p *publishers.Publisher
		var states []publishers.State
		db := openDatabase(t)
		b := &bench{tb: t, db: db, key: "app.key:secret", endpoint: "127.0.0.1:1"}
		wire := newNetwork(nil)
		begin := time.Now()
		var at []time.Duration
		wire.reply = func(n int, body []spec) *reply {
			at = append(at, time.Since(begin))
			states = append(states, p.Status().State)
			if n < 3 {
				return answer(http.StatusUnauthorized, `{"error":{"code":40101,"statusCode":401,"message":"revoked"}}`)
			}
			return answer(http.StatusCreated, created(body))
		}
		cfg := b.config()
		cfg.Transport = wire
		p = open(t, cfg)
		log := dayStory(t).log
		if err := handle(t.Context(), p, log[:1], 1); err != nil {
			t.Fatal(err)
		}
		for n, got := range at {
			if want := time.Duration(n) * 15 * time.Second; got != want {
				t.Errorf("attempt %d after %v, want %v", n+1, got, want)
			}
		}
		want := []publishers.State{publishers.Live, publishers.AuthFailed, publishers.AuthFailed, publishers.AuthFailed}
		if fmt.Sprint(states) != fmt.Sprint(want) {
			t.Errorf("states before each attempt %v, want %v", states, want)
		}
		if st := p.Status(); st.State != publishers.Live || st.LastError != "" {
			t.Errorf("in the end %+v", st)
		}
	})
}

func TestAnAttemptThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := openDatabase(t)
		b := &bench{tb: t, db: db, key: "app.key:secret", endpoint: "127.0.0.1:1"}
		cfg := b.config()
		hung := 0
		wire := newNetwork(nil)
		wire.reply = func(_ int, body []spec) *reply { return answer(http.StatusCreated, created(body)) }
		cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if hung < 2 {
				hung++
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return wire.RoundTrip(r)
		})
		begin := time.Now()
		if err := handle(t.Context(), open(t, cfg), dayStory(t).log[:1], 1); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < 10*time.Second || took > 10*time.Second+10*time.Millisecond {
			t.Errorf("took %v, want two attempts of 5 s", took)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestRatesStayBelowTheService counts arrays per channel and requests in every second of virtual time.
func TestRatesStayBelowTheService(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStory(t)
		// Few messages fit in an array when names are long, so that one channel needs many arrays.
		long := make([]byte, 12<<10)
		for i := range long {
			long[i] = 'x'
		}
		for i := range 400 {
			s.request(fmt.Sprintf("bkg_%06d", i), start.Add(time.Duration(i)*time.Hour), asha)
		}
		perSecond := map[string][]time.Duration{}
		begin := time.Now()
		arrays := 0
		at := pace(t, s.log, func(c *publishers.Config) {
			c.Names = namesOf{customer: string(long)}
		}, func(_ int, body []spec) *reply {
			for _, sp := range body {
				perSecond[sp.Channels[0]] = append(perSecond[sp.Channels[0]], time.Since(begin))
				arrays++
			}
			return nil
		})
		busy := len(perSecond["admin:bookings:"+branch])
		if busy != 400 {
			t.Fatalf("%d arrays on the busiest channel, want one for each of 400 long messages", busy)
		}
		for channel, times := range perSecond {
			if n := mostInASecond(times); n > 50 {
				t.Errorf("%d arrays on %s in one second", n, channel)
			}
		}
		if n := mostInASecond(at); n > 362 {
			t.Errorf("%d requests in one second", n)
		}
		if last := at[len(at)-1]; last > 10*time.Second {
			t.Errorf("400 arrays took %v: the limit is kept, but the allowance is not used", last)
		}
	})
}

func mostInASecond(times []time.Duration) int {
	most, from := 0, 0
	for i := range times {
		for times[i]-times[from] >= time.Second {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// TestRequestsKeepToTheirSizes sends one plan that is far too large for one request.
func TestRequestsKeepToTheirSizes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStory(t)
		for i := range 300 {
			id := fmt.Sprintf("bkg_%06d", i)
			s.request(id, start.Add(time.Duration(i)*time.Hour), asha)
			s.confirm(id, nil)
		}
		sent := 0
		pace(t, s.log, nil, func(n int, body []spec) *reply {
			count := 0
			seen := map[string]bool{}
			for _, sp := range body {
				count += len(sp.Messages)
				if seen[sp.Channels[0]] {
					t.Errorf("request %d has two arrays for %s", n, sp.Channels[0])
				}
				seen[sp.Channels[0]] = true
				size := 0
				for _, m := range sp.Messages {
					size += len(m.Data) + len(m.Name) + len(m.Extras.Headers["eventId"]) + len(m.Extras.Headers["eventType"])
				}
				if size > 16<<10 {
					t.Errorf("an array of %d bytes for %s", size, sp.Channels[0])
				}
			}
			if count > 128 || len(body) > 100 {
				t.Errorf("request %d has %d messages on %d channels", n, count, len(body))
			}
			sent += count
			return nil
		})
		want := 0
		for _, e := range s.log {
			want += len(publishers.Messages(e, publishers.Directory{}))
		}
		if sent != want {
			t.Errorf("sent %d messages, the log has %d", sent, want)
		}
	})
}
