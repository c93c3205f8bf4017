package demo

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

// town is what all people share: the ways into the engine, the salons, and the books.
type town struct {
	Config
	api    *api
	pacer  *pacer
	books  *check.Books
	board  *board
	salons []*salon
	pages  sync.WaitGroup // everything that runs until the end
	// receipts is the highest position of a receipt: the log must show at least that much.
	receipts atomic.Uint64
}

// openers is how many pages or requests are under way at once while the town opens.
const openers = 8

func newTown(c Config) *town {
	return &town{
		Config: c, api: newAPI(c.API, c.concurrency()), pacer: newPacer(), books: &check.Books{}, board: newBoard(c.Rate),
	}
}

// concurrency is how many commands may be under way at once: enough for half a second's worth, so that the pace stays even
// over a slow moment, and bounded, so that an engine that cannot keep up is not buried.
func (c Config) concurrency() int { return max(48, int(c.Rate/2)) }

// open casts the salons, makes the engine know them, and opens everybody's pages.
func (t *town) open(ctx context.Context) error {
	d := newDice(t.Seed, 0)
	for i := range t.branches() {
		s, err := newSalon(d, t.Seed, i, time.Now())
		if err != nil {
			return err
		}
		t.salons = append(t.salons, s)
	}
	if err := t.seed(ctx, d); err != nil {
		return fmt.Errorf("seed branches: %w", err)
	}
	// The pages outlive the group, and so they get a context that does too.
	var group errgroup.Group
	group.SetLimit(openers)
	people := 0
	for _, s := range t.salons {
		people += len(s.people())
		for _, opening := range t.openings(s) {
			group.Go(func() error { return opening(ctx) })
		}
	}
	t.board.opened(len(t.salons), people)
	return group.Wait()
}

// openings lists how to open each page of the salon. The receptionist has two, the queue and the schedule, as at a real
// desk: the messages for both would be too many for one connection of a busy branch.
func (t *town) openings(s *salon) []func(context.Context) error {
	var dates []string
	for _, date := range s.diary.dates() {
		dates = append(dates, dateChannel(s.branchID, date))
	}
	list := []func(context.Context) error{
		t.opening(s.desk, "queue", bookingsPath, queueChannel(s.branchID)),
		t.opening(s.desk, "schedule", "", dates...),
	}
	for _, g := range s.guests {
		list = append(list, t.opening(g, "customer", bookingsPath, customerChannel(g.ID)))
	}
	for _, m := range s.staff {
		list = append(list, t.opening(m.person, "staff", "", staffChannel(m.StaffID)))
	}
	return list
}

// opening opens a page that stays until the end. The one that shows bookings is what its owner decides by.
func (t *town) opening(owner *person, name, source string, channels ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		p, err := t.openPage(ctx, owner, name, "", source, channels...)
		if err != nil {
			return err
		}
		if source != "" {
			owner.page = p
		}
		t.pages.Go(func() {
			defer p.leave(ctx)
			p.run(ctx)
		})
		return nil
	}
}

// saw remembers how far the log must have come.
func (t *town) saw(p eventstore.Position) {
	for {
		old := t.receipts.Load()
		if uint64(p) <= old || t.receipts.CompareAndSwap(old, uint64(p)) {
			return
		}
	}
}
