package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/projections"
)

// modelNames are the read models.
func modelNames() []string {
	return []string{
		projections.BookingsName, projections.TimelineName, projections.ScheduleName, projections.LeaveName, projections.BranchesName,
		projections.CustomersName,
	}
}

// operate runs a command of an operator on a folder and decodes its one line.
func operate[A any](tb testing.TB, dir string, args ...string) (answer A) {
	tb.Helper()
	got := runProgram(tb.Context(), tb, nil, append(append([]string{"projections"}, args...), "-data", dir, "-json")...)
	if got.code != exitOK || got.stderr != "" || strings.Count(got.stdout, "\n") != 1 {
		tb.Fatalf("projections %q: exit %d, stdout %q, stderr %q", args, got.code, got.stdout, got.stderr)
	}
	if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil {
		tb.Fatal(err)
	}
	return answer
}

func statusOf(tb testing.TB, dir, name string) projections.Status {
	tb.Helper()
	for _, s := range operate[projections.Overview](tb, dir, "status").Projections {
		if s.Name == name {
			return s
		}
	}
	tb.Fatalf("no %s", name)
	return projections.Status{}
}

// page is somebody who looks at bookings again and again. It never sees one go back, and always gets an answer.
type page struct {
	reads  atomic.Int64
	faults []string
}

func (p *page) watch(ctx context.Context, e *runningEngine, token string, ids func() []string) {
	seen := map[string]float64{}
	for ctx.Err() == nil {
		for _, path := range append([]string{"/api/bookings?limit=50", "/api/branches", "/api/leave"}, ids()...) {
			status, body, err := fetch(ctx, e.url+path, token)
			if ctx.Err() != nil {
				return
			}
			if raceDetector && err == nil && status == http.StatusServiceUnavailable && strings.Contains(path, "minPosition") {
				continue // this binary is too slow for a read to see a position in time, and is told to ask again
			}
			if err != nil || status != http.StatusOK {
				p.faults = append(p.faults, fmt.Sprintf("%s: %d, %v", path, status, err))
				continue
			}
			p.reads.Add(1)
			all, _ := body["bookings"].([]any)
			if _, ok := body["id"].(string); ok {
				all = append(all, body)
			}
			for _, one := range all {
				b, _ := one.(map[string]any)
				id, _ := b["id"].(string)
				revision, _ := b["revision"].(float64)
				if revision < seen[id] {
					p.faults = append(p.faults, fmt.Sprintf("%s of %s went from %v back to %v", id, path, seen[id], revision))
				}
				seen[id] = revision
			}
		}
	}
}

func fetch(ctx context.Context, url, token string) (status int, body map[string]any, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	return resp.StatusCode, body, json.NewDecoder(resp.Body).Decode(&body)
}

// traffic books and approves until ctx ends, and returns how many bookings there were.
func (e *runningEngine) traffic(ctx context.Context, t *testing.T, staff []string, booked func(id string)) int {
	t.Helper()
	n := 0
	pace := time.NewTicker(20 * time.Millisecond)
	defer pace.Stop()
	for day := 1; ; day++ {
		for hour := range 20 {
			for _, s := range staff {
				select {
				case <-ctx.Done():
					return n
				case <-pace.C:
				}
				wish := wish(s, hour)
				at, err := time.Parse(time.RFC3339, wish["startAt"].(string))
				if err != nil {
					t.Error(err)
					return n
				}
				wish["startAt"] = at.AddDate(0, 0, day).Format(time.RFC3339)
				//nolint:contextcheck // what was begun is finished
				made := e.call(t, customer(fmt.Sprintf("usr_customer%03d", n%200)), http.MethodPost, "/api/bookings", wish)
				if made.status != http.StatusCreated {
					t.Errorf("booking answers %d %v", made.status, made.body)
					return n
				}
				//nolint:contextcheck // what was begun is finished
				e.call(t, owner(), http.MethodPatch, "/api/bookings/"+made.text("id"), map[string]any{"action": "approve"},
					"If-Match", made.header.Get("ETag"))
				booked(fmt.Sprintf("/api/bookings/%s?minPosition=%.0f", made.text("id"), made.body["position"]))
				n++
			}
		}
	}
}

