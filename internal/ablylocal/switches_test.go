package ablylocal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ably/ably-go/ably"

	"github.com/royalglow/booking/internal/ablylocal"
)

// once is a choice that gives the first request a fault and no other.
func once(f ablylocal.PublishFault) func([]string) ablylocal.PublishFault {
	return func([]string) ablylocal.PublishFault {
		now := f
		f = ablylocal.PublishFault{}
		return now
	}
}

// post makes a raw request over TCP, with the key.
func (e *endpoint) post(ctx context.Context, t *testing.T, path, body string) (answer, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("http://%s:%d%s", e.host, e.port, path), strings.NewReader(body))
	if err != nil {
		t.Fatalf("new request: %v", err)
	}
	name, secret, _ := strings.Cut(e.Key(), ":")
	r.SetBasicAuth(name, secret)
	r.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{DisableKeepAlives: true} // a connection of its own: nothing is sent twice behind our back
	defer transport.CloseIdleConnections()
	got, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return answer{}, err
	}
	data, err := io.ReadAll(got.Body)
	_ = got.Body.Close() // it has been read
	return answer{got.StatusCode, got.Header, data}, err
}

// TestFaultsOfAPublishOverTheWire lets each fault befall one request and then sends the
// same again: what was accepted before is not accepted twice, whatever it was answered.
func TestFaultsOfAPublishOverTheWire(t *testing.T) {
	for _, c := range []struct {
		fault    ablylocal.PublishFault
		status   int
		code     int
		accepted bool // although it is answered with an error
	}{
		{ablylocal.PublishFault{Kind: ablylocal.FaultRateLimited, Wait: 1500 * time.Millisecond}, 429, 42918, false},
		{ablylocal.PublishFault{Kind: ablylocal.FaultErrorBefore}, 500, 50000, false},
		{ablylocal.PublishFault{Kind: ablylocal.FaultErrorAfter}, 500, 50000, true},
		{ablylocal.PublishFault{Kind: ablylocal.FaultResetAfter}, 0, 0, true},
	} {
		for path, body := range map[string]string{
			"/channels/c/messages": `{"id":"e:0","name":"n"}`,
			"/messages":            `{"channels":["c"],"messages":[{"id":"e:0","name":"n"}]}`,
		} {
			t.Run(c.fault.Kind.String()+path, func(t *testing.T) {
				var seen tap
				e := start(t, ablylocal.Config{OnMessage: seen.on})
				e.Switches().OnPublish(once(c.fault))
				got, err := e.post(t.Context(), t, path, body)
				if c.status == 0 {
					if !errors.Is(err, syscall.ECONNRESET) {
						t.Errorf("answer %d, error %v, want a reset", got.status, err)
					}
				} else if err != nil || got.status != c.status || got.code() != c.code || got.header.Get("X-Ably-Errorcode") != fmt.Sprint(c.code) {
					t.Errorf("answer %d %s, error %v, want %d and code %d", got.status, got.body, err, c.status, c.code)
				}
				if want := map[bool]string{true: "2"}[c.status == 429]; got.header.Get("Retry-After") != want {
					t.Errorf("Retry-After %q, want %q", got.header.Get("Retry-After"), want)
				}
				if n := e.Switches().Count(c.fault.Kind); n != 1 {
					t.Errorf("counted %d times", n)
				}
				if accepted := seen.names("c") == "n "; accepted != c.accepted {
					t.Errorf("accepted %q", seen.names("c"))
				}
				if again, err := e.post(t.Context(), t, path, body); err != nil || again.status != 201 {
					t.Errorf("sent again: %d, %v", again.status, err)
				}
				if got := seen.names("c"); got != "n " {
					t.Errorf("accepted in all %q", got)
				}
				if n := e.Switches().Publishes(); n != 2 {
					t.Errorf("%d publishes to choose from", n)
				}
			})
		}
	}
}

// TestFaultsAsAblyGoSeesThem: the client tells them apart by the status alone.
func TestFaultsAsAblyGoSeesThem(t *testing.T) {
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			e := start(t, ablylocal.Config{})
			client := e.rest(t, protocol)
			fail := func(kind ablylocal.Fault) *ably.ErrorInfo {
				e.Switches().OnPublish(once(ablylocal.PublishFault{Kind: kind}))
				err := client.Channels.Get("c").Publish(t.Context(), "n", "x")
				info, _ := errors.AsType[*ably.ErrorInfo](err)
				if err == nil || e.Switches().Count(kind) != 1 {
					t.Errorf("%s: published with %v, counted %d times", kind, err, e.Switches().Count(kind))
				}
				return info
			}
			if info := fail(ablylocal.FaultRateLimited); info == nil || info.StatusCode != 429 || info.Code != 42918 {
				t.Errorf("rate limited: %v", info)
			}
			for _, kind := range []ablylocal.Fault{ablylocal.FaultErrorBefore, ablylocal.FaultErrorAfter} {
				if info := fail(kind); info == nil || info.StatusCode != 500 || info.Code != 50000 {
					t.Errorf("%s: %v", kind, info)
				}
			}
			if info := fail(ablylocal.FaultResetAfter); info != nil && info.StatusCode >= 400 && info.StatusCode < 500 {
				t.Errorf("reset: %v is no error of the connection", info)
			}
			// A request of its own shows the header, which Publish hides.
			e.Switches().OnPublish(once(ablylocal.PublishFault{Kind: ablylocal.FaultRateLimited}))
			pages, err := client.Request("POST", "/messages", ably.RequestWithBody([]any{batchOf("c", "n")})).Pages(t.Context())
			if err != nil || pages.StatusCode() != 429 || pages.Headers().Get("Retry-After") != "1" {
				t.Errorf("batch: %v, %+v", err, pages)
			}
		})
	}
}

