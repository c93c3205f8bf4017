package subscription_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/subscription"
)

const ttl = 10 * time.Second

// inLeases runs a test in virtual time, over a database. The competitors end before it does.
func inLeases(t *testing.T, test func(t *testing.T, w *leaseWorld)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &leaseWorld{t: t, db: openCopy(t)}
		// Nobody pulls a plug here, and there are many small transactions.
		if _, err := w.db.Write.ExecContext(t.Context(), `PRAGMA synchronous = OFF`); err != nil {
			t.Fatal(err)
		}
		var all context.Context
		all, w.stopAll = context.WithCancel(t.Context())
		w.ctx = all
		defer w.running.Wait()
		defer w.stopAll()
		test(t, w)
	})
}

// template is a database with its tables: to make them takes longer than most of these tests.
var template struct {
	once  sync.Once
	bytes []byte
}

func openCopy(t *testing.T) *database.DB {
	t.Helper()
	template.once.Do(func() {
		path := filepath.Join(t.TempDir(), "template.db")
		db, err := openShared(t.Context(), path)
		if err == nil {
			err = db.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		if template.bytes, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	})
	path := filepath.Join(t.TempDir(), "engine.db")
	if err := os.WriteFile(path, template.bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := openShared(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return db
}

type leaseWorld struct {
	t       *testing.T
	db      *database.DB
	ctx     context.Context
	stopAll context.CancelFunc
	running sync.WaitGroup
}

func (w *leaseWorld) row() subscription.LeaseStatus {
	w.t.Helper()
	s, err := subscription.LoadLease(w.t.Context(), w.db.Read, "thing")
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// competitor is one process.
type competitor struct {
	w      *leaseWorld
	lease  subscription.Lease
	began  chan *ownership
	stop   context.CancelFunc
	ended  chan error
	mu     sync.Mutex
	broken error
	waits  int
}

// ownership is one term of a competitor. It ends when its context does, or when it is told to.
type ownership struct {
	ctx  context.Context
	term int64
	at   time.Time
	end  chan error
	stay bool // it does not heed its context
}

// compete starts a competitor.
func (w *leaseWorld) compete(owner string, change func(l *subscription.Lease)) *competitor {
	c := w.competitor(owner, change)
	c.start()
	return c
}

// competitor makes one that has not started.
func (w *leaseWorld) competitor(owner string, change func(l *subscription.Lease)) *competitor {
	c := &competitor{w: w, began: make(chan *ownership, 100), ended: make(chan error, 1)}
	c.lease = subscription.Lease{
		DB: w.db, StoreID: "store-a", Name: "thing", Owner: owner, TTL: ttl, Jitter: func() float64 { return 0 }, Now: c.now,
		Standby: func(subscription.LeaseStatus) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.waits++
		},
	}
	if change != nil {
		change(&c.lease)
	}
	return c
}

func (c *competitor) start() {
	var ctx context.Context
	ctx, c.stop = context.WithCancel(c.w.ctx)
	c.w.running.Go(func() { c.ended <- c.lease.Run(ctx, c.own) })
}

// now is the clock of the database, as this competitor gets to read it.
func (c *competitor) now(context.Context, bun.IDB) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now(), c.broken
}

// away makes the database fail for this competitor alone; nil mends it.
func (c *competitor) away(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = err
}

func (c *competitor) waited() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waits
}

func (c *competitor) own(ctx context.Context) error {
	o := &ownership{ctx: ctx, term: subscription.Term(ctx), at: time.Now(), end: make(chan error, 1)}
	c.began <- o
	select {
	case err := <-o.end:
		return err
	case <-ctx.Done():
		if o.stay {
			return <-o.end
		}
		return nil
	}
}

// owns waits until the competitor owns the lease, for a day at the most.
func (c *competitor) owns() *ownership {
	c.w.t.Helper()
	select {
	case o := <-c.began:
		return o
	case <-time.After(24 * time.Hour):
		c.w.t.Fatalf("%s never gets the lease; the row is %+v", c.lease.Owner, c.w.row())
		return nil
	}
}

// over waits until the competitor has ended.
func (c *competitor) over() {
	c.w.t.Helper()
	if err := <-c.ended; err != nil {
		c.w.t.Errorf("run: %v", err)
	}
}

func (c *competitor) ownsNot() {
	c.w.t.Helper()
	select {
	case o := <-c.began:
		c.w.t.Errorf("%s owns the lease, in term %d", c.lease.Owner, o.term)
	default:
	}
}

// save writes a checkpoint as the owner, whatever his context says.
func (o *ownership) save(w *leaseWorld, pos int) error {
	return w.db.InTx(context.WithoutCancel(o.ctx), func(ctx context.Context, tx bun.Tx) error {
		return errors.Join(subscription.CheckTerm(ctx, tx), subscription.SaveCheckpoint(ctx, tx, "thing", "store-a", eventPosition(pos)))
	})
}
