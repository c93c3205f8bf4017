package check

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// occupancy folds booking events, and never claims, into who holds whose time. The engine keeps bookings apart by claims;
// counting those would ask the accused. The zero occupancy is empty.
type occupancy struct {
	bookings map[string]domain.Booking
	byStaff  map[string]map[string][]domain.Slot // staff → booking → slots
	pairs    map[[2]string]struct{}              // bookings that met, smaller id first
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
	for _, s := range before.Slots(time.UTC) {
		delete(o.byStaff[s.StaffID], id)
	}
	// A rejected booking never comes back and would only fill the map of a long run. The other ends may be corrected.
	if after.Status == domain.StatusRejected {
		delete(o.bookings, id)
		return
	}
	if o.bookings == nil {
		o.bookings, o.byStaff = map[string]domain.Booking{}, map[string]map[string][]domain.Slot{}
		o.pairs = map[[2]string]struct{}{}
	}
	o.bookings[id] = after
	for _, s := range after.Slots(time.UTC) {
		o.hold(id, s)
	}
}

// hold enters a slot and notes every other booking that it meets.
func (o *occupancy) hold(id string, s domain.Slot) {
	day := o.byStaff[s.StaffID]
	if day == nil {
		day = map[string][]domain.Slot{}
		o.byStaff[s.StaffID] = day
	}
	for other, slots := range day {
		for _, t := range slots {
			if other != id && s.StartAt.Before(t.EndAt) && t.StartAt.Before(s.EndAt) {
				o.pairs[[2]string{min(id, other), max(id, other)}] = struct{}{}
			}
		}
	}
	day[id] = append(day[id], s)
}