// TestPartialFailuresAreErrorsOfTheirChannels: the request succeeds, the others' messages
// are accepted, and the refused ones are when they are sent again.
func TestPartialFailuresAreErrorsOfTheirChannels(t *testing.T) {
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			var seen tap
			e := start(t, ablylocal.Config{OnMessage: seen.on})
			e.Switches().OnPublish(once(ablylocal.PublishFault{
				Kind: ablylocal.FaultPartial, Code: ablylocal.CodeChannelRate, Channels: func(name string) bool { return name == "b" },
			}))
			specs := []any{batchOf("a", "x"), batchOf("b", "y"), batchOf("c", "z")}
			batch := func() []batchResult {
				pages, err := e.rest(t, protocol).Request("POST", "/messages", ably.RequestWithBody(specs)).Pages(t.Context())
				if err != nil || !pages.Success() || !pages.Next(t.Context()) {
					t.Fatalf("batch: %v, %+v", err, pages)
				}
				var results []batchResult
				if err := pages.Items(&results); err != nil || len(results) != 3 {
					t.Fatalf("results %+v, %v", results, err)
				}
				return results
			}
			first := batch()
			if bad := first[1]; bad.FailureCount != 1 || bad.SuccessCount != 0 || bad.Results[0].Channel != "b" ||
				bad.Results[0].Error.Code != 42913 || bad.Results[0].Error.StatusCode != 429 {
				t.Errorf("result of the refused channel %+v", bad)
			}
			if first[0].SuccessCount != 1 || first[2].SuccessCount != 1 || seen.names("a")+seen.names("b")+seen.names("c") != "x z " {
				t.Errorf("results %+v, accepted %q %q %q", first, seen.names("a"), seen.names("b"), seen.names("c"))
			}
			if again := batch(); again[1].SuccessCount != 1 || seen.names("a")+seen.names("b")+seen.names("c") != "x y z " {
				t.Errorf("sent again: %+v, accepted %q %q %q", again, seen.names("a"), seen.names("b"), seen.names("c"))
			}
			if n := e.Switches().Count(ablylocal.FaultPartial); n != 1 {
				t.Errorf("counted %d times", n)
			}
		})
	}
}

// TestPartialFailuresInTheFormOfOldProtocols: 400 with 40020 and the results beside it.
func TestPartialFailuresInTheFormOfOldProtocols(t *testing.T) {
	s := newServer(t, ablylocal.Config{})
	s.Switches().OnPublish(once(ablylocal.PublishFault{Kind: ablylocal.FaultPartial}))
	got := call(t, s, "POST", "/messages", frame{"channels": []string{"a", "b"}, "messages": frame{"name": "n"}}, "X-Ably-Version", "2")
	var body struct {
		BatchResponse []struct {
			Channel string
			Error   *struct{ Code int }
		}
	}
	if err := json.Unmarshal(got.body, &body); err != nil || got.status != 400 || got.code() != 40020 || len(body.BatchResponse) != 2 ||
		body.BatchResponse[0].Error.Code != 50000 || body.BatchResponse[1].Error != nil {
		t.Errorf("%d %s, %v", got.status, got.body, err)
	}
}

// TestForgottenIDsAreAcceptedAgain: to de-duplication the repeat of a request comes too
// late. A request that repeats nothing has nothing to be forgotten.
func TestForgottenIDsAreAcceptedAgain(t *testing.T) {
	var seen tap
	e := start(t, ablylocal.Config{OnMessage: seen.on})
	always := ablylocal.PublishFault{Kind: ablylocal.FaultForgotten}
	e.Switches().OnPublish(func([]string) ablylocal.PublishFault { return always })
	channel := e.rest(t).Channels.Get("c")
	send := func() {
		t.Helper()
		if err := channel.PublishMultiple(t.Context(), []*ably.Message{{ID: "e:0", Name: "n"}}); err != nil {
			t.Fatalf("publish: %v", err)
		}
	}
	for i, want := range []string{"n ", "n n "} {
		if send(); seen.names("c") != want || e.Switches().Count(ablylocal.FaultForgotten) != int64(i) {
			t.Errorf("sent %d times: accepted %q, counted %d times", i+1, seen.names("c"), e.Switches().Count(ablylocal.FaultForgotten))
		}
	}
	e.Switches().OnPublish(nil)
	if send(); seen.names("c") != "n n " {
		t.Errorf("without the fault: accepted %q", seen.names("c"))
	}
}

