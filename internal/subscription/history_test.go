package subscription_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
)

// shelf is a log as the checks see it.
type shelf struct {
	head   eventstore.Position
	events map[eventstore.Position]uuid.UUID
	err    error
}

func (s shelf) Head(context.Context) (eventstore.Position, error) { return s.head, s.err }

func (s shelf) EventAt(_ context.Context, at eventstore.Position) (uuid.UUID, bool, error) {
	id, found := s.events[at]
	return id, found, s.err
}

func TestALogThatWasPutBackIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openDatabase(t)
		handled := uuid.New()
		source := newSource()
		source.add(3)
		source.log[2].Event.ID = handled
		source.advance() // the checkpoint lies past the last event
		ctx, stop := context.WithCancel(t.Context())
		r := &subscription.Runner{Source: source, Handler: keepsPlace{counting{db, "s"}}}
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		<-r.CaughtUp()
		synctest.Wait()
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		same := map[eventstore.Position]uuid.UUID{30: handled}
		away := errors.New("away")
		for name, tt := range map[string]struct {
			log  shelf
			want eventstore.Position // of the event that is missing; 0: nothing is wrong
			err  error
		}{
			"the same log":             {log: shelf{head: 40, events: same}},
			"the same log, grown":      {log: shelf{head: 4000, events: same}},
			"an older state":           {log: shelf{head: 20}, want: 40},
			"an older state, regrown":  {log: shelf{head: 70, events: map[eventstore.Position]uuid.UUID{30: uuid.New()}}, want: 30},
			"regrown in other strides": {log: shelf{head: 70}, want: 30},
			"a log that is away":       {log: shelf{err: away}, err: away},
		} {
			err := subscription.CheckHistory(t.Context(), db.Read, tt.log)
			lost, is := errors.AsType[*subscription.LostHistoryError](err)
			switch {
			case tt.err != nil:
				if !errors.Is(err, tt.err) {
					t.Errorf("%s: %v", name, err)
				}
			case tt.want == 0:
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			case !is || lost.Position != tt.want || lost.Name != "counting" || strings.Contains(err.Error(), "\n"):
				t.Errorf("%s: %v, want position %d", name, err, tt.want)
			}
		}
		if err := subscription.CheckReached(t.Context(), "publisher", 41, shelf{head: 40}); err == nil {
			t.Error("a plan beyond the end of the log was accepted")
		}
		if err := subscription.CheckReached(t.Context(), "publisher", 40, shelf{head: 40}); err != nil {
			t.Errorf("a plan up to the end of the log: %v", err)
		}
	})
}

// keepsPlace commits positions only.
type keepsPlace struct{ counting }

func (k keepsPlace) Handle(ctx context.Context, b subscription.Batch) error {
	return subscription.SaveCheckpoint(ctx, k.db.Write, k.Name(), k.store, b.Position)
}

// A handler that commits less than its batch must not note an event that it has not handled.
func TestOnlyWhatIsHandledIsNoted(t *testing.T) {
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		source := newSource()
		source.add(2)
		ctx, stop := context.WithCancel(t.Context())
		r := &subscription.Runner{Source: source, Handler: halfway{counting{db, "s"}}}
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		<-r.CaughtUp()
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		var position int
		var noted bool
		err := db.Read.QueryRowContext(t.Context(), `SELECT position, event_id IS NOT NULL FROM checkpoints`).Scan(&position, &noted)
		if err != nil || position == 0 || noted {
			t.Errorf("position %d, noted %v, %v", position, noted, err)
		}
	})
}

// halfway commits a position just before the end of each batch.
type halfway struct{ counting }

func (h halfway) Handle(ctx context.Context, b subscription.Batch) error {
	if len(b.Events) == 0 {
		return nil
	}
	return subscription.SaveCheckpoint(ctx, h.db.Write, h.Name(), h.store, b.Position-1)
}
