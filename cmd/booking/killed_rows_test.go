package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

// TestKilledEngineMissesNoEvent kills "booking serve" with -9, its event store and its database with it, at random moments while eight
// people write: after each restart every read model holds every event of the log once.
//
// A kill counts where it broke off a command and left a read model behind the log.
func TestKilledEngineMissesNoEvent(t *testing.T) {
	rounds := 3
	if os.Getenv("BOOKING_SOAK") == "1" {
		rounds = 50
	}
	w := newKilledEngine(t)
	counted := 0
	for counted < rounds && w.child.kills < 4*rounds {
		behind, broken := w.round(t, nothingElse)
		if len(behind) > 0 && broken > 0 {
			counted++
		}
		if objections := w.check(t); len(objections) > 0 {
			t.Fatalf("after kill %d, with %q behind: %s", w.child.kills, behind, strings.Join(objections, "; "))
		}
	}
	w.checked = 0
	if objections := w.count(t); len(objections) > 0 {
		t.Errorf("in the end: %s", strings.Join(objections, "; "))
	}
	t.Logf("%d kills, %d of them in the middle of commands and of read models; %d commands, %d of them repeated; %d bookings",
		w.child.kills, counted, len(w.door.acknowledged()), w.door.repeated(), w.bookings)
	if counted < rounds {
		t.Errorf("%d kills count, want %d: the test proves nothing", counted, rounds)
	}
}

// TestTheCheckOfAKilledEngineNoticesALostEvent leaves a folder as a program would that moves its checkpoint in a transaction of its own,
// before the rows, and is killed between the two. The check objects, or it is worth nothing.
func TestTheCheckOfAKilledEngineNoticesALostEvent(t *testing.T) {
	w := newKilledEngine(t)
	for range 20 {
		seeded := false
		w.round(t, func(at projections.Overview) {
			for _, s := range at.Projections {
				if s.Name == projections.TimelineName && s.LagSeconds > 0 {
					seeded = true
					w.moveCheckpoint(t, at, s)
				}
			}
		})
		objections := strings.Join(w.check(t), "; ")
		if !seeded {
			if objections != "" {
				t.Fatalf("it objects to nothing: %s", objections)
			}
			continue
		}
		for _, want := range []string{"events missed, 0 doubled", "timeline: differs from generation"} {
			if !strings.Contains(objections, want) {
				t.Errorf("it objects %q, want %q", objections, want)
			}
		}
		return
	}
	t.Error("the timeline was never behind when the engine was killed")
}

// moveCheckpoint makes a read model believe that it has folded all of the log.
func (w *killedEngine) moveCheckpoint(t *testing.T, at projections.Overview, s projections.Status) {
	t.Helper()
	db, err := database.Open(t.Context(), w.child.dir+"/"+engineDatabase, migrations.Engine)
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE checkpoints SET position = ? WHERE name = ?",
			at.Position, fmt.Sprintf("%s_v%d_g%d", s.Name, s.Version, s.Generation))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("%d checkpoints: %w", n, err)
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func nothingElse(projections.Overview) {}

// round lets eight people write, kills the engine, and starts it again; between lets the test do something to what is left. It returns
// which read models were behind, and how many commands were broken off.
func (w *killedEngine) round(t *testing.T, between func(projections.Overview)) (behind []string, broken int) {
	t.Helper()
	before := w.door.repeated()
	people := w.letWrite(t)
	if err := w.door.waitForAnswers(t.Context(), 20+rand.IntN(60)); err != nil {
		t.Fatal(err)
	}
	w.child.kill(t)
	people.stop() // what they have begun they finish once there is an engine again
	at := operate[projections.Overview](t, w.child.dir, "status")
	for _, s := range at.Projections {
		if s.LagSeconds > 0 {
			behind = append(behind, s.Name)
		}
	}
	between(at)
	if _, err := w.child.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := people.wait(); err != nil {
		t.Fatal(err)
	}
	return behind, w.door.repeated() - before
}
