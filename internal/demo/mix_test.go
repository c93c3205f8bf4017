package demo

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

// stage is a salon whose wants are settled by the test, in place of an engine. It is inside the package because who wants
// what is nobody else's business.
type stage struct {
	*salon
	ids int
}

func newStage(t interface{ Fatal(args ...any) }, seed uint64) *stage {
	s, err := newSalon(newDice(seed, 0), seed, 0, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.people() {
		p.page = &page{held: map[heldKey]mark{}, shown: map[string]entry{}}
	}
	return &stage{salon: s}
}

// accept settles the want as an engine that agrees, and shows the change on the pages concerned.
func (s *stage) accept(w *want) {
	if w.action == check.Request {
		s.ids++
		b := s.booked(w, receipt{ID: newDice(uint64(s.ids), 7).id(domain.BookingPrefix)})
		s.showAll(b)
		return
	}
	s.changed(w, receipt{Revision: w.booking.revision + 1})
	switch w.action {
	case check.Reject, check.Cancel:
		w.booking.status = domain.StatusCancelled
	case check.Request, check.Approve, check.Assign:
	}
	s.showAll(w.booking)
}

func (s *stage) showAll(b *booking) {
	for _, p := range []*person{s.desk, b.customer} {
		p.page.show(b.id, entry{revision: b.revision, status: b.status})
	}
}

func TestAHundredCommandsUseEveryVerbEvenly(t *testing.T) {
	for seed := range uint64(50) {
		s := newStage(t, seed+1)
		used := map[check.Action]int{}
		for range 100 {
			w := s.next()
			if w == nil {
				t.Fatalf("seed %d: nobody wants anything", seed)
			}
			used[w.action]++
			if first := s.rival; first != nil {
				// Two want the same; the second is refused.
				second := s.next()
				used[second.action]++
				s.giveUp(second)
			}
			s.accept(w)
		}
		for _, a := range check.Actions() {
			if used[a] < 5 {
				t.Errorf("seed %d: %q is used %d times in 100", seed, a, used[a])
			}
		}
	}
}

// TestASalonNeverFillsUp runs far longer than any demo: bookings end as they begin, and what they took in the diary comes
// back.
func TestASalonNeverFillsUp(t *testing.T) {
	s := newStage(t, 3)
	for n := range 50_000 {
		w := s.next()
		if w == nil {
			t.Fatalf("after %d commands nobody wants anything", n)
		}
		if w.action != check.Request && n%31 == 0 {
			s.giveUp(w)
			continue
		}
		if w.action == check.Request && (s.rival != nil || n%17 == 0) {
			s.giveUp(w)
			continue
		}
		s.accept(w)
		if len(s.bookings) > 2*crowd {
			t.Fatalf("after %d commands %d bookings are open", n, len(s.bookings))
		}
	}
	s.assertDiary(t)
	if open := len(s.desk.page.shown); open > 2*crowd {
		t.Errorf("the desk's page shows %d bookings", open)
	}
}

// TestNobodyIsAskedForTwiceUnlessTwoWantIt: what people agree on among themselves the engine has no reason to refuse.
func TestNobodyIsAskedForTwiceUnlessTwoWantIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStage(t, rapid.Uint64Min(1).Draw(t, "seed"))
		var pending []*want
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			if len(pending) > 0 && rapid.Bool().Draw(t, "settle") {
				w := pending[0]
				pending = pending[1:]
				switch rapid.IntRange(0, 5).Draw(t, "outcome") {
				case 0:
					s.giveUp(w)
				case 1:
					if w.booking != nil {
						w.seen.revision = w.booking.revision
						s.found(w, w.booking.status)
						continue
					}
					s.giveUp(w)
				default:
					s.accept(w)
				}
				continue
			}
			w := s.next()
			if w == nil {
				continue
			}
			if w.booking != nil && !w.booking.busy {
				t.Fatal("a booking is wanted that is not reserved")
			}
			pending = append(pending, w)
		}
		for _, w := range pending {
			s.giveUp(w)
		}
		s.assertDiary(t)
	})
}

// assertDiary checks that the diary holds exactly what the open bookings hold.
func (s *stage) assertDiary(t interface {
	Errorf(format string, args ...any)
},
) {
	type place struct {
		cell   *cell
		member *member
	}
	held := map[place]int{}
	for _, b := range s.bookings {
		for _, h := range b.holds {
			held[place(h)]++
		}
	}
	for _, c := range s.diary.cells {
		if c.pool != held[place{cell: c}] {
			t.Errorf("%s: the pool has %d, bookings hold %d", c.start, c.pool, held[place{cell: c}])
		}
		for _, m := range s.staff {
			if c.taken[m] != held[place{c, m}] {
				t.Errorf("%s: %s is taken %d times, bookings hold %d", c.start, m.Name, c.taken[m], held[place{c, m}])
			}
		}
	}
}

func TestAPageNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &page{held: map[heldKey]mark{}, shown: map[string]entry{}}
		var top mark
		acted := map[mark]bool{}
		for range rapid.IntRange(1, 30).Draw(t, "messages") {
			m := mark{
				version: eventstore.Revision(rapid.IntRange(0, 4).Draw(t, "version")), part: rapid.IntRange(0, 2).Draw(t, "part"),
			}
			let := p.apply("c", note{Entity: "bkg_000001", Version: m.version, Part: m.part, ToStatus: domain.StatusPending})
			if want := len(acted) == 0 || m.above(top); let != want {
				t.Fatalf("%+v after %+v is let through: %v", m, top, let)
			}
			if let {
				top, acted[m] = m, true
			}
			if shown, _ := p.sees("bkg_000001"); shown.revision != top.version {
				t.Fatalf("the page shows revision %d of %d", shown.revision, top.version)
			}
		}
	})
}
