package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/nodelog"
	"github.com/royalglow/booking/projections"
)

const (
	// latencyWindows is how many windows of each kind are measured, in turns; the median counts.
	latencyWindows = 7
	latencyWindow  = 10 * time.Second
	latencyRate    = 50 // commands a second
)

// BenchmarkCommandsBesideARebuild measures how long commands take, from the moment at which they were due, while the bookings of a
// long log are built anew through the operator's command, and while they are not, in windows that alternate. The figures are
// medians of the windows' 99th percentiles, in milliseconds. On a machine that does something else they are that machine's.
func BenchmarkCommandsBesideARebuild(b *testing.B) {
	dir := b.TempDir()
	if _, err := nodelog.Fill(b.Context(), filepath.Join(dir, "eventstore"), nodelog.Size()); err != nil {
		b.Fatal(err)
	}
	e, running := runEngineWithin(b, 10*time.Minute, engineOptions{}, slog.New(slog.DiscardHandler), func(c *Config) { c.DataDir = dir }, nil)
	defer func() {
		if err := running.Stop(); err != nil {
			b.Error(err)
		}
	}()
	commands := newSteadyCommands(b, e)
	awaitQuiet(b, e)
	commands.window(b, latencyWindow) // the first ones find nothing warm
	b.Run("throttled", func(b *testing.B) { beside(b, commands, &rebuilding{tb: b, dir: dir}) })
	b.Run("unthrottled", func(b *testing.B) { beside(b, commands, &rebuilding{tb: b, dir: dir, flags: []string{"-full-speed"}}) })
}

// beside measures windows with a rebuild and without, in turns. It does so once, whatever b.N is: it takes minutes.
func beside(b *testing.B, commands *steadyCommands, r *rebuilding) {
	b.Helper()
	var alone, both []float64
	for n := range latencyWindows {
		alone = append(alone, p99(commands.window(b, latencyWindow)))
		r.start()
		both = append(both, p99(commands.window(b, latencyWindow)))
		r.stop()
		b.Logf("window %d: p99 %.1f ms alone, %.1f ms beside a rebuild; load %s", n+1, alone[n], both[n], load())
	}
	b.Logf("%d rebuilds begun, %d ended in their windows", r.begun, r.ended)
	b.ReportMetric(middle(alone), "alone-ms")
	b.ReportMetric(middle(both), "rebuild-ms")
	b.ReportMetric(middle(both)-middle(alone), "rise-ms")
	b.ReportMetric(r.events/r.seconds, "events/s")
	b.ReportMetric(0, "ns/op")
}

// rebuilding rebuilds bookings again and again, as an operator does.
type rebuilding struct {
	tb    testing.TB
	dir   string
	flags []string

	loop            *background
	begun, ended    int
	events, seconds float64 // of what was built
}

// start returns once there is something built.
func (r *rebuilding) start() {
	r.tb.Helper()
	r.loop = goBackground(r.tb.Context(), func(ctx context.Context) error {
		for {
			r.begun++
			args := append([]string{"projections", "rebuild", projections.BookingsName, "-data", r.dir, "-json"}, r.flags...)
			got := runProgram(context.WithoutCancel(ctx), r.tb, nil, args...)
			var a rebuildAnswer
			if err := json.Unmarshal([]byte(got.stdout), &a); err != nil {
				return fmt.Errorf("exit %d, %q, %q", got.code, got.stdout, got.stderr)
			}
			r.events, r.seconds = r.events+float64(a.Events), r.seconds+a.Seconds
			select {
			case <-ctx.Done(): // given up
				return nil
			default:
			}
			if r.ended++; !a.Verified {
				return fmt.Errorf("rebuilt: %+v", a)
			}
		}
	})
	r.await("a rebuild", func(s projections.Status) bool { return s.Rebuild != nil && s.Rebuild.Events > 0 })
}

// stop returns once nothing is left of what was being built.
func (r *rebuilding) stop() {
	r.tb.Helper()
	r.loop.cancel()
	for running := true; running; {
		// One that ends at this very moment cannot be given up.
		runProgram(r.tb.Context(), r.tb, nil, "projections", "rebuild", projections.BookingsName, "-cancel", "-data", r.dir, "-json")
		select {
		case <-r.loop.Done():
			running = false
		case <-time.After(lookAtBuild):
		}
	}
	if err := r.loop.err; err != nil {
		r.tb.Fatal(err)
	}
	r.await("an end", func(s projections.Status) bool { return s.Rebuild == nil })
}

func (r *rebuilding) await(what string, is func(projections.Status) bool) {
	r.tb.Helper()
	for deadline := time.Now().Add(startLimit); !is(statusOf(r.tb, r.dir, projections.BookingsName)); {
		if time.Now().After(deadline) {
			r.tb.Fatalf("there is not %s", what)
		}
		time.Sleep(lookAtBuild)
	}
}

func p99(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)*99/100].Microseconds()) / 1000
}

func middle(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

// load is what else the machine does, where it tells.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%.4s", text)
}
