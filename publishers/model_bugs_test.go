package publishers_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
)

// rough is a hard day for a publisher, on which nothing is shown twice and no promise is broken all the same. It returns what is wrong.
func rough(t *testing.T, bug func(w *world)) (wrong string) {
	t.Helper()
	s := newStory(t)
	for i := range 30 {
		id := fmt.Sprintf("bkg_%06d", i)
		s.request(id, start.AddDate(0, 0, i), asha)
		s.confirm(id, nil)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, databasetest.Open(t, migrations.Publisher), s.log)
		w.crash = &crasher{off: true, steps: map[string]int{}}
		w.db.Write = w.db.Write.WithQueryHook(w.crash)
		w.start()
		if bug != nil {
			bug(w)
		}
		admin := func(channel string) bool { return strings.HasPrefix(channel, "admin:") }
		day := func(events int, wait time.Duration, faults ...ablylocal.PublishFault) {
			w.mu.Lock()
			w.faults = append(w.faults, faults...)
			w.mu.Unlock()
			w.log.release(events)
			time.Sleep(wait)
			w.stand(false)
		}
		of := func(kind ablylocal.Fault, n int) []ablylocal.PublishFault {
			return slices.Repeat([]ablylocal.PublishFault{{Kind: kind, Wait: 3 * time.Second, Channels: admin}}, n)
		}
		day(4, 5*time.Second)
		day(4, 5*time.Second, of(ablylocal.FaultResetAfter, 2)...)
		day(4, 5*time.Second, of(ablylocal.FaultErrorAfter, 2)...)
		day(4, 30*time.Millisecond, of(ablylocal.FaultPartial, 3)...)
		day(4, 20*time.Second)
		day(4, 20*time.Second, of(ablylocal.FaultRateLimited, 2)...)
		w.do(op{name: "poison"})
		day(4, 10*time.Second)
		w.do(op{name: "heal"})
		w.do(op{name: "redrive"})
		day(4, 20*time.Second)
		// It dies with a plan that was answered, and what was planned together is not what the next finds at first.
		for _, at := range []crashPoint{{"send", true}, {"send", false}} {
			w.crash.arm(at)
			w.log.release(6)
			time.Sleep(time.Second)
			if !w.crash.revive() {
				t.Error("it did not die")
			}
			w.kill()
			w.log.release(3)
			w.start()
			time.Sleep(20 * time.Second)
		}
		// It is away for longer than the service drops repeats, and does not know of some whether they arrived.
		day(4, 10*time.Millisecond, of(ablylocal.FaultErrorBefore, 1)...)
		w.kill()
		time.Sleep(105 * time.Second)
		w.start()
		day(len(s.log), time.Minute)
		w.do(op{name: "redrive"})
		if err := w.settled(); err != nil {
			wrong = err.Error()
		}
		w.stand(false)
		w.stop()
		v := w.verdict()
		switch {
		case wrong != "":
		case len(v.Violations) > 0 || v.Repeats > 0:
			wrong = v.String()
		case w.early > 0:
			wrong = fmt.Sprintf("%d requests came before their time", w.early)
		}
	})
	return wrong
}

