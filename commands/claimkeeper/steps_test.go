package claimkeeper_test

import (
	"fmt"
	"testing"
)

// everyVerb is one deed of each kind; all but the last two want Zoe.
func everyVerb() []deed {
	return []deed{
		{verb: request, member: 2}, {verb: approve, member: 2}, {verb: assign, member: 2}, {verb: reject}, {verb: cancel},
	}
}

// rival wants Zoe at the time at which every deed of everyVerb wants her.
var rival = deed{verb: approve, booking: 1, member: 2, key: 9}

// steps returns how many steps the deed takes when nothing befalls it.
func steps(tb testing.TB, d deed) int {
	tb.Helper()
	w := newWorld(tb, bugs{})
	a := w.do(d)
	w.stage.play()
	if len(w.accepted) != 1 {
		tb.Fatalf("%v was refused: %v", d, w.refused)
	}
	return a.step
}

// meets gives an actor its fate at a step.
func (w *world) meets(a *actor, step int, f fate) {
	next := w.stage.meet
	w.stage.meet = func(b *actor, s int) fate {
		if a == b && s == step {
			return f
		}
		return next(b, s)
	}
}

func TestEveryFaultAtEveryStepLeavesOrder(t *testing.T) {
	t.Parallel()
	for _, d := range everyVerb() {
		for step := range steps(t, d) {
			for f := crashes; f < fates; f++ {
				w := newWorld(t, bugs{})
				w.meets(w.do(d), step, f)
				w.stage.play()
				w.do(rival)
				w.stage.play()
				if w.stage.count[f] == 0 {
					t.Fatalf("%v met nothing at step %d", d, step)
				}
				if err := w.verdict(); err != nil {
					t.Errorf("%v, fate %d at step %d: %v", d, f, step, err)
				}
			}
		}
	}
}

// The command freezes at a step. A keeper comes, which freezes or crashes at a step of its own, then a rival and another
// keeper; then those who are frozen go on, in either order.
func TestACommandFrozenAnywhereResumesAfterTheKeeper(t *testing.T) {
	t.Parallel()
	const keeperSteps = 10
	for _, d := range everyVerb() {
		for step := range steps(t, d) {
			for k := range keeperSteps {
				for _, f := range []fate{goesOn, freezes, crashes} {
					for order := range 2 {
						if err := frozen(t, d, step, k, f, order); err != nil {
							t.Errorf("%v frozen at %d, keeper fate %d at %d, order %d: %v", d, step, f, k, order, err)
						}
					}
					if f == goesOn {
						break
					}
				}
			}
		}
	}
}

func frozen(tb testing.TB, d deed, step, keeperStep int, f fate, order int) error {
	tb.Helper()
	w := newWorld(tb, bugs{})
	w.meets(w.do(d), step, freezes)
	w.stage.pick = func(n int) int {
		if len(w.stage.actors) < 4 {
			return 0
		}
		return order * (n - 1)
	}
	thaw := w.stage.hold()
	w.stage.play()
	w.keep(0, 0, false)
	w.meets(w.stage.actors[1], keeperStep, f)
	w.stage.play()
	w.do(rival)
	w.stage.play()
	w.keep(0, 0, true)
	w.stage.play()
	thaw()
	w.stage.play()
	if w.stage.count[freezes] == 0 {
		return fmt.Errorf("nobody froze")
	}
	return w.verdict()
}
