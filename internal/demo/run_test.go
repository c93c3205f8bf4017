package demo_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

// TestAnEngineThatKeepsItsPromisesPasses is a whole run: people use every verb, mostly with success, every page shows in the end
// what the API says, and nothing is lost, leaked or double-booked.
//
// It has the machine for itself, as far as this package goes.
func TestAnEngineThatKeepsItsPromisesPasses(t *testing.T) {
	r := runUntilLived(t, newEngine(t))
	if why := r.Failures(); len(why) != 0 {
		t.Errorf("the run fails: %q\n%+v", why, r)
	}
	if r.Accepted < r.Commands*9/10 {
		t.Errorf("%d of %d commands were refused: a tenth is too many", r.Refused, r.Commands)
	}
	if int(r.Messages) < r.Events || r.Expected < r.Accepted*2 || r.LatencyMs.CommitToReceived.P50 <= 0 ||
		r.LatencyMs.CommandToReceived.P99 < r.LatencyMs.CommandToReceived.P50 {
		t.Errorf("the summary is implausible: %+v", r)
	}
}

func TestCommandsComeAtTheRateForTheDuration(t *testing.T) {
	t.Parallel()
	c := newEngine(t).config(t)
	var view strings.Builder
	c.View = &view
	r, err := demo.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	assertPlain(t, view.String())
	if r.Commands != 60 {
		t.Errorf("%d commands in 3 s at 20 a second, want 60", r.Commands)
	}
}

func TestABusyEngineIsAskedAgainUnderTheSameKey(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	e.refusals.Store(5)
	r, err := demo.Run(t.Context(), e.config(t))
	if err != nil {
		t.Fatal(err)
	}
	if why := r.Broken(); len(why) != 0 || e.refusals.Load() > 0 {
		t.Errorf("with %d of 5 answers that it is busy to come the run breaks %q", e.refusals.Load(), why)
	}
}

func TestTheEndOfTheContextEndsTheCommandsAndStillSettles(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := e.config(t)
	c.Rate, c.Duration = 50, 0
	var view strings.Builder
	c.View, c.TTY = &view, true
	var once sync.Once
	bookings := 0
	c.Messages = func(rec eventstore.Recorded) []check.Message {
		if _, ok := rec.Event.(domain.BookingEvent); ok {
			bookings++
		}
		// What the view shows last is then a change of status.
		if _, confirmed := rec.Event.(domain.BookingConfirmed); confirmed && bookings > 60 {
			once.Do(cancel)
		}
		return owed(rec)
	}
	r, err := demo.Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Commands < 20 || r.Lost != 0 || r.Received == 0 {
		t.Errorf("after an interrupt the summary is %+v", r)
	}
	assertBlock(t, view.String())
}

func TestARunThatCannotBeMadeSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		upset func(t *testing.T, e *engine, c *demo.Config) context.Context
		want  string
	}{
		"interrupted while it opens": {
			upset: func(t *testing.T, _ *engine, c *demo.Config) context.Context {
				t.Helper()
				ctx, cancel := context.WithCancel(t.Context())
				c.SignIn = func(u demo.User) (string, error) { cancel(); return signIn(u) }
				return ctx
			},
			want: "open the demo: context canceled",
		},
		"nobody can sign in": {
			upset: func(t *testing.T, _ *engine, c *demo.Config) context.Context {
				t.Helper()
				c.SignIn = func(demo.User) (string, error) { return "", errors.New("no secret") }
				return t.Context()
			},
			want: "no secret",
		},
		"the log cannot be followed": {
			upset: func(t *testing.T, e *engine, _ *demo.Config) context.Context {
				t.Helper()
				e.logEnds = func(eventstore.Recorded) error { return errors.New("the log is on fire") }
				return t.Context()
			},
			want: "follow the log: the log is on fire",
		},
		"the realtime endpoint is not there": {
			upset: func(t *testing.T, _ *engine, c *demo.Config) context.Context {
				t.Helper()
				c.Ably.Port = 1
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				t.Cleanup(cancel)
				return ctx
			},
			want: "open the demo: context deadline exceeded",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t)
			config := e.config(t)
			ctx := c.upset(t, e, &config)
			if _, err := demo.Run(ctx, config); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the run ends with %v, want %q", err, c.want)
			}
		})
	}
}

func TestAConfigThatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for name, change := range map[string]func(c *demo.Config){
		"no address":        func(c *demo.Config) { c.API = "" },
		"no endpoint":       func(c *demo.Config) { c.Ably.Host = "" },
		"no sign-in":        func(c *demo.Config) { c.SignIn = nil },
		"no log":            func(c *demo.Config) { c.Log = nil },
		"no messages":       func(c *demo.Config) { c.Messages = nil },
		"negative rate":     func(c *demo.Config) { c.Rate = -1 },
		"rate out of reach": func(c *demo.Config) { c.Rate = demo.MaxRate + 1 },
		"negative duration": func(c *demo.Config) { c.Duration = -time.Second },
	} {
		c := e.config(t)
		change(&c)
		if _, err := demo.Run(t.Context(), c); err == nil || !strings.HasPrefix(err.Error(), "start demo: ") {
			t.Errorf("%s: the run ends with %v", name, err)
		}
	}
}

// runUntilLived runs until there is an event of every kind that people bring about, however long this machine needs for that, and
// no longer than a minute.
func runUntilLived(t *testing.T, e *engine) check.Report {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := e.config(t)
	c.Duration = 0
	missing := map[string]bool{}
	for _, fact := range domain.Catalogue() {
		missing[fact.EventType()] = true
	}
	for _, fact := range rarities() {
		delete(missing, fact.EventType())
	}
	c.Messages = func(rec eventstore.Recorded) []check.Message {
		if missing[rec.Event.EventType()] {
			t.Log(time.Now().Format("05.000"), rec.Event.EventType())
		}
		delete(missing, rec.Event.EventType())
		if len(missing) == 0 {
			cancel()
		}
		return owed(rec)
	}
	r, err := demo.Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	for kind := range missing {
		t.Errorf("there is no %s", kind)
	}
	return r
}

// rarities lists what need not come: what the engine does by itself when something goes wrong, what only the clock brings about in
// hours, and what is no verb of the demo.
func rarities() []domain.Event {
	return []domain.Event{
		domain.BookingClaimFenced{},
		domain.BookingAbandoned{},
		domain.CustomerLateCancellationCounted{},
	}
}
