package publishers_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
)

// crashPoint is a step of delivery, and whether the process dies before it or after.
type crashPoint struct {
	step  string
	after bool
}

func (c crashPoint) String() string {
	if c.after {
		return "after " + c.step
	}
	return "before " + c.step
}

// crashPoints are all of them. A commit cannot be kept from happening here: before it is after the last statement in it.
func crashPoints() (all []crashPoint) {
	for _, step := range []string{
		"begin", "plan", "send", "log", "put off", "park", "checkpoint", "take", "fix", "settle", "replace", "look up", "unpark",
	} {
		all = append(all, crashPoint{step, false}, crashPoint{step, true})
	}
	return append(all, crashPoint{"commit", true})
}

// stepOf names the step that a statement is.
func stepOf(query string) string {
	for _, s := range [][2]string{
		{`INSERT INTO "plans"`, "plan"},
		{`INSERT INTO "deliveries"`, "log"},
		{`INSERT INTO "queued"`, "put off"},
		{`INSERT INTO "parked"`, "park"},
		{`DELETE FROM queued`, "settle"},
		{`UPDATE queued SET base`, "fix"},
		{`UPDATE queued SET name`, "replace"},
		{"INSERT INTO checkpoints", "checkpoint"},
		{"COMMIT", "commit"},
	} {
		if strings.HasPrefix(query, s[0]) {
			return s[1]
		}
	}
	switch {
	case strings.Contains(query, `FROM "queued"`) && strings.Contains(query, "ORDER BY position, part"):
		return "take"
	case strings.HasPrefix(query, "SELECT") && strings.Contains(query, `FROM "parked"`) && !strings.Contains(query, `"why"`):
		return "unpark"
	case strings.HasPrefix(query, `INSERT INTO "checkpoints"`):
		return "begin"
	}
	return ""
}

// crasher lets a process die at a point: from there on no statement and no request of it comes about.
type crasher struct {
	mu    sync.Mutex
	at    crashPoint
	skip  int // so many times the point is passed
	off   bool
	dead  bool
	died  int
	steps map[string]int
}

func (c *crasher) pass(p crashPoint) (alive bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return false
	}
	c.steps[p.String()]++
	if p != c.at || c.died > 0 || c.off {
		return true
	}
	if c.skip > 0 {
		c.skip--
		return true
	}
	c.dead, c.died = true, c.died+1
	return false
}

// arm lets the process die when it comes to the point the next time.
func (c *crasher) arm(at crashPoint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off, c.at, c.died = false, at, 0
}

func (c *crasher) revive() (was bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, c.dead = c.dead, false
	return was
}

// BeforeQuery passes the point before a statement.
func (c *crasher) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	if step := stepOf(e.Query); c.pass(crashPoint{step, false}) {
		return ctx
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	return gone
}

// AfterQuery passes the point after one.
func (c *crasher) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	c.pass(crashPoint{stepOf(e.Query), true})
}

func (c *crasher) roundTrip(how mangler, next http.RoundTripper, req *http.Request, raw []byte) (*http.Response, error) {
	step := "send"
	if req.Method == http.MethodGet {
		step = "look up"
	}
	if !c.pass(crashPoint{step, false}) {
		return nil, errCut
	}
	resp, err := how(next, req, raw)
	if !c.pass(crashPoint{step, true}) {
		if resp != nil {
			_ = resp.Body.Close()
		}
		return nil, errCut
	}
	return resp, err
}

// TestADeathAtAnyPointBreaksNoPromise is F2: a story in which all steps happen, with a death before and after each of them, the first
// time, and with BOOKING_SOAK=1 also the second to tenth.
func TestADeathAtAnyPointBreaksNoPromise(t *testing.T) {
	t.Parallel()
	times := 1
	if os.Getenv("BOOKING_SOAK") == "1" {
		times = 10
	}
	for _, at := range crashPoints() {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			died := 0
			for skip := range times {
				c := &crasher{at: at, skip: skip, steps: map[string]int{}}
				synctest.Test(t, func(t *testing.T) { c.story(t) })
				died += c.died
				if c.died == 0 && skip == 0 {
					t.Fatalf("never came to it: %v", c.steps)
				}
			}
			t.Logf("died %d times", died)
		})
	}
}

// story is one in which all happens: channels that fail, are parked, redriven, and looked up after a loss of answers.
func (c *crasher) story(t *testing.T) {
	t.Helper()
	s := dayStory(t)
	for i := range 10 {
		id := fmt.Sprintf("bkg_%06d", i)
		s.request(id, start.AddDate(0, 0, i), asha)
		s.confirm(id, nil)
	}
	w := newWorld(t, databasetest.Open(t, migrations.Publisher), s.log)
	w.crash = c
	w.db.Write = w.db.Write.WithQueryHook(c)
	w.start()
	next := func(wait time.Duration) {
		time.Sleep(wait)
		if c.revive() {
			w.kill()
			w.start()
		}
	}
	faults := func(f ...ablylocal.PublishFault) {
		w.mu.Lock()
		w.faults = append(w.faults, f...)
		w.mu.Unlock()
	}
	fails := func(channel string) bool { return strings.HasPrefix(channel, "admin:") }
	partial := ablylocal.PublishFault{Kind: ablylocal.FaultPartial, Channels: fails}
	large := func(channel string) {
		w.mu.Lock()
		w.large = channel
		w.mu.Unlock()
	}
	next(time.Second)
	for range 4 {
		faults(partial, partial)
		w.log.release(2)
		next(200 * time.Millisecond)
		w.log.release(1)
		next(10 * time.Second)
	}
	faults(partial, partial)
	w.log.release(2)
	next(20 * time.Millisecond) // what is refused waits in a queue already
	large("admin:bookings:" + branch)
	next(10 * time.Second)
	large("")
	w.do(op{name: "poison"})
	w.log.release(2)
	next(10 * time.Second)
	w.log.release(2)
	next(10 * time.Second)
	w.do(op{name: "heal"})
	w.do(op{name: "redrive"})
	next(10 * time.Second)
	faults(ablylocal.PublishFault{Kind: ablylocal.FaultErrorAfter})
	w.log.release(2)
	next(50 * time.Millisecond)
	w.kill() // whoever comes next finds an old plan
	next(105 * time.Second)
	w.start()
	w.log.release(len(s.log))
	next(10 * time.Second)
	next(time.Minute)
	w.do(op{name: "redrive"})
	if err := w.settled(); err != nil {
		t.Errorf("%v; queued %v", err, c.steps)
	}
	w.stand(false)
	w.stop()
	if v := w.verdict(); len(v.Violations) > 0 {
		t.Error(v)
	}
}
