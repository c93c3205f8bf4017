package claimkeeper_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database/databasetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(databasetest.Main(m)) }

// choices decides a history; once they are used up, everybody goes on in order.
type choices struct {
	bytes []byte
	at    int
}

func (c *choices) below(n int) int {
	if c.at >= len(c.bytes) {
		return 0
	}
	c.at++
	return int(c.bytes[c.at-1]) % n
}

// fate is mostly to go on. One in twelve steps ends in each other way for one time in seven.
func (c *choices) fate() fate {
	if c.below(8) != 7 {
		return goesOn
	}
	return fate(c.below(int(fates)))
}

// history plays what the choices say: a few commands and keepers at once, with faults at any step.
func history(tb testing.TB, c *choices, b bugs) *world {
	tb.Helper()
	w := newWorld(tb, b)
	w.stage.pick = c.below
	w.stage.meet = func(*actor, int) fate { return c.fate() }
	for range 2 + c.below(4) {
		w.do(deed{
			verb: verb(c.below(int(verbs))), booking: c.below(2), member: c.below(3), slot: c.below(4), key: c.below(3),
		})
	}
	for range c.below(4) {
		w.keep(4*c.below(8), max(0, c.below(6)-3), c.below(4) == 3)
	}
	w.stage.play()
	return w
}

// tally adds up what happened in many histories, to prove that it did.
type tally struct {
	histories, accepted, fenced, released int
	refused                               map[domain.Code]int
	fates                                 [fates]int
}

func (t *tally) add(w *world) {
	t.histories++
	t.accepted += len(w.accepted)
	t.fenced += w.keeper.Fenced
	t.released += w.keeper.Released
	for code, n := range w.refused {
		t.refused[code] += n
	}
	for f, n := range w.stage.count {
		t.fates[f] += n
	}
}

func TestNoHistoryBreaksAPromise(t *testing.T) {
	t.Parallel()
	sum := tally{refused: map[domain.Code]int{}}
	for range 15 {
		rapid.Check(t, func(rt *rapid.T) {
			c := &choices{bytes: rapid.SliceOfN(rapid.Byte(), 40, 400).Draw(rt, "choices")}
			w := history(t, c, bugs{})
			if err := w.verdict(); err != nil {
				for _, a := range w.stage.actors {
					rt.Logf("%s: %d steps", a.name, a.step)
				}
				rt.Fatal(err)
			}
			sum.add(w)
		})
	}
	t.Logf("%+v", sum)
	if sum.accepted == 0 || sum.fenced == 0 || sum.released == sum.fenced ||
		sum.refused[domain.CodeSlotUnavailable] == 0 || sum.refused[domain.CodeUnavailable] == 0 {
		t.Errorf("too little happened: %+v", sum)
	}
	for f, n := range sum.fates {
		if n == 0 {
			t.Errorf("nobody ever met fate %d", f)
		}
	}
}

func randomChoices(r *rand.Rand, n int) *choices {
	c := &choices{bytes: make([]byte, n)}
	for i := range c.bytes {
		c.bytes[i] = byte(r.Uint32())
	}
	return c
}

// firstViolation plays random histories until one breaks a promise.
func firstViolation(tb testing.TB, b bugs, atMost int) (int, error) {
	tb.Helper()
	for seed := range atMost {
		r := rand.New(rand.NewPCG(uint64(seed), 1)) //nolint:gosec // a test wants the same histories each time
		if err := history(tb, randomChoices(r, 400), b).verdict(); err != nil {
			return seed + 1, err
		}
	}
	return atMost, nil
}

func TestSownFaultsAreFound(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]bugs{
		"claim ids are reused between attempts": {reusedIDs: true},
		"the keeper releases without a fence":   {noFences: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := firstViolation(t, b, 5000)
			if err == nil {
				t.Fatalf("%d histories hide the fault", n)
			}
			t.Log(fmt.Sprintf("history %d", n), err)
		})
	}
	if n, err := firstViolation(t, bugs{}, 500); err != nil {
		t.Errorf("history %d without faults: %v", n, err)
	}
}