// TestEverySeededBugIsCaught is F18: a checker that cannot fail says nothing. Each bug is seeded where it would show: on the wire, or in
// the tables.
func TestEverySeededBugIsCaught(t *testing.T) {
	t.Parallel()
	if wrong := rough(t, nil); wrong != "" {
		t.Fatalf("without a bug: %s", wrong)
	}
	sql := func(statement string) func(w *world) {
		return func(w *world) {
			if _, err := w.db.Write.ExecContext(w.t.Context(), statement); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	wire := func(mangle mangler) func(w *world) {
		return func(w *world) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.mangle = mangle
		}
	}
	var mu sync.Mutex
	n, ran := 0, 0
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		n++
		return n
	}
	sent := map[string]bool{} // bases
	mark := func(raw []byte) (again bool) {
		mu.Lock()
		defer mu.Unlock()
		bases := idBases.FindAllSubmatch(raw, -1) // several channels may have arrays of one base
		again = slices.ContainsFunc(bases, func(m [][]byte) bool { return sent[string(m[1])] })
		for _, m := range bases {
			sent[string(m[1])] = true
		}
		return again
	}
	for name, bug := range map[string]func(w *world){
		"the checkpoint is moved before the acknowledgement": sql(`CREATE TRIGGER bug AFTER UPDATE ON plans BEGIN
			UPDATE checkpoints SET position = NEW.up_to; END`),
		"the plan is not written down": sql(`CREATE TRIGGER bug AFTER UPDATE ON plans WHEN NEW.up_to > NEW.after_position BEGIN
			UPDATE plans SET up_to = NEW.after_position; END`),
		"what is put off is not stored":    sql(`CREATE TRIGGER bug BEFORE INSERT ON queued BEGIN SELECT RAISE(IGNORE); END`),
		"what is parked is thrown away":    sql(`CREATE TRIGGER bug AFTER INSERT ON parked BEGIN DELETE FROM queued WHERE channel = NEW.channel; END`),
		"what comes later is not put off":  sql(`CREATE TRIGGER bug BEFORE INSERT ON queued WHEN NEW.base = '' BEGIN SELECT RAISE(IGNORE); END`),
		"one queue is settled for another": sql(`CREATE TRIGGER bug AFTER DELETE ON queued BEGIN DELETE FROM queued; END`),
		"every attempt has ids of its own": wire(func(next http.RoundTripper, req *http.Request, raw []byte) (*http.Response, error) {
			return next.RoundTrip(withBody(req, idBases.ReplaceAll(raw, fmt.Appendf(nil, `"id":"${1}x%d:`, count()))))
		}),
		"an array is cut otherwise when it is sent again": wire(func(next http.RoundTripper, req *http.Request, raw []byte) (*http.Response, error) {
			if mark(raw) {
				raw = idBases.ReplaceAll(raw, []byte(`"id":"${1}cut:`))
			}
			return next.RoundTrip(withBody(req, raw))
		}),
		"Retry-After is ignored": wire(func(next http.RoundTripper, req *http.Request, raw []byte) (*http.Response, error) {
			resp, err := next.RoundTrip(withBody(req, raw))
			if err == nil {
				resp.Header.Del("Retry-After")
			}
			return resp, err
		}),
		"results of single channels are ignored": wire(func(next http.RoundTripper, req *http.Request, raw []byte) (*http.Response, error) {
			resp, err := next.RoundTrip(withBody(req, raw))
			if err == nil && req.Method == http.MethodPost && resp.StatusCode/100 == 2 {
				_ = resp.Body.Close()
				resp.Body = io.NopCloser(strings.NewReader("[]"))
				resp.ContentLength = 2
			}
			return resp, err
		}),
		"an answer is not waited for": wire(func(next http.RoundTripper, req *http.Request, raw []byte) (*http.Response, error) {
			if req.Method == http.MethodPost && count()%3 == 0 {
				req := withBody(req.WithContext(context.WithoutCancel(req.Context())), raw)
				go func() {
					time.Sleep(7 * time.Second)
					if resp, err := next.RoundTrip(req); err == nil {
						_ = resp.Body.Close()
					}
				}()
				return answer(http.StatusCreated, "[]").response(req), nil
			}
			return next.RoundTrip(withBody(req, raw))
		}),
		"what is looked up is always there": wire(func(next http.RoundTripper, req *http.Request, raw []byte) (*http.Response, error) {
			if req.Method != http.MethodGet {
				mark(raw)
				return next.RoundTrip(withBody(req, raw))
			}
			mu.Lock()
			defer mu.Unlock()
			var all []string
			for base := range sent {
				all = append(all, `{"id":"`+base+`:0"}`)
			}
			return answer(http.StatusOK, "["+strings.Join(all, ",")+"]").response(req), nil
		}),
		"two publish at once": func(w *world) {
			w.startBeside()
		},
	} {
		if ran++; raceDetector && ran > 5 {
			continue // it takes ten times as long; which five is a matter of luck
		}
		t.Run(name, func(t *testing.T) {
			n = 0
			clear(sent)
			wrong := rough(t, bug)
			if wrong == "" {
				t.Error("not caught")
			}
			first, _, _ := strings.Cut(wrong, "\n")
			t.Log(first)
		})
	}
}

// idBases finds the bases of ids on the wire.
var idBases = regexp.MustCompile(`"id":"([0-9a-zA-Z_-]+):`)
