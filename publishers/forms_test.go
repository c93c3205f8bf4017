package publishers_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// forms are the events in the forms in which they come, each as the last event of a story: what the goldens are made of. The
// part of a name before the first space is the event's.
func forms(tb testing.TB) map[string]eventstore.Recorded {
	tb.Helper()
	out := map[string]eventstore.Recorded{}
	for _, group := range []map[string]func(*story){beginForms(), changeForms(), visitForms(), leaveForms(tb), branchForms(tb)} {
		for name, tell := range group {
			s := newStory(tb)
			tell(s)
			out[name] = s.last()
		}
	}
	return out
}

const evening = "bkg_evening01"

// noon is 12:00 in the branch: what begins then stays on one date.
var noon = time.Date(2026, 6, 15, 6, 30, 0, 0, time.UTC)

func beginForms() map[string]func(*story) {
	guest := &domain.Guest{Name: domain.Sealed{KeyID: "key_guest"}, Phone: &domain.Sealed{KeyID: "key_phone"}}
	return map[string]func(*story){
		"booking.requested":                 func(s *story) { s.request(evening, noon, asha, meera) },
		"booking.requested across midnight": func(s *story) { s.request(evening, start, asha, meera) },
		"booking.walk_in_created by a customer": func(s *story) {
			s.walkIn(evening, noon, nil, choices(asha, meera, asha)...)
		},
		"booking.walk_in_created by a guest": func(s *story) { s.walkIn(evening, noon, guest, choices(asha)...) },
		"booking.confirmed":                  func(s *story) { s.confirmedAt(noon) },
		"booking.confirmed with other staff": func(s *story) {
			s.request(evening, start, asha, meera)
			s.confirm(evening, map[string]string{"seg_2": tara})
		},
		"booking.confirmed by policy": func(s *story) {
			b := s.branches[branch]
			b.Policy.AutoConfirm = true
			s.branches[branch] = b
			s.request(evening, noon, asha)
		},
		"booking.rejected": func(s *story) { s.request(evening, noon, asha); s.reject(evening) },
		"booking.rejected by the clock": func(s *story) {
			s.request(evening, noon, asha)
			s.do(evening, byClock, func(b domain.Booking) ([]domain.BookingEvent, error) { return b.Expire(noon) })
		},
		"booking.cancelled while pending": func(s *story) {
			s.request(evening, noon, asha)
			s.do(evening, byCustomer, cancelling)
		},
		"booking.cancelled by the salon": func(s *story) { s.confirmedAt(noon); s.cancel(evening) },
	}
}

// confirmedAt is a confirmed booking of two services.
func (s *story) confirmedAt(at time.Time) {
	s.request(evening, at, asha, meera)
	s.confirm(evening, nil)
}

// then makes a confirmed booking at noon and runs verbs on it.
func then(verbs ...func(s *story) bookingVerb) func(*story) {
	return thenAt(noon, verbs...)
}

func thenAt(at time.Time, verbs ...func(s *story) bookingVerb) func(*story) {
	return func(s *story) {
		s.confirmedAt(at)
		for _, v := range verbs {
			s.do(evening, byDesk, v(s))
		}
	}
}

