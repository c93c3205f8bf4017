package publishers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
)

// TestEachFaultIsSurvivedWithoutLossRepeatOrReorder lets every third request meet the fault. The endpoint drops repeats by
// their ids; that nothing shows twice proves that ids stay the same.
func TestEachFaultIsSurvivedWithoutLossRepeatOrReorder(t *testing.T) {
	t.Parallel()
	for _, f := range allFaults() {
		t.Run(fmt.Sprintf("fault %d", f), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			s := dayStory(t)
			wire := newNetwork(func(n int, _ []spec) fault {
				if n%3 == 1 {
					return f
				}
				return none
			})
			cfg := b.config()
			cfg.Transport = wire
			if err := handle(t.Context(), open(t, cfg), s.log, 2); err != nil {
				t.Fatal(err)
			}
			if wire.happened[f] == 0 {
				t.Fatal("the fault never happened")
			}
			if got, want := shown(t, b.messages()), expected(t, s.log); !reflect.DeepEqual(got, want) {
				t.Errorf("channels show\n%v\nwant\n%v", got, want)
			}
			repeats := b.stats().Duplicates > 0
			if lost := f == answerLost || f == answer500 || f == answerTorn; repeats != lost {
				t.Errorf("the endpoint dropped repeats: %v, want %v", repeats, lost)
			}
		})
	}
}

// crash forgets the last commit, as a crash between the acknowledgement and the commit does.
func crash(tb testing.TB, db *database.DB, at eventstore.Position) {
	tb.Helper()
	if _, err := db.Write.ExecContext(tb.Context(), `UPDATE checkpoints SET position = ?`, at); err != nil {
		tb.Fatal(err)
	}
	if _, err := db.Write.ExecContext(tb.Context(), `DELETE FROM deliveries WHERE position > ?`, at); err != nil {
		tb.Fatal(err)
	}
}

// TestACrashBeforeTheCommitRepeatsUnderTheSameIDs hands the log in again in other batches, as a restarted runner does.
func TestACrashBeforeTheCommitRepeatsUnderTheSameIDs(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 1000} {
		t.Run(fmt.Sprintf("read again %d at a time", size), func(t *testing.T) {
			t.Parallel()
			eachBench(t, func(t *testing.T, b *bench) {
				s := dayStory(t)
				wire := newNetwork(nil)
				cfg := b.config()
				cfg.Transport = wire
				if err := handle(t.Context(), open(t, cfg), s.log, 1000); err != nil {
					t.Fatal(err)
				}
				before := ids(wire.seen())
				sent := len(wire.seen())
				crash(t, b.db, 0)
				p := open(t, cfg)
				if err := handle(t.Context(), p, s.log, size); err != nil {
					t.Fatal(err)
				}
				if after := ids(wire.seen()[sent:]); !reflect.DeepEqual(before, after) {
					t.Errorf("ids after the crash\n%v\nbefore\n%v", after, before)
				}
				if got, want := shown(t, b.messages()), expected(t, s.log); !reflect.DeepEqual(got, want) {
					t.Errorf("channels show\n%v\nwant\n%v", got, want)
				}
				if st := p.Status(); st.Position != s.log[len(s.log)-1].Position {
					t.Errorf("stands at %d", st.Position)
				}
			})
		})
	}
}

// TestAnyCutOfAnyLogIsComposedAlikeAfterACrash: whatever was planned together, and however it is read again afterwards, the
// ids are those of the first time; and what follows the plan is published too.
func TestAnyCutOfAnyLogIsComposedAlikeAfterACrash(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Publisher, func(t *testing.T, db *database.DB) {
		b := &bench{tb: t, db: db, key: "app.key:secret", endpoint: "127.0.0.1:1"}
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			if n++; raceDetector && n%4 != 0 {
				return // it takes ten times as long
			}
			for _, table := range []string{"checkpoints", "plans", "deliveries"} {
				if _, err := db.Write.ExecContext(t.Context(), "DELETE FROM "+table); err != nil {
					rt.Fatal(err)
				}
			}
			log := drawStory(rt).log
			wire := newNetwork(nil)
			wire.reply = func(_ int, body []spec) *reply { return answer(http.StatusCreated, created(body)) }
			cfg := b.config()
			cfg.Transport = wire
			cfg.Limits = publishers.Limits{PerChannel: 1e6, Requests: 1e6}
			planned := rapid.IntRange(1, len(log)).Draw(rt, "events planned together")
			if err := handle(t.Context(), open(t, cfg), log[:planned], planned); err != nil {
				rt.Fatal(err)
			}
			before, sent := ids(wire.seen()), len(wire.seen())
			crash(t, db, 0)
			if err := handle(t.Context(), open(t, cfg), log, rapid.IntRange(1, len(log)).Draw(rt, "read again")); err != nil {
				rt.Fatal(err)
			}
			after := ids(wire.seen()[sent:])
			for channel, list := range before {
				if len(after[channel]) < len(list) || !slices.Equal(after[channel][:len(list)], list) {
					rt.Fatalf("%s: ids %v after the crash, %v before", channel, after[channel], list)
				}
			}
			total := 0
			for _, list := range after {
				total += len(list)
			}
			want := 0
			for _, e := range log {
				want += len(publishers.Messages(e, publishers.Directory{}))
			}
			if total != want {
				rt.Fatalf("%d messages sent after the crash, the log has %d", total, want)
			}
			seen := map[string]bool{}
			for channel, list := range after {
				for _, id := range list {
					if seen[channel+id] {
						rt.Fatalf("id %s twice on %s", id, channel)
					}
					seen[channel+id] = true
				}
			}
		})
	})
}

