package ablylocal_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/internal/ablylocal"
)

// countOK makes n calls and tells how many did not get the code.
func countOK(n, code int, do func(i int) answer) (ok int) {
	for i := range n {
		if do(i).code() != code {
			ok++
		}
	}
	return ok
}

func publishTo(t *testing.T, s *ablylocal.Server, channel string, body any) answer {
	t.Helper()
	return call(t, s, "POST", "/channels/"+channel+"/messages", body)
}

func TestChannelTakesFiftyPublishesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, ablylocal.Config{})
		one := func(int) answer { return publishTo(t, s, "c", frame{"name": "n"}) }
		if ok := countOK(60, 42913, one); ok != 50 {
			t.Errorf("%d passed in an instant, want 50", ok)
		}
		refused := one(0)
		if refused.status != 429 || refused.header.Get("Retry-After") != "1" || refused.header.Get("X-Ably-Errorcode") != "42913" {
			t.Errorf("refusal %d %v", refused.status, refused.header)
		}
		if other := publishTo(t, s, "other", frame{"name": "n"}); other.status != 201 {
			t.Errorf("another channel: %d %s", other.status, other.body)
		}
		<-time.After(time.Second)
		// An array counts as one publish.
		if ok := countOK(60, 42913, func(int) answer { return publishTo(t, s, "c", []frame{{"name": "n"}, {"name": "m"}}) }); ok != 50 {
			t.Errorf("%d passed a second later, want 50", ok)
		}
	})
}

func TestBatchIsRefusedPerChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, ablylocal.Config{})
		countOK(50, 42913, func(int) answer { return publishTo(t, s, "full", frame{"name": "n"}) })
		got := call(t, s, "POST", "/messages", frame{"channels": []string{"full", "free"}, "messages": frame{"name": "n"}}, "X-Ably-Version", "5")
		var results []batchResult
		if err := json.Unmarshal(got.body, &results); err != nil || got.status != 201 {
			t.Fatalf("status %d, body %s", got.status, got.body)
		}
		full := results[0].Results[0].Error
		if results[0].SuccessCount != 1 || full == nil || full.Code != 42913 || full.StatusCode != 429 {
			t.Errorf("results %s", got.body)
		}
	})
}

func TestAccountLimits(t *testing.T) {
	for name, limit := range map[ablylocal.Limits]struct{ requests, messages, tokens, channels int }{
		ablylocal.LimitsFree:     {50, 500, 50, 42},
		ablylocal.LimitsStandard: {362, 2500, 250, 250},
	} {
		t.Run(name.String(), func(t *testing.T) {
			t.Run("http requests a second", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newServer(t, ablylocal.Config{Limits: name})
					if ok := countOK(limit.requests+10, 42918, func(int) answer { return call(t, s, "GET", "/time", nil) }); ok != limit.requests {
						t.Errorf("%d passed, want %d", ok, limit.requests)
					}
				})
			})
			t.Run("messages a second", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newServer(t, ablylocal.Config{Limits: name})
					ten := strings.TrimSuffix(strings.Repeat(`{"name":"n"},`, 100), ",")
					arrays := limit.messages / 100
					if ok := countOK(arrays+5, 42917, func(i int) answer {
						return publishTo(t, s, fmt.Sprint("c", i%10), "["+ten+"]")
					}); ok != arrays {
						t.Errorf("%d arrays of 100 passed, want %d", ok, arrays)
					}
				})
			})
			t.Run("token requests a second", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newServer(t, ablylocal.Config{Limits: name})
					if ok := countOK(limit.tokens+10, 42910, func(int) answer { return call(t, s, "POST", "/keys/app.key/requestToken", "{}") }); ok != limit.tokens {
						t.Errorf("%d passed, want %d", ok, limit.tokens)
					}
				})
			})
			t.Run("new channels a second", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newServer(t, ablylocal.Config{Limits: name})
					if ok := countOK(limit.channels+5, 90021, func(i int) answer {
						return publishTo(t, s, fmt.Sprint("c", i), frame{"name": "n"})
					}); ok != limit.channels {
						t.Errorf("%d passed, want %d", ok, limit.channels)
					}
				})
			})
		})
	}
}

func TestLimitsOffRefuseNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, ablylocal.Config{Limits: ablylocal.LimitsOff})
		for i := range 5000 {
			if got := publishTo(t, s, "c", frame{"name": "n"}); got.status != 201 {
				t.Fatalf("publish %d: %d %s", i, got.status, got.body)
			}
		}
	})
}

