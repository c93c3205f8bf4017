package aggregate

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// slowly reads a counter that it has raised at its beginning, and takes a second.
type slowly struct {
	mu    sync.Mutex
	begun int
	fails error
}

func (s *slowly) read(ctx context.Context) (int, error) {
	s.mu.Lock()
	s.begun++
	n := s.begun
	s.mu.Unlock()
	select {
	case <-time.After(time.Second):
		return n, s.fails
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

func TestThoseWhoComeMeanwhileShareTheNextRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s shared[int]
		var r slowly
		var wg sync.WaitGroup
		got := make([]int, 50)
		for i := range got {
			wg.Go(func() {
				if i > 0 {
					time.Sleep(time.Duration(i) * time.Millisecond)
				}
				got[i], _ = s.get(t.Context(), "branch-a", r.read)
			})
		}
		wg.Wait()
		for i, n := range got {
			if want := min(i, 1) + 1; n != want {
				t.Errorf("number %d got read %d, want %d", i, n, want)
			}
		}
		if r.begun != 2 || len(s.streams) != 0 {
			t.Errorf("%d reads, %d streams left", r.begun, len(s.streams))
		}
	})
}

func TestStreamsDoNotShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s shared[int]
		var a, b slowly
		var wg sync.WaitGroup
		began := time.Now()
		wg.Go(func() { _, _ = s.get(t.Context(), "branch-a", a.read) })
		wg.Go(func() { _, _ = s.get(t.Context(), "branch-b", b.read) })
		wg.Wait()
		if a.begun != 1 || b.begun != 1 || time.Since(began) != time.Second {
			t.Errorf("%d and %d reads in %v", a.begun, b.begun, time.Since(began))
		}
	})
}

func TestAnErrorIsEverybodys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s shared[int]
		r := slowly{fails: errors.New("no luck")}
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if _, err := s.get(t.Context(), "branch-a", r.read); !errors.Is(err, r.fails) {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		if r.begun != 2 {
			t.Errorf("%d reads", r.begun)
		}
	})
}

// Who leads may lose patience before his read begins, or during it: the others do not suffer from it.
func TestALeaderWhoGoesLeavesTheOthersTheirRead(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"waiting": 500 * time.Millisecond, "reading": 1500 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s shared[int]
				var r slowly
				var wg sync.WaitGroup
				wg.Go(func() { _, _ = s.get(t.Context(), "branch-a", r.read) })
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), after)
				defer cancel()
				wg.Go(func() {
					if _, err := s.get(ctx, "branch-a", r.read); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("the leader got %v", err)
					}
				})
				synctest.Wait()
				wg.Go(func() {
					if n, err := s.get(t.Context(), "branch-a", r.read); n < 2 || err != nil {
						t.Errorf("the other got %d, %v", n, err)
					}
				})
				wg.Wait()
				if len(s.streams) != 0 {
					t.Errorf("%d streams left", len(s.streams))
				}
			})
		})
	}
}

func TestWhoWaitsMayGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s shared[int]
		var r slowly
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { _, _ = s.get(t.Context(), "branch-a", r.read) })
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := s.get(ctx, "branch-a", r.read); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		wg.Wait()
	})
}

// Whatever comes together, nobody gets a read that began before he asked.
func TestNobodyGetsAnOldRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		comes := rapid.SliceOfN(rapid.IntRange(0, 5000), 1, 30).Draw(rt, "comes")
		leaves := rapid.SliceOfN(rapid.IntRange(1, 5000), len(comes), len(comes)).Draw(rt, "leaves")
		synctest.Test(t, func(t *testing.T) {
			var s shared[time.Time]
			var wg sync.WaitGroup
			for i := range comes {
				wg.Go(func() {
					time.Sleep(time.Duration(comes[i]) * time.Millisecond)
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(leaves[i])*time.Millisecond)
					defer cancel()
					asked := time.Now()
					began, err := s.get(ctx, "branch-a", func(ctx context.Context) (time.Time, error) {
						began := time.Now()
						select {
						case <-time.After(time.Second):
							return began, nil
						case <-ctx.Done():
							return began, context.Cause(ctx)
						}
					})
					if err == nil && began.Before(asked) {
						t.Errorf("asked at %v and got a read of %v", asked, began)
					}
					if err != nil && ctx.Err() == nil {
						t.Errorf("got %v", err)
					}
				})
			}
			wg.Wait()
			if len(s.streams) != 0 {
				t.Errorf("%d streams left", len(s.streams))
			}
		})
	})
}