// TestAStopInTheMiddleOfAPlanLosesNothing stops a publisher of which one channel does not get through, and starts another.
func TestAStopInTheMiddleOfAPlanLosesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := dayStory(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	wire := newNetwork(nil)
	blocked := "staff:" + tara + ":schedule"
	wire.reply = refuseChannel(blocked, http.StatusTooManyRequests, func(n int) {
		if n == 1 { // later, on a slow machine, what is refused may have been put off already, and the plan is through
			stop()
		}
	})
	cfg := b.config()
	cfg.Transport = wire
	err := handle(ctx, open(t, cfg), s.log, 1000)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("handled with %v, want that it was stopped", err)
	}
	cfg.Transport = nil
	if err := handle(t.Context(), open(t, cfg), s.log, 1); err != nil {
		t.Fatal(err)
	}
	if got, want := shown(t, b.messages()), expected(t, s.log); !reflect.DeepEqual(got, want) {
		t.Errorf("channels show\n%v\nwant\n%v", got, want)
	}
}

// TestAStopWithTheLastAcknowledgementStillCommits: what is known to be delivered is not sent again by the next process.
func TestAStopWithTheLastAcknowledgementStillCommits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	log := dayStory(t).log[:1]
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	wire := newNetwork(nil)
	wire.reply = func(_ int, body []spec) *reply {
		stop()
		return answer(http.StatusCreated, created(body))
	}
	cfg := b.config()
	cfg.Transport = wire
	if err := handle(ctx, open(t, cfg), log, 1); err != nil {
		t.Fatal(err)
	}
	if at, err := open(t, cfg).Checkpoint(t.Context()); err != nil || at != log[0].Position {
		t.Errorf("the next process begins at %d (%v), want %d", at, err, log[0].Position)
	}
}

// refuseChannel refuses whole requests that hold the channel, with a body that is not the service's; it counts them.
func refuseChannel(channel string, status int, count func(n int)) func(int, []spec) *reply {
	refused := 0
	return func(_ int, body []spec) *reply {
		for _, s := range body {
			if s.Channels[0] == channel {
				refused++
				count(refused)
				return answer(status, "no")
			}
		}
		return nil
	}
}

// TestAFailingCommitIsHandedInAgain breaks the database after the sending.
func TestAFailingCommitIsHandedInAgain(t *testing.T) {
	t.Parallel()
	eachBench(t, func(t *testing.T, b *bench) {
		s := dayStory(t)
		p := open(t, b.config())
		if _, err := p.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		rename := func(from, to string) {
			if _, err := b.db.Write.ExecContext(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
				t.Fatal(err)
			}
		}
		rename("deliveries", "away")
		batch := subscription.Batch{Events: s.log, Position: s.log[len(s.log)-1].Position, Live: true}
		if err := handleBatches(t.Context(), p, batch); err == nil || !strings.Contains(err.Error(), "commit deliveries") {
			t.Fatalf("handled with %v although the commit failed", err)
		}
		rename("away", "deliveries")
		if err := handleBatches(t.Context(), p, batch); err != nil {
			t.Fatal(err)
		}
		if got, want := shown(t, b.messages()), expected(t, s.log); !reflect.DeepEqual(got, want) {
			t.Errorf("channels show\n%v\nwant\n%v", got, want)
		}
		if b.stats().Duplicates == 0 {
			t.Error("nothing was sent twice: the commit did not fail after the sending")
		}
	})
}
