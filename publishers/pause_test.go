package publishers_test

import (
	"context"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
)

func TestThePublisherIsHeldBackUntilItIsResumed(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Publisher, func(t *testing.T, db *database.DB) {
		t.Helper()
		o := publishers.Operator{DB: db}
		ctx, stop := context.WithCancel(t.Context())
		told, done := make(chan bool), make(chan struct{})
		go func() {
			defer close(done)
			o.Follow(ctx, func(held bool) {
				select {
				case told <- held:
				case <-ctx.Done():
				}
			})
		}()
		defer func() { stop(); <-done }()
		becomes := func(want bool) {
			t.Helper()
			for deadline := time.After(20 * time.Second); ; {
				select {
				case held := <-told:
					if held == want {
						return
					}
				case <-deadline:
					t.Fatalf("it is never told that it is %t", want)
				}
			}
		}
		becomes(false)
		first, err := o.Pause(t.Context(), "usr_one")
		if err != nil || !first.Paused || first.PausedBy != "usr_one" || time.Since(first.PausedAt) > time.Minute {
			t.Errorf("%+v, %v", first, err)
		}
		becomes(true)
		if again, err := o.Pause(t.Context(), "usr_two"); err != nil || again != first {
			t.Errorf("a second pause: %+v, %v", again, err)
		}
		for range 2 {
			if s, err := o.Resume(t.Context()); err != nil || s.Paused {
				t.Errorf("%+v, %v", s, err)
			}
		}
		becomes(false)
	})
}
