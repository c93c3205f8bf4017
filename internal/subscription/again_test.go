package subscription_test

import (
	"context"
	"errors"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
)

var errAnswerLost = errors.New("the answer of the commit is lost")

// inDoubt writes a row an event and its checkpoint, as the simplest consumer does. Its first commit goes through, but it is told
// that nobody knows.
type inDoubt struct {
	db   *database.DB
	lost bool
}

func (*inDoubt) Name() string { return "counting" }

func (c *inDoubt) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	return subscription.LoadCheckpoint(ctx, c.db.Read, "counting", "store-a")
}

func (c *inDoubt) Handle(ctx context.Context, b subscription.Batch) error {
	err := c.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for range b.Events {
			if err := writeRow(ctx, tx, written{position: int64(b.Position)}); err != nil {
				return err
			}
		}
		return subscription.SaveCheckpoint(ctx, tx, "counting", "store-a", b.Position)
	})
	if err == nil && !c.lost {
		c.lost = true
		return errAnswerLost
	}
	return err
}

// TestABatchWhoseCommitIsInDoubtCountsOnce on both databases.
func TestABatchWhoseCommitIsInDoubtCountsOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		if _, err := db.Write.ExecContext(t.Context(), writes); err != nil {
			t.Fatal(err)
		}
		source, c := newSource(), &inDoubt{db: db}
		source.add(5)
		ctx, stop := context.WithCancel(t.Context())
		r := &subscription.Runner{Source: source, Handler: c}
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		if err := r.WaitFor(ctx, 50); err != nil {
			t.Fatal(err)
		}
		source.add(2) // what follows is not taken for a repetition
		if err := r.WaitFor(ctx, 70); err != nil {
			t.Fatal(err)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		rows, err := readRows(t.Context(), db.Read)
		if err != nil || len(rows) != 7 || !c.lost {
			t.Errorf("%d rows, lost %v, %v", len(rows), c.lost, err)
		}
	})
}
