package publishers_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

// oneByOne answers for each channel: with the error that fails has for it, or by taking its messages.
func oneByOne(t *testing.T, fails func(channel string) map[string]any, taken map[string][]line) func(int, []spec) *reply {
	t.Helper()
	return func(_ int, body []spec) *reply {
		var results []any
		for _, sp := range body {
			result := map[string]any{"channel": sp.Channels[0], "messageId": "x"}
			if why := fails(sp.Channels[0]); why != nil {
				result["error"] = why
			} else {
				for _, m := range sp.Messages {
					taken[sp.Channels[0]] = append(taken[sp.Channels[0]], line{m.Name, m.Data})
				}
			}
			results = append(results, map[string]any{"results": []any{result}})
		}
		text, err := json.Marshal(results)
		if err != nil {
			t.Error(err)
		}
		return answer(http.StatusCreated, string(text))
	}
}

// inVirtualTime is a publisher whose requests a function answers.
func inVirtualTime(t *testing.T, jitter func() float64) (*bench, *network, *publishers.Publisher) {
	t.Helper()
	b := &bench{tb: t, db: openDatabase(t), key: "app.key:secret", endpoint: "127.0.0.1:1"}
	wire := newNetwork(nil)
	cfg := b.config()
	cfg.Transport, cfg.Jitter = wire, jitter
	return b, wire, open(t, cfg)
}

// TestAChannelThatFailsTenTimesByItselfIsParked: after as many failures of this channel alone it waits for an operator, and goes on in
// order when he says so.
func TestAChannelThatFailsTenTimesByItselfIsParked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const bad = "booking:bkg_evening01"
		s := dayStory(t)
		b, wire, p := inVirtualTime(t, func() float64 { return 0.5 })
		failed, mended, taken := 0, false, map[string][]line{}
		wire.reply = oneByOne(t, func(channel string) map[string]any {
			if channel != bad || mended {
				return nil
			}
			failed++
			return map[string]any{"code": 50003, "statusCode": 503, "message": "not now"}
		}, taken)
		if err := handle(t.Context(), p, s.log, 2); err != nil {
			t.Fatal(err)
		}
		o := publishers.Operator{DB: b.db}
		parked, err := o.Parked(t.Context())
		if err != nil || len(parked) != 1 || parked[0].Channel != bad || parked[0].Why != "attempts" || parked[0].Code != 50003 || failed != 10 {
			t.Errorf("parked after %d failures: %+v (%v)", failed, parked, err)
		}
		want := expected(t, s.log)
		if len(taken) != len(want)-1 || len(taken[bad]) != 0 {
			t.Errorf("%d of the other %d channels show something", len(taken), len(want)-1)
		}
		mended = true
		if done, err := o.Redrive(t.Context(), publishers.Redrive{Why: "attempts"}); err != nil || done.Messages != len(want[bad]) {
			t.Errorf("redriven: %+v (%v)", done, err)
		}
		stop := beside(t.Context(), p)
		eventually(t, "the redriven messages", func() bool { return p.Status().Parked+p.Status().Queued == 0 })
		if err := stop(); err != nil {
			t.Error(err)
		}
		if !reflect.DeepEqual(taken, want) {
			t.Errorf("in the end channels show\n%v\nwant\n%v", taken, want)
		}
	})
}

// TestAKeyThatMayNotPublishOnAChannelParksThatOne: the key itself is accepted, and nothing else waits.
func TestAKeyThatMayNotPublishOnAChannelParksThatOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const bad = "booking:bkg_evening01"
		s := dayStory(t)
		b, wire, p := inVirtualTime(t, func() float64 { return 0.5 })
		failed, taken := 0, map[string][]line{}
		var states []publishers.State
		wire.reply = oneByOne(t, func(channel string) map[string]any {
			if channel != bad {
				return nil
			}
			failed++
			states = append(states, p.Status().State)
			return map[string]any{"code": 40160, "statusCode": 401, "message": "not permitted"}
		}, taken)
		if err := handle(t.Context(), p, s.log, 2); err != nil {
			t.Fatal(err)
		}
		parked, err := (publishers.Operator{DB: b.db}).Parked(t.Context())
		if err != nil || len(parked) != 1 || parked[0].Channel != bad || parked[0].Code != 40160 || failed != 10 {
			t.Errorf("parked after %d failures: %+v (%v)", failed, parked, err)
		}
		if want := expected(t, s.log); len(taken) != len(want)-1 {
			t.Errorf("%d of the other %d channels show something", len(taken), len(want)-1)
		}
		if slices.Contains(states, publishers.AuthFailed) {
			t.Errorf("the key is said not to be accepted: %v", states)
		}
	})
}

