package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/subscription"
)

// schedule is what one competitor does in a run, in seconds and in turn. When a list is over, its zero comes.
type schedule struct {
	Stalls []int // how long it stands still at each renewal and each look
	Thinks []int // how long it takes from reading its place to writing the next, whatever becomes of the lease meanwhile
	Leaves []int // after how many writes it leaves in each term; 0: never
	Fails  []bool
}

func drawSchedule(rt *rapid.T, label string) schedule {
	// Most are short, and those that matter are longer than the lease.
	pause := rapid.OneOf(rapid.IntRange(0, 2), rapid.IntRange(8, 25))
	return schedule{
		Stalls: rapid.SliceOfN(pause, 0, 12).Draw(rt, label+" stalls"),
		Thinks: rapid.SliceOfN(pause, 0, 12).Draw(rt, label+" thinks"),
		Leaves: rapid.SliceOfN(rapid.IntRange(0, 4), 0, 6).Draw(rt, label+" leaves"),
		Fails:  rapid.SliceOfN(rapid.Bool(), 0, 6).Draw(rt, label+" fails"),
	}
}

func next[T any](list *[]T) (first T) {
	if len(*list) > 0 {
		first, *list = (*list)[0], (*list)[1:]
	}
	return first
}

// arena is where competitors meet.
type arena struct {
	w       *leaseWorld
	checked bool // writes check the term

	mu        sync.Mutex
	owners    map[string]context.Context
	terms     []int64
	takeovers int
	refused   int
	wrong     error
}

func (a *arena) blame(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.wrong == nil {
		a.wrong = err
	}
}

// enter notes a new term. By the clock that all share here, no owner may still trust the one before.
func (a *arena) enter(ctx context.Context, owner string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for other, theirs := range a.owners {
		if theirs.Err() == nil && a.wrong == nil {
			a.wrong = fmt.Errorf("%s begins while %s still owns", owner, other)
		}
	}
	a.owners[owner] = ctx
	term := subscription.Term(ctx)
	if n := len(a.terms); n > 0 && term <= a.terms[n-1] && a.wrong == nil {
		a.wrong = fmt.Errorf("term %d follows %d", term, a.terms[n-1])
	}
	a.terms = append(a.terms, term)
}

func (a *arena) own(ctx context.Context, owner string, s *schedule) error {
	a.enter(ctx, owner)
	leave, fail := next(&s.Leaves), next(&s.Fails)
	for n := 1; ; n++ {
		at, err := subscription.LoadCheckpoint(context.WithoutCancel(ctx), a.w.db.Read, "thing", "store-a")
		if err != nil {
			return err
		}
		// It does not look at its context: what it is about to write may have been on its way for any time.
		time.Sleep(3*time.Second + time.Duration(next(&s.Thinks))*time.Second)
		err = a.write(ctx, written{position: int64(at) + 1, term: subscription.Term(ctx), owner: owner})
		switch {
		case errors.Is(err, subscription.ErrTermOver):
			a.mu.Lock()
			defer a.mu.Unlock()
			a.refused++
			return nil
		case err != nil:
			a.blame(err)
			return nil
		case ctx.Err() != nil:
			return nil
		case n == leave && fail:
			return errors.New("cannot apply")
		case n == leave:
			return nil
		}
	}
}

func (a *arena) write(ctx context.Context, r written) error {
	ctx = context.WithoutCancel(ctx)
	return a.w.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if a.checked {
			if err := subscription.SaveCheckpoint(ctx, tx, "thing", "store-a", eventPosition(int(r.position))); err != nil {
				return err
			}
		}
		return writeRow(ctx, tx, r)
	})
}

// compete runs the schedules, each as a process would, for a minute and a half.
func (a *arena) compete(schedules []schedule) {
	if _, err := a.w.db.Write.ExecContext(a.w.ctx, writes); err != nil {
		a.blame(err)
		return
	}
	for i := range schedules {
		s, owner := &schedules[i], string(rune('a'+i))
		lease := subscription.Lease{
			DB: a.w.db, StoreID: "store-a", Name: "thing", Owner: owner, TTL: ttl,
			Jitter: func() float64 {
				a.mu.Lock()
				stall := next(&s.Stalls)
				a.mu.Unlock()
				time.Sleep(time.Duration(stall) * time.Second)
				return 0
			},
		}
		a.w.running.Go(func() {
			if err := lease.Run(a.w.ctx, func(ctx context.Context) error { return a.own(ctx, owner, s) }); err != nil {
				a.blame(err)
			}
		})
	}
	time.Sleep(90 * time.Second)
	a.w.stopAll()
	a.w.running.Wait()
	rows, err := readRows(context.Background(), a.w.db.Read)
	a.blame(errors.Join(err, wrongTerms(rows)))
	for i := 1; i < len(rows); i++ {
		if rows[i].owner != rows[i-1].owner {
			a.takeovers++
		}
	}
	if a.wrong == nil && len(rows) == 0 {
		a.wrong = errors.New("nobody has written anything")
	}
}

// Whoever stands still for however long: no position is written twice, terms rise, and nothing of an old term lands.
func TestNoOldTermIsWritten(t *testing.T) {
	takeovers, refused := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		schedules := make([]schedule, rapid.IntRange(2, 3).Draw(rt, "owners"))
		for i := range schedules {
			schedules[i] = drawSchedule(rt, string(rune('a'+i)))
		}
		var a *arena
		inLeases(t, func(_ *testing.T, w *leaseWorld) { // rapid's own T must not be used in the bubble
			a = &arena{w: w, checked: true, owners: map[string]context.Context{}}
			a.compete(schedules)
		})
		takeovers, refused = takeovers+a.takeovers, refused+a.refused
		if a.wrong != nil {
			rt.Fatal(a.wrong)
		}
	})
	if takeovers == 0 || refused == 0 {
		t.Errorf("%d takeovers, %d writes refused: nothing was tried", takeovers, refused)
	}
}

// The same without the check in the transaction: one that thinks for longer than its lease writes over the next.
func TestWithoutTheCheckAnOldTermIsWritten(t *testing.T) {
	inLeases(t, func(t *testing.T, w *leaseWorld) {
		t.Helper()
		a := &arena{w: w, owners: map[string]context.Context{}}
		a.compete([]schedule{{Stalls: []int{0, 25}, Thinks: []int{0, 25}}, {}})
		synctest.Wait()
		if a.wrong == nil {
			t.Error("nothing is wrong")
		}
	})
}