// TestSlowAnswersAreAccepted: who gives up waiting does not know it, but the messages
// are there; who waits gets the answer, that late.
func TestSlowAnswersAreAccepted(t *testing.T) {
	var seen tap
	e := start(t, ablylocal.Config{OnMessage: seen.on})
	e.Switches().OnPublish(once(ablylocal.PublishFault{Kind: ablylocal.FaultSlow, Wait: time.Hour}))
	impatient, giveUp := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer giveUp()
	if got, err := e.post(impatient, t, "/channels/c/messages", `{"name":"n"}`); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("answer %d, error %v", got.status, err)
	}
	if seen.names("c") != "n " || e.Switches().Count(ablylocal.FaultSlow) != 1 {
		t.Errorf("accepted %q, counted %d times", seen.names("c"), e.Switches().Count(ablylocal.FaultSlow))
	}
	const late = 50 * time.Millisecond
	e.Switches().OnPublish(once(ablylocal.PublishFault{Kind: ablylocal.FaultSlow, Wait: late}))
	began := time.Now()
	if got, err := e.post(t.Context(), t, "/channels/c/messages", `{"name":"n"}`); err != nil || got.status != 201 || time.Since(began) < late {
		t.Errorf("answer %d, error %v, after %v", got.status, err, time.Since(began))
	}
}

// TestDroppedSocketsResume: ably-go comes back by itself and misses nothing, whether a
// test drops the socket or its life is over.
func TestDroppedSocketsResume(t *testing.T) {
	e := start(t, ablylocal.Config{})
	e.Switches().OnSocket(func(c ablylocal.Client) time.Duration {
		if c.ID != "u1" || c.Resumed {
			return 0
		}
		return 200 * time.Millisecond
	})
	client := e.realtime(t, withJWT(t, `{"c":["subscribe"]}`, "u1", time.Minute))
	lost := make(chan struct{}, 10)
	client.Connection.On(ably.ConnectionEventDisconnected, func(ably.ConnectionStateChange) { lost <- struct{}{} })
	got := subscribe(t, client, "c")
	id := client.Connection.ID()
	receive(t, lost, "the end of the socket's life")
	publisher := e.rest(t).Channels.Get("c")
	publish(t, publisher, "0")
	if name := receive(t, got, "message of the gap"); name != "0" || client.Connection.ID() != id {
		t.Errorf("got %q on %q, was %q", name, client.Connection.ID(), id)
	}
	if n := e.DropSockets(func(clientID string) bool { return clientID == "u2" }); n != 0 {
		t.Errorf("dropped %d of a client that is not there", n)
	}
	if n := e.DropSockets(func(clientID string) bool { return clientID == "u1" }); n != 1 {
		t.Errorf("dropped %d", n)
	}
	receive(t, lost, "the dropped socket")
	publish(t, publisher, "1")
	if name := receive(t, got, "message of the gap"); name != "1" || client.Connection.ID() != id {
		t.Errorf("got %q on %q, was %q", name, client.Connection.ID(), id)
	}
	if n := e.Switches().Count(ablylocal.FaultSocketDropped); n != 2 {
		t.Errorf("counted %d drops", n)
	}
}

// TestSharesAreKeptAndRepeat: a seed decides which requests, not how many.
func TestSharesAreKeptAndRepeat(t *testing.T) {
	a, b := ablylocal.PublishFault{Kind: ablylocal.FaultErrorBefore}, ablylocal.PublishFault{Kind: ablylocal.FaultErrorAfter}
	run := func(seed uint64) (where string) {
		choose, counts := ablylocal.OneIn(20, seed, a, b), map[ablylocal.Fault]int{}
		for i := range 20 * 50 {
			if f := choose(nil); f.Kind != ablylocal.FaultNone {
				counts[f.Kind]++
				where += fmt.Sprint(i, " ")
			}
		}
		if counts[a.Kind] != 25 || counts[b.Kind] != 25 {
			t.Errorf("seed %d: %v", seed, counts)
		}
		return where
	}
	if first, again, other := run(1), run(1), run(2); first != again || first == other {
		t.Error("the seed does not decide which requests fail")
	}
	life := ablylocal.OnceIn(10 * time.Second)
	var tenths [10]int
	for range 100 {
		d := life(ablylocal.Client{})
		if d <= 0 || d >= 10*time.Second {
			t.Fatalf("life %v", d)
		}
		tenths[d/time.Second]++
	}
	for i, n := range tenths {
		if n < 9 || n > 11 {
			t.Errorf("%d of 100 first drops in second %d", n, i)
		}
	}
	if d := life(ablylocal.Client{Resumed: true}); d != 10*time.Second {
		t.Errorf("life of a resumed one %v", d)
	}
}

func TestFaultsHaveNames(t *testing.T) {
	names := map[string]bool{}
	for _, f := range ablylocal.Faults() {
		names[f.String()] = true
	}
	if len(names) != 8 || names["none"] || ablylocal.FaultNone.String() != "none" || ablylocal.Fault(99).String() != "Fault(99)" {
		t.Errorf("names %v", names)
	}
}