// TestAServiceThatFailsForAllParksNobody: while there is something for one channel only, its failures say nothing about it.
func TestAServiceThatFailsForAllParksNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStory(t)
		s.request("bkg_000000", start, asha)
		s.do("bkg_000000", byDesk, noting("nt_first1", domain.VisibleInternal, byDesk)) // only the salon hears of it
		b, wire, p := inVirtualTime(t, func() float64 { return 0.5 })
		failed, taken := 0, map[string][]line{}
		take := oneByOne(t, func(string) map[string]any { return nil }, taken)
		wire.reply = func(n int, body []spec) *reply {
			if n == 0 || failed >= 12 {
				return take(n, body)
			}
			if len(body) > 1 {
				t.Errorf("request %d is for %d channels", n, len(body))
			}
			failed++
			return answer(http.StatusServiceUnavailable, `{"error":{"code":50003,"statusCode":503,"message":"not now"}}`)
		}
		if err := handle(t.Context(), p, s.log, 1); err != nil {
			t.Fatal(err)
		}
		if parked, err := (publishers.Operator{DB: b.db}).Parked(t.Context()); err != nil || len(parked) > 0 || failed != 12 {
			t.Errorf("after %d failures parked: %+v (%v)", failed, parked, err)
		}
		if want := expected(t, s.log); !reflect.DeepEqual(taken, want) {
			t.Errorf("in the end channels show\n%v\nwant\n%v", taken, want)
		}
	})
}

// TestAParkedChannelThatIsFullStopsThePublisher: nothing is dropped to make room, and once an operator has made some it goes on.
func TestAParkedChannelThatIsFullStopsThePublisher(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const full = "admin:bookings:" + branch // each event has one message for it
		log := manyBookings(t, publishers.MaxParkedMessages+1)
		b, wire, p := inVirtualTime(t, func() float64 { return 0.5 })
		mended, taken := false, map[string][]line{}
		wire.reply = oneByOne(t, func(channel string) map[string]any {
			if channel != full || mended {
				return nil
			}
			return map[string]any{"code": 40010, "statusCode": 400, "message": "no such channel"}
		}, taken)
		before, last := log[:len(log)-1], log[len(log)-1:]
		if err := handle(t.Context(), p, before, 256); err != nil {
			t.Fatal(err)
		}
		o := publishers.Operator{DB: b.db}
		if parked, err := o.Parked(t.Context()); err != nil || len(parked) != 1 || parked[0].Messages != publishers.MaxParkedMessages {
			t.Fatalf("parked: %+v (%v)", parked, err)
		}
		stop := beside(t.Context(), p)
		batch := subscription.Batch{Events: last, Position: last[0].Position, Live: true}
		if err := p.Handle(t.Context(), batch); !errors.Is(err, publishers.ErrParkedFull) {
			t.Errorf("one more: %v", err)
		}
		if at := p.Status().Position; at != before[len(before)-1].Position {
			t.Errorf("stands at %d: it went on", at)
		}
		mended = true
		if _, err := o.Redrive(t.Context(), publishers.Redrive{Channel: full}); err != nil {
			t.Error(err)
		}
		eventually(t, "the redriven messages", func() bool { return p.Status().Parked+p.Status().Queued == 0 })
		if err := p.Handle(t.Context(), batch); err != nil {
			t.Errorf("with room again: %v", err)
		}
		drained(t.Context(), p)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if want := expected(t, log); !reflect.DeepEqual(taken, want) {
			t.Errorf("%d channels show not what they should", len(taken))
		}
	})
}
