package claimkeeper

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/commands/internal/staffdays"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// Name is the keeper's name in checkpoints, logs and metrics.
const Name = "claim-keeper"

// defaultDroppedGrace is longer than a command takes to release what it dropped.
const defaultDroppedGrace = 3 * time.Second

// defaultRetry is how long a claim that was looked at is left alone.
const defaultRetry = 5 * time.Second

// Config is what a Keeper needs. Store, DB, StoreID and Deadline are required.
type Config struct {
	Store aggregate.Store
	// DB holds the table claim_keeper_claims and the checkpoints.
	DB *database.DB
	// StoreID is the identity of the store; a database that belongs to another one is refused.
	StoreID string
	// Deadline is that of commands: after twice as long, a claim that no booking names is looked at.
	Deadline time.Duration

	DroppedGrace time.Duration // how long a command has for its own clean-up; 3 s
	Retry        time.Duration // pause before a claim is looked at again; 5 s
	Logger       *slog.Logger  // discards
	Now          func() time.Time
	// Jitter returns a duration in [0, limit); random. It spreads repeats after a conflict.
	Jitter func(limit time.Duration) time.Duration
}

// Keeper settles claims. Give it to a subscription.Runner, and run Run beside it.
type Keeper struct {
	db      *database.DB
	storeID string
	graces  graces
	retry   time.Duration
	log     *slog.Logger
	now     func() time.Time
	settler settler
	wake    chan struct{} // holds one token when something may have become due
}

// Keeper is a consumer of the log.
var _ subscription.Handler = (*Keeper)(nil)

// New returns a Keeper, or says what the Config lacks. It starts nothing.
func New(c Config) (*Keeper, error) {
	if c.Store == nil || c.DB == nil || c.StoreID == "" || c.Deadline <= 0 {
		return nil, errors.New("claim keeper needs a store, its id, a database and the deadline of commands")
	}
	k := &Keeper{
		db: c.DB, storeID: c.StoreID, log: c.Logger, now: c.Now, retry: c.Retry,
		graces: graces{placed: 2 * c.Deadline, dropped: c.DroppedGrace},
		wake:   make(chan struct{}, 1),
	}
	if k.graces.dropped <= 0 {
		k.graces.dropped = defaultDroppedGrace
	}
	if k.retry <= 0 {
		k.retry = defaultRetry
	}
	if k.log == nil {
		k.log = slog.New(slog.DiscardHandler)
	}
	if k.now == nil {
		k.now = time.Now
	}
	jitter := c.Jitter
	if jitter == nil {
		jitter = func(limit time.Duration) time.Duration { return rand.N(limit) }
	}
	k.settler = settler{
		store: c.Store, now: k.now,
		days: staffdays.Days{Loader: staffdays.NewLoader(c.Store), Log: k.log, Pause: func(ctx context.Context, repeat int) error {
			return aggregate.Pause(ctx, jitter(10*time.Millisecond<<min(repeat-1, 4)))
		}},
	}
	return k, nil
}

// Name returns Name.
func (k *Keeper) Name() string { return Name }

// Checkpoint returns where the keeper stands.
func (k *Keeper) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	return subscription.LoadCheckpoint(ctx, k.db.Read, Name, k.storeID)
}

// Handle folds the batch into the rows, which become durable with the checkpoint or not at all. It settles nothing: that
// would hold up the log.
func (k *Keeper) Handle(ctx context.Context, b subscription.Batch) error {
	err := k.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := k.fold(ctx, tx, b.Events); err != nil {
			return err
		}
		return subscription.SaveCheckpoint(ctx, tx, Name, k.storeID, b.Position)
	})
	if err != nil {
		return err
	}
	select {
	case k.wake <- struct{}{}:
	default: // a token is there already
	}
	return nil
}

func (k *Keeper) fold(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) error {
	bookings := subjects(events)
	if len(bookings) == 0 {
		return nil
	}
	before, err := readLedger(ctx, tx, bookings)
	if err != nil {
		return err
	}
	after, now := maps.Clone(before), k.now().UTC()
	for _, e := range events {
		after.apply(e, now, k.graces)
	}
	return writeLedger(ctx, tx, before, after)
}

func subjects(events []eventstore.Recorded) []string {
	seen := map[string]bool{}
	var ids []string
	for _, e := range events {
		if id := subject(e.Event); id != "" && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}