// TestEveryReadModelIsRebuiltWhilePeopleWork rebuilds all of them through the command line, while a client books and another looks. It
// does not share the machine with the package's other tests: commands have their deadline.
func TestEveryReadModelIsRebuiltWhilePeopleWork(t *testing.T) {
	e := startEngine(t, nil, nil)
	staff := e.openSalon(t)
	token, err := httpapi.SignSession([]byte(childSecret), owner(), time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var ids []string
	some := make(chan struct{})
	booked := func(path string) {
		mu.Lock()
		defer mu.Unlock()
		if ids = append(ids, path); len(ids) == 5 {
			close(some)
		}
	}
	latest := func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string{}, ids[max(0, len(ids)-5):]...)
	}
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	var bookings int
	work.Go(func() { bookings = e.traffic(ctx, t, staff, booked) })
	var p page
	work.Go(func() { p.watch(ctx, e, token, latest) })
	select {
	case <-some:
	case <-time.After(startLimit):
		t.Fatal("nobody books")
	}
	for i, name := range modelNames() {
		speed := []string{"-budget=250ms"} // on a busy machine commands are slow whoever builds
		if i%2 == 0 {
			speed = []string{"-full-speed"}
		}
		r := operate[rebuildAnswer](t, e.cfg.DataDir, append([]string{"rebuild", name}, speed...)...)
		if !r.Verified || !r.Swapped || r.Generation != 2 || r.Previous != 1 || len(r.Hash) != 64 || r.Error != "" {
			t.Errorf("%s: %+v", name, r)
		}
		if s := statusOf(t, e.cfg.DataDir, name); s.Generation != 2 || s.Previous != 1 || s.Rebuild != nil || s.Owner == "" || s.Term == 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	for _, name := range modelNames() {
		if r := operate[rebuildAnswer](t, e.cfg.DataDir, "rollback", name); r.Generation != 1 || r.State != projections.GenerationLive {
			t.Errorf("rollback of %s: %+v", name, r)
		}
	}
	before := p.reads.Load()
	for deadline := time.Now().Add(startLimit); p.reads.Load() < before+20 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	work.Wait()
	if len(p.faults) > 0 || p.reads.Load() < before+20 {
		t.Errorf("of %d reads %d went wrong: %q", p.reads.Load(), len(p.faults), p.faults[:min(5, len(p.faults))])
	}
	t.Logf("%d bookings, %d reads", bookings, p.reads.Load())
	answer := operate[auditAnswer](t, e.cfg.DataDir, "audit")
	if !answer.Clean || len(answer.Reports) != len(modelNames()) {
		t.Errorf("audit: %+v", answer)
	}
}

// filledFolder is a data folder with a salon and a few bookings, whose engine has stopped.
func filledFolder(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	onFolder(t, dir, func(t *testing.T, e *runningEngine) {
		t.Helper()
		staff := e.openSalon(t)
		for hour := range 3 {
			e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish(staff[0], 8+hour)).want(t, http.StatusCreated)
		}
		settled(t, e)
	})
	return dir
}

// onFolder runs an engine for the time of do.
func onFolder(t *testing.T, dir string, do func(t *testing.T, e *runningEngine)) {
	t.Helper()
	ok := t.Run("engine", func(t *testing.T) { do(t, startEngine(t, func(c *Config) { c.DataDir = dir }, nil)) })
	if !ok {
		t.FailNow()
	}
}

