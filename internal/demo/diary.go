package demo

import (
	"time"

	"github.com/royalglow/booking/domain"
)

const (
	windowDays  = 14 // from tomorrow on; the desk watches the schedule of each of these dates
	cellsPerDay = 5
	firstHour   = 10 // on the branch's clocks
	cellLength  = 2 * time.Hour
	// poolSize is how many bookings without a wish for a member share a cell. Each holds two members at most, and at least
	// four do any treatment, so that the salon always finds somebody.
	poolSize = 2
)

// diary is how the people of one salon keep out of each other's way: each agrees on a cell before he asks for it. Without
// it most requests would be refused, as the engine allows no overlap. What the engine decides does not rest on it.
type diary struct {
	staff []*member
	cells []*cell
}

// cell is two hours of one day. Where the salon chooses the staff (pooled) nobody asks for a member by name, because
// nobody knows whom the engine took.
type cell struct {
	date   string // branch-local
	start  time.Time
	pooled bool
	pool   int
	taken  map[*member]int // more than one while two customers want the same
}

// hold is a reservation in the diary; member is nil in a pooled cell.
type hold struct {
	cell   *cell
	member *member
}

// newDiary lays out the window of dates after today, on the clocks of today's location.
func newDiary(staff []*member, today time.Time) *diary {
	d := &diary{staff: staff}
	for day := 1; day <= windowDays; day++ {
		for c := range cellsPerDay {
			start := time.Date(today.Year(), today.Month(), today.Day()+day, firstHour, 0, 0, 0, today.Location()).
				Add(time.Duration(c) * cellLength)
			d.cells = append(d.cells, &cell{
				date: start.Format(domain.DayFormat), start: start.UTC(), pooled: (day+c)%3 == 0, taken: map[*member]int{},
			})
		}
	}
	return d
}

// dates lists the dates of the window, ascending.
func (d *diary) dates() []string {
	var dates []string
	for i, c := range d.cells {
		if i == 0 || c.date != d.cells[i-1].date {
			dates = append(dates, c.date)
		}
	}
	return dates
}

// reserve finds room for the treatments in a cell of the wanted sort, at a random place; ok is false when there is none.
func (d *diary) reserve(dice dice, pooled bool, treatments []treatment) (h hold, ok bool) {
	offset := dice.IntN(len(d.cells))
	for i := range d.cells {
		c := d.cells[(offset+i)%len(d.cells)]
		if c.pooled != pooled {
			continue
		}
		if pooled && c.pool < poolSize {
			c.pool++
			return hold{cell: c}, true
		}
		if !pooled {
			if h, ok := d.colleague(dice, c, treatments); ok {
				return h, true
			}
		}
	}
	return hold{}, false
}

// colleague reserves the cell of a random free member who does the treatments.
func (d *diary) colleague(dice dice, c *cell, treatments []treatment) (h hold, ok bool) {
	offset := dice.IntN(len(d.staff))
	for i := range d.staff {
		m := d.staff[(offset+i)%len(d.staff)]
		if c.taken[m] == 0 && m.does(treatments) {
			return d.join(hold{cell: c, member: m}), true
		}
	}
	return hold{}, false
}

// join reserves what another has reserved too: both will ask for it and one will get it.
func (d *diary) join(h hold) hold {
	h.cell.taken[h.member]++
	return h
}

// release gives a reservation back.
func (d *diary) release(h hold) {
	if h.member == nil {
		h.cell.pool--
		return
	}
	h.cell.taken[h.member]--
}
