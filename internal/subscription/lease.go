package subscription

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

// Defaults of Lease.
const (
	DefaultTTL  = 10 * time.Second
	DefaultRest = 30 * time.Second
)

// Parts of a TTL.
const (
	// renewals is how often a lease is renewed in its time: twice it may fail.
	renewals = 3
	// marginParts is which part of its time an owner does not make use of: he stops that much before others may begin.
	marginParts = 10
	// longestPoll bounds how long one who waits does not look: an owner that resigns is followed within this time.
	longestPoll = time.Second
)

// ErrLeaseLost is why the context of an owner ends when somebody else may have taken the lease, or is about to.
var ErrLeaseLost = errors.New("the lease may be lost")

// Lease makes one of several competitors the owner of something, by a row of the table "leases". Each ownership is a term, and
// terms only rise.
//
// An owner can be paused for any length of time between two of his instructions, and then still believe that he is one. So
// the time of a lease only says when others may take over; that nothing of an old term is written is ensured by CheckTerm
// (and so by SaveCheckpoint) in the transaction that writes.
//
// The fields are set before Run and not changed afterwards. DB, StoreID, Name and Owner are required.
type Lease struct {
	DB      *database.DB
	StoreID string // the identity of the connected event store
	Name    string // what is owned; by convention a consumer's name in checkpoints
	Owner   string // who competes: never the same for two processes
	// TTL is how long an owner that is not heard of keeps the lease. Defaults to DefaultTTL.
	TTL time.Duration
	// Rest is how long one who failed waits before he competes again. Defaults to DefaultRest.
	Rest time.Duration
	// Exclusive says that nobody else can be there, because something stronger than a row keeps others out of the database:
	// the lease is taken whatever the row says and is neither renewed nor lost. Otherwise a process that comes after one that
	// was killed would wait for it. Nobody else must ever compete for the row by time: to him it is taken for ever.
	Exclusive bool
	// Standby is told each time that the lease is found in another's hands. Nil: nobody is.
	Standby func(held LeaseStatus)
	// Logger gets one line for each change of hands. Nil: nothing is logged.
	Logger *slog.Logger
	// Now tells the time in the transaction: it must be the same clock for all competitors. Defaults to the database's.
	Now func(ctx context.Context, tx bun.IDB) (time.Time, error)
	// Jitter draws from [0, 1). Defaults to a random source.
	Jitter func() float64
}

// Run competes until ctx ends, and then returns nil. As often as it gets the lease it calls fn, with a context that carries
// the term (see Term and CheckTerm) and that ends with ctx, or with ErrLeaseLost as its cause as soon as the lease may be lost:
// a renewal has found another term, or none has succeeded for so long that others may soon take over. While fn finishes
// after the end of ctx the lease is still renewed.
//
// When fn returns, the lease is free for others at once. After an error of its own it rests before it competes again, so that
// another may try; after nil it competes at once. Trouble of the database is waited out. The only error is a
// *ForeignStoreError: the row belongs to another store.
func (l *Lease) Run(ctx context.Context, fn func(ctx context.Context) error) error {
	set := l.withDefaults()
	for {
		g, err := set.compete(ctx)
		switch {
		case ctx.Err() != nil && g.term == 0:
			return nil
		case err != nil:
			return err
		}
		if rest := set.own(ctx, g, fn); rest {
			sleep(ctx, set.Rest)
		}
	}
}

func (l *Lease) withDefaults() *Lease {
	set := *l
	if set.TTL <= 0 {
		set.TTL = DefaultTTL
	}
	if set.Rest <= 0 {
		set.Rest = DefaultRest
	}
	if set.Standby == nil {
		set.Standby = func(LeaseStatus) {}
	}
	if set.Logger == nil {
		set.Logger = slog.New(slog.DiscardHandler)
	}
	set.Logger = set.Logger.With(slog.String("lease", set.Name))
	if set.Now == nil {
		set.Now = databaseNow
	}
	if set.Jitter == nil {
		set.Jitter = rand.Float64
	}
	return &set
}

// spread shortens a time by up to a quarter, so that those who began together do not go on together.
func (l *Lease) spread(d time.Duration) time.Duration {
	return d - time.Duration(l.Jitter()*float64(d/4))
}

// sleep waits, or ends early with ctx.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
