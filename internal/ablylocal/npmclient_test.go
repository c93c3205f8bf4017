package ablylocal_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ably/ably-go/ably"

	"github.com/royalglow/booking/internal/ablylocal"
)

// TestNpmClientWorksUnchanged walks the client that pages use through what a page meets, where it runs in Node and where it
// runs in Chromium.
func TestNpmClientWorksUnchanged(t *testing.T) {
	t.Parallel() // it waits for real seconds
	dir := npmInstall(t)
	for where, run := range map[string]func(t *testing.T, dir, url string, arguments []byte) *script{"node": runNode, "chromium": runPage} {
		for _, format := range []string{"json", "msgpack"} {
			t.Run(where+"/"+format, func(t *testing.T) {
				t.Parallel()
				walk(t, format, func(url string, arguments []byte) *script { return run(t, dir, url, arguments) }, http.FileServer(http.Dir(dir)))
			})
		}
	}
}

// walk judges what the script says, and does to it what a page must bear.
func walk(t *testing.T, format string, run func(url string, arguments []byte) *script, files http.Handler) {
	t.Helper()
	const window = 5 * time.Second // in place of two minutes
	e := start(t, ablylocal.Config{Revocable: true, Window: window})
	pages := &site{t: t, files: files}
	server := httptest.NewServer(pages)
	t.Cleanup(server.Close)
	arguments, err := json.Marshal(map[string]any{
		"host": e.host, "port": e.port, "authUrl": server.URL + "/token", "key": e.Key(), "format": format,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := run(server.URL, arguments)
	publisher := e.rest(t).Channels.Get("customer:u1:bookings")

	s.want("connected", fact{"clientId": "u1"})
	s.want("attached", fact{"modes": []any{"subscribe", "presence_subscribe"}})
	s.want("denied", fact{"code": 40160.0, "status": 401.0})
	s.want("publish denied", fact{"code": 40160.0})
	s.next("ready")

	err = publisher.PublishMultiple(t.Context(), []*ably.Message{{
		ID: "evt:0", Name: "booking.confirmed", Data: map[string]any{"bookingId": "bkg_1"},
		Extras: map[string]any{"headers": map[string]any{"traceparent": "00-1-2-01"}},
	}})
	if err != nil {
		t.Fatalf("publish: %v", err)
	}
	s.want("message", fact{
		"name": "booking.confirmed", "data": map[string]any{"bookingId": "bkg_1"},
		"trace": "00-1-2-01", "id": "evt:0",
	})

	// The first token is renewed before its end, at the endpoint's wish. The second is too short for that: it runs out.
	s.want("renewed", fact{"code": 0.0})
	pages.wantIssued(2)
	s.want("disconnected", fact{"code": 40142.0})
	s.want("reconnected", fact{"same": true})
	pages.wantIssued(3)
	publish(t, publisher, "after the expiry")
	s.want("message", fact{"name": "after the expiry"})

	e.ln.cut()
	s.next("disconnected")
	publish(t, publisher, "in the gap")
	s.want("reconnected", fact{"same": true})
	s.want("message", fact{"name": "in the gap"})

	// A JWT has whole seconds: only one of a later second is taken for a later one.
	next := time.Unix(pages.last.Load()+1, 0)
	<-time.After(time.Until(next))
	revoke(t, e.Server, frame{"targets": []string{"clientId:u1"}, "issuedBefore": next.UnixMilli()})
	s.want("disconnected", fact{"code": 40141.0})
	s.want("reconnected", fact{"same": true})
	pages.wantIssued(4)
	publish(t, publisher, "after the revocation")
	s.want("message", fact{"name": "after the revocation"})

	// Away for too long: what was missed does not come by itself any more, and the page is told.
	e.ln.setDown(true)
	e.ln.cut()
	s.next("disconnected")
	call(t, e.Server, "POST", "/channels/customer:u1:bookings/messages", frame{"name": "missed"},
		"Authorization", "Bearer "+signJWT(t, jwtClaims(`{"*":["*"]}`, "", time.Hour)))
	<-time.After(window + 500*time.Millisecond)
	e.ln.setDown(false)
	s.want("reconnected", fact{"same": false})
	s.want("attached again", fact{"resumed": false})
	publish(t, publisher, "back")
	s.want("message", fact{"name": "back"})

	publish(t, publisher, "goodbye")
	s.want("history", fact{"names": []any{"a", "b", "once"}, "bytes": []any{0.0, 255.0}})
	s.want("batch", fact{"ok": 1.0, "failed": 1.0, "code": 40010.0})
	s.want("token", fact{"clientId": "u2", "capability": `{"open:*":["subscribe"]}`})
	s.next("time")
	s.want("echo", fact{"name": "mine", "data": map[string]any{"deep": []any{1.0, 2.5, "x"}}, "clientId": "u3"})
	s.want("ping", fact{"ok": true})
	s.want("detached", fact{"state": "detached"})
	s.next("closed")
}

// site is the page's site: its files, and the tokens that the page asks for.
type site struct {
	t      *testing.T
	files  http.Handler
	issued atomic.Int64 // how many
	last   atomic.Int64 // when the last one was, in seconds since 1970
}

// ServeHTTP gives a token that is soon to be renewed, then one that soon runs out, then long ones.
func (h *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/token" {
		h.files.ServeHTTP(w, r)
		return
	}
	ttl := time.Hour
	switch h.issued.Add(1) {
	case 1:
		ttl = 32 * time.Second // renewal is asked for 30 s before the end
	case 2:
		ttl = 3 * time.Second
	}
	h.last.Store(time.Now().Unix())
	w.Header().Set("Content-Type", "application/jwt")
	_, _ = io.WriteString(w, signJWT(h.t, jwtClaims(`{"customer:u1:*":["subscribe"]}`, "u1", ttl)))
}

// wantIssued checks how many tokens were asked for.
func (h *site) wantIssued(n int64) {
	h.t.Helper()
	if got := h.issued.Load(); got != n {
		h.t.Errorf("%d tokens were asked for, want %d", got, n)
	}
}
