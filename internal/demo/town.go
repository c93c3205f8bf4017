package demo

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/royalglow/booking/domain"
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

	mu    sync.Mutex
	shown []*page // those that are open
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

// build casts the salons, makes the engine know them, and opens everybody's pages.
func (t *town) build(ctx context.Context) error {
	d := newDice(t.Seed, 0)
	owner := newPerson(User{ID: d.id(domain.UserPrefix), Name: d.fullName(), Role: domain.RoleOwner})
	for i := range t.branches() {
		s, err := newSalon(d, t.Seed, i, owner)
		if err != nil {
			return err
		}
		s.open()
		t.salons = append(t.salons, s)
	}
	t.board.opened(t.salons)
	if err := t.seed(ctx, owner); err != nil {
		return fmt.Errorf("seed branches: %w", err)
	}
	// The pages outlive the group, and so they get a context that does too.
	var group errgroup.Group
	group.SetLimit(openers)
	for _, s := range t.salons {
		for _, o := range t.openings(s) {
			group.Go(func() error { return t.stay(ctx, o) })
		}
	}
	return group.Wait()
}

// openings lists the pages of the salon. The receptionist has two, the queue and the schedule, as at a real desk: the messages
// for both would be too many for one connection of a busy branch.
func (t *town) openings(s *salon) []opening {
	queue, leaves := queueChannel(s.branchID), leaveChannel(s.branchID)
	s.queue = t.newCards(s.desk, queue, s.branchID)
	s.leaves = t.newApplications(s.manager, leaves, s.branchID)
	var days []string
	for _, date := range s.dates() {
		days = append(days, dateChannel(s.branchID, date))
	}
	list := []opening{
		{owner: s.desk, name: "queue", channels: []string{queue}, shows: []content{s.queue}},
		{owner: s.desk, name: "schedule", channels: days, shows: []content{t.newChart(s.desk, s.branchID, s.zone, s.dates())}},
		{owner: s.manager, name: "leave", channels: []string{leaves}, shows: []content{s.leaves}},
	}
	for _, g := range s.guests {
		channel := customerChannel(g.ID)
		g.cards = t.newCards(g, channel, "")
		list = append(list, opening{owner: g, name: "customer", channels: []string{channel}, shows: []content{g.cards}})
	}
	for _, m := range s.members() {
		channel := staffChannel(m.StaffID)
		m.rota = t.newRota(m, channel, s.zone)
		list = append(list, opening{owner: m.person, name: "staff", channels: []string{channel}, shows: []content{m.rota}})
	}
	return list
}

// stay opens a page that stays until the end.
func (t *town) stay(ctx context.Context, o opening) error {
	p, err := t.openPage(ctx, o)
	if err != nil {
		return err
	}
	t.pages.Go(func() {
		defer p.leave(ctx)
		p.run(ctx)
	})
	return nil
}

// opened and left keep the list of open pages.
func (t *town) opened(p *page) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = append(t.shown, p)
}

func (t *town) left(p *page) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = slices.DeleteFunc(t.shown, func(o *page) bool { return o == p })
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