func changeForms() map[string]func(*story) {
	move := func(by domain.Party, to time.Time, staff map[string]string) func(s *story) bookingVerb {
		return func(s *story) bookingVerb { return s.rescheduling(by, to, staff) }
	}
	return map[string]func(*story){
		"booking.rescheduled on the same day":      then(move(domain.PartySalon, noon.Add(time.Hour), nil)),
		"booking.rescheduled to another day":       then(move(domain.PartySalon, noon.AddDate(0, 0, 1), nil)),
		"booking.rescheduled to and over midnight": then(move(domain.PartySalon, start, nil)),
		"booking.rescheduled with other staff": then(
			move(domain.PartySalon, noon.Add(time.Hour), map[string]string{"seg_1": tara})),
		"booking.rescheduled to other staff only": then(move(domain.PartySalon, noon, map[string]string{"seg_1": tara})),
		"booking.rescheduled while pending": func(s *story) {
			s.request(evening, noon, asha)
			s.do(evening, byCustomer, s.rescheduling(domain.PartyCustomer, noon.Add(time.Hour), nil))
		},
		"booking.rescheduled for another approval": func(s *story) {
			b := s.branches[branch]
			b.Policy.RescheduleReapprove = true
			s.branches[branch] = b
			s.confirmedAt(noon)
			s.do(evening, byCustomer, s.rescheduling(domain.PartyCustomer, noon.Add(time.Hour), nil))
		},
		"booking.staff_assigned on one date":     then(func(s *story) bookingVerb { return s.assigning("seg_1", tara) }),
		"booking.staff_assigned across midnight": thenAt(start, func(s *story) bookingVerb { return s.assigning("seg_2", tara) }),
		"booking.staff_assigned on other dates": func(s *story) {
			late := start.Add(-20 * time.Minute) // to 23:55, and with the buffer over midnight
			s.requestOf(evening, late, domain.ServiceChoice{Service: colour(), StaffID: asha})
			s.confirm(evening, nil)
			s.do(evening, byDesk, s.assigning("seg_1", tara, domain.OverrideBuffer))
		},
		"booking.staff_assigned with processing time": func(s *story) {
			s.requestOf(evening, noon, domain.ServiceChoice{Service: colour(), StaffID: asha})
			s.confirm(evening, nil)
			s.assign(evening, "seg_1", tara)
		},
		"booking.staff_assigned while pending": func(s *story) { s.request(evening, noon, asha); s.assign(evening, "seg_1", tara) },
		"booking.staff_assigned where nobody was": then(
			func(s *story) bookingVerb { return s.unassigning("seg_1") },
			func(s *story) bookingVerb { return s.assigning("seg_1", tara) }),
		"booking.staff_unassigned": then(func(s *story) bookingVerb { return s.unassigning("seg_1") }),
		"booking.staff_unassigned while pending": func(s *story) {
			s.request(evening, noon, asha)
			s.do(evening, byDesk, s.unassigning("seg_1"))
		},
		"booking.service_added": then(func(s *story) bookingVerb {
			return s.adding(domain.ServiceChoice{Service: service(2), StaffID: asha}, "")
		}),
		"booking.service_added before another": then(func(s *story) bookingVerb {
			return s.adding(domain.ServiceChoice{Service: service(2), StaffID: tara}, "seg_1")
		}),
		"booking.service_removed":               then(func(s *story) bookingVerb { return s.removing("seg_1") }),
		"booking.duration_changed":              then(func(s *story) bookingVerb { return s.lasting("seg_2", 60) }),
		"booking.duration_changed of the first": then(func(s *story) bookingVerb { return s.lasting("seg_1", 20) }),
		"booking.duration_changed over midnight": thenAt(start.Add(-time.Hour), func(s *story) bookingVerb {
			return s.lasting("seg_2", 120)
		}),
		"booking.note_added internal": then(func(*story) bookingVerb { return noting("nt_first1", domain.VisibleInternal, byAsha) }),
		"booking.note_added for the customer": then(func(*story) bookingVerb {
			return noting("nt_first1", domain.VisibleCustomer, byDesk)
		}),
		"booking.note_added by the customer": then(func(*story) bookingVerb {
			return noting("nt_first1", domain.VisibleCustomer, byCustomer)
		}),
		"booking.note_redacted internal": then(
			func(*story) bookingVerb { return noting("nt_first1", domain.VisibleInternal, byAsha) },
			func(*story) bookingVerb { return redacting("nt_first1") }),
		"booking.note_redacted for the customer": then(
			func(*story) bookingVerb { return noting("nt_first1", domain.VisibleCustomer, byDesk) },
			func(*story) bookingVerb { return redacting("nt_first1") }),
	}
}