// settled waits until all read models have come to the end of the log.
func settled(tb testing.TB, e *runningEngine) {
	tb.Helper()
	deadline := time.Now().Add(startLimit)
	for {
		behind := ""
		for _, s := range operate[projections.Overview](tb, e.cfg.DataDir, "status").Projections {
			if s.State != "live" || s.LagSeconds != 0 {
				behind = s.Name + " is " + s.State
			}
		}
		if behind == "" {
			return
		}
		if time.Now().After(deadline) {
			tb.Fatal(behind)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestWithoutAnEngineTheDatabaseIsWorkedOn(t *testing.T) {
	t.Parallel()
	dir := filledFolder(t)
	for _, s := range operate[projections.Overview](t, dir, "status").Projections {
		if s.State != "stopped" || s.Owner != "" || s.LagSeconds != 0 || s.Generation != 1 {
			t.Errorf("%+v", s)
		}
	}
	r := operate[rebuildAnswer](t, dir, "rebuild", "bookings")
	if !r.Verified || !r.Swapped || r.Generation != 2 || r.Events == 0 || r.EventsPerSecond == 0 {
		t.Errorf("rebuild: %+v", r)
	}
	if l := operate[listAnswer](t, dir, "list"); l.Projections[0] != (listedProjection{"bookings", projections.BookingsVersion, 2, 1}) {
		t.Errorf("list: %+v", l)
	}
	operate[rebuildAnswer](t, dir, "rollback", "bookings")
	if r := operate[rebuildAnswer](t, dir, "rebuild", "timeline", "-no-wait"); r.State != projections.GenerationBuilding {
		t.Errorf("rebuild: %+v", r)
	}
	// The engine finds what was left to do.
	onFolder(t, dir, func(t *testing.T, _ *runningEngine) {
		t.Helper()
		deadline := time.Now().Add(startLimit)
		for statusOf(t, dir, "timeline").Generation != 2 {
			if time.Now().After(deadline) {
				t.Fatal("the rebuild does not end")
			}
			time.Sleep(20 * time.Millisecond)
		}
		words := runProgram(t.Context(), t, nil, "projections", "status", "-data", dir)
		if words.code != exitOK || !strings.Contains(words.stdout, "timeline   2        2           live") {
			t.Errorf("status: %s%s", words.stdout, words.stderr)
		}
	})
	got := runProgram(t.Context(), t, nil, "projections", "rebuild", "schedule", "-data", dir)
	if got.code != exitOK || !strings.Contains(got.stdout, "schedule is read from generation 2 (before: 1).") || !strings.Contains(got.stdout, "verified") || got.stderr != "" {
		t.Errorf("exit %d, %q, %q", got.code, got.stdout, got.stderr)
	}
}

func TestAPauseLastsAndEnds(t *testing.T) {
	t.Parallel()
	dir := filledFolder(t)
	operate[projections.Status](t, dir, "pause", "bookings")
	onFolder(t, dir, func(t *testing.T, e *runningEngine) { // it starts, and announces itself
		t.Helper()
		if s := statusOf(t, dir, "bookings"); s.State != "paused" || s.LagSeconds != 0 || s.PausedBy != httpapi.OperatorID {
			t.Errorf("after the restart: %+v", s)
		}
		ready := e.callWith(t, "", http.MethodGet, "/readyz", nil).want(t, http.StatusOK)
		if text, _ := json.Marshal(ready.body); !strings.Contains(string(text), `{"name":"bookings","ready":true,"state":"paused"}`) {
			t.Errorf("/readyz: %s", text)
		}
		made := e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish("stf_memberY1", 15)).want(t, http.StatusCreated)
		first := statusOf(t, dir, "bookings").LagSeconds
		for deadline := time.Now().Add(startLimit); ; {
			if lag := statusOf(t, dir, "bookings").LagSeconds; first > 0 && lag > first {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("the lag does not rise from %v", first)
			}
		}
		operate[projections.Status](t, dir, "resume", "bookings")
		settled(t, e)
		e.call(t, customer("usr_customer001"), http.MethodGet, "/api/bookings/"+made.text("id"), nil).want(t, http.StatusOK)
	})
}

// TestAnotherLogIsAdopted moves the log into another store: the same events under another identity.
func TestAnotherLogIsAdopted(t *testing.T) {
	t.Parallel()
	dir, other := filledFolder(t), filledFolder(t)
	for _, name := range []string{"eventstore"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		copyFolder(t, filepath.Join(other, name), filepath.Join(dir, name))
	}
	refused := runProgram(t.Context(), t, nil, "projections", "status", "-data", dir)
	if refused.code != exitFailed || !strings.Contains(refused.stderr, "booking adopt") {
		t.Fatalf("exit %d, %q", refused.code, refused.stderr)
	}
	if got := runProgram(t.Context(), t, nil, "adopt", "-data", dir); got.code != exitUsage || !strings.Contains(got.stderr, "-yes") {
		t.Errorf("exit %d, %q", got.code, got.stderr)
	}
	for _, want := range []int{1, 0} { // publisher.db has never been used
		got := runProgram(t.Context(), t, nil, "adopt", "-data", dir, "-yes", "-json")
		var a adopted
		if err := json.Unmarshal([]byte(got.stdout), &a); err != nil || got.code != exitOK || len(a.Rehomed) != want || (want == 1) != (a.Tables > 10 && a.From != "" && a.From != a.To) {
			t.Fatalf("exit %d, %q, %q", got.code, got.stdout, got.stderr)
		}
	}
	onFolder(t, dir, func(t *testing.T, e *runningEngine) {
		t.Helper()
		settled(t, e)
		list := e.call(t, owner(), http.MethodGet, "/api/bookings", nil).want(t, http.StatusOK)
		if all, _ := list.body["bookings"].([]any); len(all) != 3 {
			t.Errorf("bookings: %v", list.body)
		}
	})
}