func TestFreePackageHasTwoHundredConcurrentChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, ablylocal.Config{Limits: ablylocal.LimitsFree})
		publish := func(from, to int) (ok int) {
			for i := from; i < to; i++ {
				<-time.After(25 * time.Millisecond) // below the rates
				if publishTo(t, s, fmt.Sprint("c", i), frame{"name": "n"}).code() != 40114 {
					ok++
				}
			}
			return ok
		}
		if ok := publish(0, 210); ok != 200 {
			t.Errorf("%d channels, want 200", ok)
		}
		<-time.After(time.Minute) // a channel that nobody uses stops counting
		if ok := publish(300, 310); ok != 10 {
			t.Errorf("%d channels after a minute, want 10", ok)
		}
	})
}

func TestConnectionIsToldWhenMessagesAreWithheld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, _ := v.connect(t, url.Values{})
		w.attach("a", nil)
		w.attach("b", nil)
		for range 40 {
			publishTo(t, v.Server, "a", frame{"name": "a"})
			publishTo(t, v.Server, "b", frame{"name": "b"})
		}
		for range 50 { // what the connection's rate allows at once
			w.want(15)
		}
		began := time.Now()
		told := map[any]int{}
		for range 2 {
			f := w.want(11)
			if flags := int(f["flags"].(float64)); flags&(1<<2) != 0 {
				t.Errorf("a gap with RESUMED: %v", f)
			}
			told[f["channel"]] = f.code()
		}
		if told["a"] != 80020 || told["b"] != 80020 || time.Since(began) > time.Second {
			t.Errorf("told %v after %v", told, time.Since(began))
		}
		if dropped := v.Stats().Dropped; dropped != 30 {
			t.Errorf("%d withheld, want 30", dropped)
		}
		// The channels go on.
		publishTo(t, v.Server, "a", frame{"name": "later"})
		if got := names(w.want(15)); got != "later " {
			t.Errorf("got %q", got)
		}
	})
}

func TestGapIsToldBeforeTheNextMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, _ := v.connect(t, url.Values{})
		w.attach("a", nil)
		w.attach("b", nil)
		for range 30 {
			publishTo(t, v.Server, "a", frame{"name": "a"})
			publishTo(t, v.Server, "b", frame{"name": "b"})
		}
		for range 50 {
			w.want(15)
		}
		<-time.After(100 * time.Millisecond) // five tokens
		publishTo(t, v.Server, "b", frame{"name": "next"})
		if f := w.want(11); f["channel"] != "b" || f.code() != 80020 {
			t.Errorf("before the next message: %v", f)
		}
		if got := names(w.want(15)); got != "next " {
			t.Errorf("got %q", got)
		}
	})
}

func TestConnectionPublishesFiftyASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, _ := v.connect(t, url.Values{"echo": {"false"}})
		go func() {
			for i := range 55 {
				w.send(frame{"action": 15, "msgSerial": i, "channel": fmt.Sprint("c", i), "messages": []frame{{"name": "n"}}})
			}
		}()
		for i := range 55 {
			f := w.next()
			wantAction, wantCode := 1.0, 0
			if i >= 50 {
				wantAction, wantCode = 2, 42911
			}
			if f["action"] != wantAction || f["msgSerial"] != float64(i) || f["count"] != 1.0 || f.code() != wantCode {
				t.Fatalf("answer %d: %v", i, f)
			}
		}
	})
}

func TestConnectionHoldsTwoHundredChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, _ := v.connect(t, url.Values{})
		for i := range 200 {
			w.attach(fmt.Sprint("c", i), nil)
		}
		w.send(frame{"action": 10, "channel": "one more"})
		if f := w.want(9); f["channel"] != "one more" || f.code() != 90010 {
			t.Errorf("answer %v", f)
		}
		w.attach("c7", nil) // again is not one more
		w.send(frame{"action": 12, "channel": "c7"})
		w.want(13)
		w.attach("one more", nil)
	})
}

func TestFreePackageHasTwoHundredConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{Limits: ablylocal.LimitsFree})
		var first *wire
		for range 200 {
			<-time.After(25 * time.Millisecond) // below the rate of new connections
			w, _ := v.connect(t, url.Values{})
			if first == nil {
				first = w
			}
		}
		<-time.After(time.Second)
		if f := v.dial(t, url.Values{}).next(); f.code() != 40111 {
			t.Errorf("answer %v", f)
		}
		_ = first.ws.CloseNow()
		<-time.After(time.Second)
		v.connect(t, url.Values{})
	})
}
