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
	"github.com/royalglow/booking/publishers"
)

func TestAnEngineThatKeepsItsPromisesPasses(t *testing.T) {
	t.Parallel()
	r := runUntilLived(t, newEngine(t))
	if why := r.Failures(); len(why) != 0 {
		t.Errorf("the run fails: %q\n%+v", why, r)
	}
	if r.Accepted < r.Commands*8/10 {
		t.Errorf("%d of %d commands were refused: a fifth is too many", r.Refused, r.Commands)
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
	if r.Commands != 90 {
		t.Errorf("%d commands in 1.5 s at 60 a second, want 90", r.Commands)
	}
	if r.Refused == 0 {
		t.Error("nobody was refused: where are the two who want the same?")
	}
}

func TestABrokenEngineIsFoundOut(t *testing.T) {
	for name, c := range map[string]struct {
		breaks func(e *engine)
		want   string // part of a reason why the run fails
	}{
		"it loses messages": {
			breaks: func(e *engine) { e.tamper = everyTenth(drop) },
			want:   "messages were lost",
		},
		"it holds messages back until the next event": {
			breaks: func(e *engine) { e.tamper = delayEveryTenth() },
			want:   "messages arrived out of order",
		},
		"it invents messages": {
			breaks: func(e *engine) { e.tamper = everyTenth(forge) },
			want:   "messages belong to no event of the log",
		},
		"it books twice": {
			breaks: func(e *engine) { e.overbook = true },
			want:   "bookings overlap on one member of staff",
		},
		"it sends nothing at all": {
			breaks: func(e *engine) { e.tamper = func([]publishers.Message) []publishers.Message { return nil } },
			want:   "no message was received",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t)
			c.breaks(e)
			// A drain that waits in vain for lost messages is cut short; how long the town takes to open is the machine's affair.
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				select {
				case <-e.begun:
					time.AfterFunc(3*time.Second, cancel)
				case <-ctx.Done():
				}
			}()
			r, err := demo.Run(ctx, e.config(t))
			if err != nil {
				t.Fatal(err)
			}
			if why := strings.Join(r.Failures(), "; "); !strings.Contains(why, c.want) {
				t.Errorf("the run fails for %q, want %q\n%+v", why, c.want, r)
			}
		})
	}
}

func TestRepeatsThatPagesDropAreHarmless(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	repeats := 0
	e.tamper = everyTenth(func(m []publishers.Message) []publishers.Message {
		repeats += len(m)
		return append(m, m...)
	})
	r := runUntilLived(t, e)
	if why := r.Failures(); len(why) != 0 || repeats == 0 {
		t.Errorf("after %d repeats the run fails: %q\n%+v", repeats, why, r)
	}
}

func TestABusyEngineIsAskedAgainUnderTheSameKey(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	e.busyFor = 5
	r := runUntilLived(t, e)
	if why := r.Failures(); len(why) != 0 || e.busyFor != 0 {
		t.Errorf("after %d of 5 answers that it is busy the run fails: %q", 5-e.busyFor, why)
	}
}

func TestTheEndOfTheContextEndsTheCommandsAndStillSettles(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := e.config(t)
	c.Duration = 0
	var view strings.Builder
	c.View, c.TTY = &view, true
	var once sync.Once
	c.Messages = func(rec eventstore.Recorded) []check.Message {
		if rec.Position > 150 {
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
	errLog := errors.New("the log is on fire")
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
				e.logFails = errLog
				return t.Context()
			},
			want: "follow the log: the log is on fire",
		},
		"the realtime endpoint is not there": {
			upset: func(t *testing.T, e *engine, c *demo.Config) context.Context {
				t.Helper()
				e.ably.Config.Handler = nil
				c.Ably.Port = 1
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
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

// runUntilLived runs until every verb was accepted three times, however long this machine needs for that, and no longer
// than half a minute.
func runUntilLived(t *testing.T, e *engine) check.Report {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	c := e.config(t)
	c.Duration = 0
	seen := map[string]int{}
	c.Messages = func(rec eventstore.Recorded) []check.Message {
		seen[rec.Event.EventType()]++
		lived := true
		for _, fact := range []domain.Event{
			domain.BookingRequested{},
			domain.BookingConfirmed{},
			domain.BookingRejected{},
			domain.BookingCancelled{},
			domain.BookingStaffAssigned{},
		} {
			lived = lived && seen[fact.EventType()] >= 3
		}
		if lived {
			cancel()
		}
		return owed(rec)
	}
	r, err := demo.Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// everyTenth applies a change to the messages of every tenth event that has some.
func everyTenth(change func([]publishers.Message) []publishers.Message) func([]publishers.Message) []publishers.Message {
	n := 0
	return func(m []publishers.Message) []publishers.Message {
		if len(m) == 0 {
			return m
		}
		if n++; n%10 != 0 {
			return m
		}
		return change(m)
	}
}

func drop([]publishers.Message) []publishers.Message { return nil }

// forge makes the messages claim another place in their event.
func forge(m []publishers.Message) []publishers.Message {
	for i := range m {
		m[i].Envelope.Part += 50
	}
	return m
}

// delayEveryTenth publishes every tenth event's messages after those of the next five.
func delayEveryTenth() func([]publishers.Message) []publishers.Message {
	var kept []publishers.Message
	n := 0
	return func(m []publishers.Message) []publishers.Message {
		if len(m) == 0 {
			return m
		}
		switch n++; n % 10 {
		case 0:
			kept = m
			return nil
		case 5:
			m, kept = append(m, kept...), nil
		}
		return m
	}
}
