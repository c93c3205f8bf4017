package check

import (
	"github.com/royalglow/booking/domain"
)

// occupancy folds booking events, and never claims, into who holds whose time. The engine keeps bookings apart by claims;
// counting those would ask the accused. The zero occupancy is empty.
type occupancy struct {
	bookings map[string]domain.Booking
	byStaff  map[string]map[string][]span // member → booking → his time
	pairs    map[[2]string]struct{}       // bookings that met, smaller id first
}

// fold applies one event; events of other streams change nothing.
func (o *occupancy) fold(e domain.Event) {
	fact, ok := e.(domain.BookingEvent)
	if !ok {
		return
	}
	id := domain.BookingOf(fact)
	before := o.bookings[id]
	after := before.Evolve(fact)
	for _, s := range stays(before) {
		delete(o.byStaff[s.staffID], id)
	}
	// A rejected booking never comes back and would only fill the map of a long run. The other ends may be corrected.
	if after.Status == domain.StatusRejected {
		delete(o.bookings, id)
		return
	}
	if o.bookings == nil {
		o.bookings, o.byStaff = map[string]domain.Booking{}, map[string]map[string][]span{}
		o.pairs = map[[2]string]struct{}{}
	}
	o.bookings[id] = after
	for _, s := range stays(after) {
		o.hold(id, s)
	}
}

// hold enters a piece of a member's time and notes every other booking that it meets.
func (o *occupancy) hold(id string, s stay) {
	day := o.byStaff[s.staffID]
	if day == nil {
		day = map[string][]span{}
		o.byStaff[s.staffID] = day
	}
	for other, taken := range day {
		for _, t := range taken {
			if other != id && s.overlaps(t) {
				o.pairs[[2]string{min(id, other), max(id, other)}] = struct{}{}
			}
		}
	}
	day[id] = append(day[id], s.span)
}
