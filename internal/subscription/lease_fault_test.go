package subscription_test

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// faultLimit is how long any one thing may take in these tests.
const faultLimit = 30 * time.Second

// In each round the owner is stopped between reading its place and writing the next, for three times its lease, and goes on
// as if nothing had been. By then another owns the lease.
func TestAStoppedOwnerWritesNothing(t *testing.T) {
	databasetest.EachPlace(t, stoppedOwnerWritesNothing)
}

func stoppedOwnerWritesNothing(t *testing.T, where string) {
	t.Helper()
	rounds := 5
	if os.Getenv("BOOKING_SOAK") == "1" {
		rounds = 100
	}
	f := newFaults(t, where)
	takeovers := 0
	for tries := 0; takeovers < rounds; tries++ {
		if tries == 4*rounds {
			t.Fatalf("only %d takeovers in %d rounds", takeovers, tries)
		}
		if f.round(true) {
			takeovers++
		}
	}
	f.end()
	rows, err := readRows(t.Context(), f.db.Read)
	if err != nil {
		t.Fatal(err)
	}
	if err := wrongTerms(rows); err != nil {
		t.Error(err)
	}
	for i, r := range rows {
		if r.position != int64(i)+1 {
			t.Fatalf("row %d is of position %d", i, r.position)
		}
	}
	if n := int(highest(t.Context(), f.db.Read)); n != len(rows) {
		t.Errorf("the checkpoint is %d, with %d rows", n, len(rows))
	}
	t.Logf("%d takeovers, %d writes refused, %d rows", takeovers, f.refused, len(rows))
	if f.refused < rounds {
		t.Errorf("%d writes were refused in %d rounds: the old owners tried nothing", f.refused, rounds)
	}
}

// The same with owners that do not check their term shows that the checker above would see it.
func TestAStoppedOwnerWithoutTheCheckIsCaught(t *testing.T) {
	f := newFaults(t, databasetest.Place(t, database.SQLite), ownUnchecked+"=1")
	for range 10 {
		if f.round(false) {
			break
		}
	}
	f.end()
	rows, err := readRows(t.Context(), f.db.Read)
	if err != nil {
		t.Fatal(err)
	}
	if err := wrongTerms(rows); err == nil {
		t.Errorf("nothing is wrong with %d rows", len(rows))
	}
}

// faults are two owners in processes of their own, over the database that where names.
type faults struct {
	t       *testing.T
	db      *database.DB
	owners  [2]*process
	refused int
}

func newFaults(t *testing.T, where string, env ...string) *faults {
	t.Helper()
	db, err := openShared(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := db.Write.ExecContext(t.Context(), writes); err != nil {
		t.Fatal(err)
	}
	f := &faults{t: t, db: db}
	for i := range f.owners {
		f.owners[i] = startOwner(t, where, fmt.Sprint("owner-", i), env...)
	}
	return f
}

// round stops the owner and reports whether another took over meanwhile. With checked it waits until the old one is refused.
func (f *faults) round(checked bool) (tookOver bool) {
	f.t.Helper()
	i, term := f.owner()
	f.owners[i].signal(f.t, syscall.SIGSTOP)
	stopped := time.NewTimer(3 * processTTL)
	for over := false; !over; {
		select {
		case line, ok := <-f.owners[1-i].said:
			if !ok {
				f.t.Fatalf("the other owner has ended: %s", f.owners[1-i].log.String())
			}
			f.count(line)
		case <-stopped.C:
			over = true
		}
	}
	f.owners[i].signal(f.t, syscall.SIGCONT)
	lease, err := subscription.LoadLease(f.t.Context(), f.db.Read, "thing")
	if err != nil {
		f.t.Fatal(err)
	}
	before := highest(f.t.Context(), f.db.Read)
	tookOver = lease.Term > term
	if tookOver && checked {
		f.wait("the old owner to be refused", func() bool { return f.refusedIn(i, term) })
	}
	f.wait("work to go on", func() bool {
		f.drain()
		return highest(f.t.Context(), f.db.Read) > before+5
	})
	return tookOver
}

// owner waits until one of the two is about to write, in the term that the row is of.
func (f *faults) owner() (i int, term int64) {
	f.t.Helper()
	f.drain()
	limit := time.After(faultLimit)
	for {
		var line string
		select {
		case line = <-f.owners[0].said:
			i = 0
		case line = <-f.owners[1].said:
			i = 1
		case <-limit:
			f.t.Fatal("nobody writes")
		}
		f.count(line)
		if n, _ := fmt.Sscanf(line, "about %d", &term); n == 1 {
			return i, term
		}
	}
}

// refusedIn looks whether an owner has said that its term is over.
func (f *faults) refusedIn(i int, term int64) bool {
	for {
		select {
		case line := <-f.owners[i].said:
			f.count(line)
			if line == fmt.Sprint("refused ", term) {
				return true
			}
		default:
			return false
		}
	}
}

// drain reads what was said until now.
func (f *faults) drain() {
	for _, p := range f.owners {
		for {
			select {
			case line := <-p.said:
				f.count(line)
				continue
			default:
			}
			break
		}
	}
}

func (f *faults) count(line string) {
	var term int64
	if n, _ := fmt.Sscanf(line, "refused %d", &term); n == 1 {
		f.refused++
	}
}

// wait looks until it is so, every few milliseconds.
func (f *faults) wait(what string, done func() bool) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), faultLimit)
	defer cancel()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !done() {
		select {
		case <-look.C:
		case <-ctx.Done():
			f.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// end stops both and waits for them.
func (f *faults) end() {
	f.t.Helper()
	for _, p := range f.owners {
		p.end(f.t)
	}
}

// highest returns the position of the checkpoint.
func highest(ctx context.Context, db bun.IDB) eventstore.Position {
	at, err := subscription.LoadCheckpoint(ctx, db, "thing", "store-a")
	if err != nil {
		panic(err)
	}
	return at
}
