package domain_test

import (
	"maps"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

// inStatus is a history that ends in each status; "" is no history.
func inStatus(t *testing.T) map[domain.Status][]domain.BookingEvent {
	t.Helper()
	w := wish("stf_anna01")
	return map[domain.Status][]domain.BookingEvent{
		domain.StatusNone:       nil,
		domain.StatusPending:    history(t, w),
		domain.StatusConfirmed:  history(t, w, confirm),
		domain.StatusCheckedIn:  history(t, w, confirm, checkIn(opening)),
		domain.StatusInProgress: history(t, w, confirm, start("seg_1", opening)),
		domain.StatusCompleted:  history(t, w, confirm, complete(opening)),
		domain.StatusRejected:   history(t, w, reject),
		domain.StatusCancelled:  history(t, w, cancelBy(domain.PartyCustomer)), // before it was approved
		domain.StatusNoShow:     history(t, w, confirm, noShow(opening.Add(15*time.Minute))),
	}
}

// Every verb in every status: what follows, or the code of the refusal. A lower-case cell names facts, without "booking.".
// What is not listed is refused with NOT_FOUND where there is no booking and BOOKING_INVALID_STATUS_TRANSITION elsewhere.
func TestScenario20EveryVerbInEveryStatus(t *testing.T) {
	t.Parallel()
	const late = 5 * time.Minute // after the start
	type row map[domain.Status]string
	all := func(cell string) row {
		r := row{}
		for _, s := range domain.Statuses() {
			r[s] = cell
		}
		return r
	}
	open := func(cell string) row {
		r := row{}
		for _, s := range domain.Statuses() {
			if s.Open() {
				r[s] = cell
			}
		}
		return r
	}
	with := func(r row, more row) row {
		maps.Copy(r, more)
		return r
	}
	for name, c := range map[string]struct {
		when verb
		then row
	}{
		"request": {request, with(all("CONFLICT"), row{"": "requested"})},
		"walk in": {walkIn, with(all("CONFLICT"), row{"": "walk_in_created"})},
		"approve": {confirm, row{"pending": "confirmed"}},
		"reject":  {reject, row{"pending": "rejected"}},
		"expire":  {expire(now.Add(24 * time.Hour)), with(all("-"), row{"": "-", "pending": "rejected"})},
		"cancel by the customer": {cancelBy(domain.PartyCustomer), row{
			"pending": "cancelled", "confirmed": "cancelled", "cancelled": "BOOKING_ALREADY_CANCELLED",
		}},
		"cancel by the salon": {cancelBy(domain.PartySalon), row{
			"confirmed": "cancelled", "checked_in": "cancelled", "cancelled": "BOOKING_ALREADY_CANCELLED",
		}},
		"cancel by the system": {cancelBy(domain.PartySystem), row{
			"pending": "cancelled", "confirmed": "cancelled", "checked_in": "cancelled", "cancelled": "BOOKING_ALREADY_CANCELLED",
		}},
		"reschedule by the customer": {reschedule(domain.PartyCustomer, opening.Add(time.Hour), now), row{
			"pending": "rescheduled", "confirmed": "rescheduled",
		}},
		"reschedule by the salon": {reschedule(domain.PartySalon, opening.Add(time.Hour), now), row{
			"pending": "rescheduled", "confirmed": "rescheduled",
		}},
		"assign":        {assign, open("staff_assigned")},
		"unassign":      {unassign, with(open("staff_unassigned"), row{"in_progress": "BOOKING_INVALID_STATUS_TRANSITION"})},
		"add a service": {addCut("stf_anna01"), open("service_added")},
		"remove a service": {removeSegment("seg_1"), with(open("BUSINESS_RULE_VIOLATION"), row{
			"in_progress": "BOOKING_INVALID_STATUS_TRANSITION",
		})},
		"change a duration": {changeDuration("seg_1", 45), open("duration_changed")},
		"check in":          {checkIn(opening), row{"confirmed": "checked_in"}},
		"start": {start("seg_1", opening), row{
			"confirmed": "segment_started", "checked_in": "segment_started", "in_progress": "BOOKING_INVALID_STATUS_TRANSITION",
		}},
		"finish": {finish("seg_1", opening.Add(late)), row{"in_progress": "segment_finished"}},
		"complete": {complete(opening.Add(late)), row{
			"confirmed": "segment_started+completed", "checked_in": "segment_started+completed", "in_progress": "completed",
		}},
		"no-show by the desk":    {noShow(opening.Add(15 * time.Minute)), row{"confirmed": "no_show"}},
		"no-show by the clock":   {autoNoShow(opening.Add(45 * time.Minute)), with(all("-"), row{"": "-", "confirmed": "no_show"})},
		"correct to pending":     {correct(domain.StatusPending, true, opening), row{"cancelled": "outcome_corrected"}},
		"correct to confirmed":   {correct(domain.StatusConfirmed, true, opening), row{"no_show": "outcome_corrected"}},
		"correct to completed":   {correct(domain.StatusCompleted, true, opening), row{"no_show": "outcome_corrected"}},
		"correct to cancelled":   {correct(domain.StatusCancelled, true, opening), row{"no_show": "outcome_corrected"}},
		"correct to in progress": {correct(domain.StatusInProgress, true, opening), row{"completed": "outcome_corrected"}},
		"correct to rejected":    {correct(domain.StatusRejected, true, opening), row{}},
		"add a note":             {addNote, all("note_added")},
		"redact a note":          {redactNote, all("NOT_FOUND")},
	} {
		for status, given := range inStatus(t) {
			t.Run(name+" when "+string(status), func(t *testing.T) {
				t.Parallel()
				cell, listed := c.then[status]
				switch {
				case !listed && status == domain.StatusNone:
					cell = "NOT_FOUND"
				case !listed:
					cell = "BOOKING_INVALID_STATUS_TRANSITION"
				}
				cellScenario(given, c.when, cell).run(t)
			})
		}
	}
}

// cellScenario reads a cell of the table.
func cellScenario(given []domain.BookingEvent, when verb, cell string) scenario {
	s := scenario{given: given, when: when}
	switch {
	case cell == "-":
	case cell[0] >= 'A' && cell[0] <= 'Z':
		s.no = domain.Code(cell)
	default:
		s.then = facts(cell)
	}
	return s
}
