package commands_test

import (
	"errors"
	"strings"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// attempt issues a command; what a guard of a table wants first may be refused, in statuses in which it cannot be.
func (v *visit) attempt(command func() (commands.Receipt, error)) {
	v.tb.Helper()
	r, err := command()
	if _, refused := errors.AsType[*domain.Refusal](err); refused {
		return
	}
	v.must(err)
	if r.ID == v.booking.ID {
		v.booking.Revision = r.Revision
	}
}

// occupy books a member's time for another customer, by the desk: it may be over soon.
func occupy(staffID string, at time.Time) func(*visit) {
	return func(v *visit) {
		v.attempt(func() (commands.Receipt, error) {
			w := wish(staffID, at)
			w.CustomerID = dora.UserID
			return v.RequestBooking(v.tb.Context(), desk, v.key(), w)
		})
	}
}

func unassigned(segment string) func(*visit) {
	return func(v *visit) {
		v.attempt(func() (commands.Receipt, error) {
			return v.UnassignStaff(v.tb.Context(), desk, v.seen(v.booking), commands.UnassignStaff{
				BookingID: v.booking.ID, SegmentID: segment, Reason: "sick",
			})
		})
	}
}

func offOn(staffID, date string) func(*visit) {
	return func(v *visit) {
		v.must(err1(v.SetShifts(v.tb.Context(), owner, v.key(), commands.SetShifts{
			BranchID: branch, StaffID: staffID, TimetableChange: domain.TimetableChange{Override: &domain.DateOverride{Date: date}},
		})))
	}
}

func skilled(staffID string, skills ...string) func(*visit) {
	return func(v *visit) {
		v.must(err1(v.JoinStaff(v.tb.Context(), owner, v.key(), commands.JoinStaff{BranchID: branch, StaffID: staffID, Skills: skills})))
	}
}

func closedOn(date string) func(*visit) {
	return func(v *visit) {
		v.must(err1(v.SetHours(v.tb.Context(), owner, v.key(), commands.SetHours{
			BranchID: branch, TimetableChange: domain.TimetableChange{Override: &domain.DateOverride{Date: date}},
		})))
	}
}

func under(p commands.PolicyTerms) func(*visit) {
	return func(v *visit) {
		v.must(err1(v.SetPolicy(v.tb.Context(), owner, v.key(), commands.SetPolicy{BranchID: branch, PolicyTerms: p})))
	}
}

func flagged(v *visit) { v.flag(carla) }

func cleared(v *visit) {
	v.must(err1(v.ClearCustomer(v.tb.Context(), boss, v.key(), commands.ClearCustomer{CustomerID: carla.UserID, Reason: "spoke to her"})))
}

func elsewhere(v *visit) { v.reads.overlap = true }

func full(v *visit) { v.reads.active = 3 }

// onlyBoris leaves nobody else to be proposed.
func onlyBoris(v *visit) { v.reads.staff = []string{boris} }

func both(a, b func(*visit)) func(*visit) {
	return func(v *visit) {
		a(v)
		b(v)
	}
}

// movedTwice moves the booking as often as its customer may.
func movedTwice(v *visit) {
	for i := range 2 {
		v.attempt(func() (commands.Receipt, error) {
			return v.RescheduleBooking(v.tb.Context(), carla, v.key(), commands.RescheduleBooking{
				BookingID: v.booking.ID, Start: commands.Start{StartAt: opening.Add(time.Duration(i+1) * time.Hour)},
			})
		})
	}
}

// withoutTheSecond leaves one service.
func withoutTheSecond(v *visit) {
	v.attempt(func() (commands.Receipt, error) {
		return v.RemoveService(v.tb.Context(), desk, v.seen(v.booking), commands.RemoveService{BookingID: v.booking.ID, SegmentID: "seg_2"})
	})
}

// finished ends the first service.
func finished(v *visit) {
	v.attempt(func() (commands.Receipt, error) {
		return v.FinishService(v.tb.Context(), desk, v.seen(v.booking), commands.FinishService{BookingID: v.booking.ID, SegmentID: "seg_1"})
	})
}

// changing is a deed on the visit's booking.
type changing = func(v *visit, by commands.Caller, o commands.Options) error

func moving(to time.Time) changing {
	return func(v *visit, by commands.Caller, o commands.Options) error {
		return err1(v.RescheduleBooking(v.tb.Context(), by, o, commands.RescheduleBooking{
			BookingID: v.booking.ID, Start: commands.Start{StartAt: to},
		}))
	}
}

func giving(segment, staffID string) changing {
	return func(v *visit, by commands.Caller, o commands.Options) error {
		return err1(v.AssignStaff(v.tb.Context(), by, o, commands.AssignStaff{BookingID: v.booking.ID, SegmentID: segment, StaffID: staffID}))
	}
}

func starting(segment string) changing {
	return func(v *visit, by commands.Caller, o commands.Options) error {
		return err1(v.StartService(v.tb.Context(), by, o, commands.StartService{BookingID: v.booking.ID, SegmentID: segment}))
	}
}

func finishing(segment string) changing {
	return func(v *visit, by commands.Caller, o commands.Options) error {
		return err1(v.FinishService(v.tb.Context(), by, o, commands.FinishService{BookingID: v.booking.ID, SegmentID: segment}))
	}
}

// named is a deed of the table above at another time.
func named(name string) changing {
	for _, d := range deedsOnBookings() {
		if d.name == name {
			return d.run
		}
	}
	panic("no deed " + name)
}

// guards are the commands that a status allows, where something else does not.
func guards() []deed {
	yes, block, minute := true, domain.LateCancelBlock, time.Minute
	before, approve, cancel := opening.Add(-5*time.Hour), named("approve"), named("cancel for the customer")
	deeds := []deed{
		{name: "approve, the customer was flagged when she asked", at: now, run: approve, given: flagged},
		{name: "approve, the customer was flagged and has been cleared", at: now, run: approve, given: flagged, before: cleared},
		{name: "approve, the customer has been flagged since", at: now, run: approve, before: flagged},
		{name: "approve, it began more than a quarter of an hour ago", at: opening.Add(16 * minute), run: approve},
		{name: "approve, nobody does the second service", at: now, run: approve, before: unassigned("seg_2")},
		{name: "approve, who was held does it no more", at: now, run: approve, before: skilled(anna, colour)},
		{name: "approve, who is chosen is busy", at: now, before: occupy(zoe, opening), run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.ApproveBooking(v.tb.Context(), by, o, commands.ApproveBooking{
				BookingID: v.booking.ID, Assignments: []commands.Assignment{{SegmentID: "seg_1", StaffID: zoe}},
			}))
		}},
		{name: "approve, without If-Match", at: now, run: approve, unseen: true},
		{name: "reject, without a reason", at: now, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RejectBooking(v.tb.Context(), by, o, commands.RejectBooking{BookingID: v.booking.ID}))
		}},
		{name: "cancel for the customer, it has begun", at: opening, run: cancel},
		{name: "cancel for the customer, late", at: opening.Add(-time.Hour), run: cancel},
		{
			name: "cancel for the customer, late where the policy blocks it", at: opening.Add(-time.Hour), run: cancel,
			given: under(commands.PolicyTerms{LateCancel: &block}),
		},
		{name: "reschedule, a third time", at: before, run: moving(opening.Add(5 * time.Hour)), before: movedTwice},
		{name: "reschedule, less than an hour before", at: opening.Add(-59 * minute), run: moving(opening.Add(5 * time.Hour))},
		{name: "reschedule, to too soon", at: before, run: moving(before.Add(30 * minute))},
		{name: "reschedule, to too far ahead", at: before, run: moving(before.AddDate(0, 0, 31))},
		{name: "reschedule, to where she has another booking", at: before, run: moving(opening.Add(3 * time.Hour)), before: elsewhere},
		{
			name: "reschedule, to where her stylist is busy", at: before, run: moving(opening.Add(3 * time.Hour)),
			before: occupy(anna, opening.Add(3*time.Hour)),
		},
		{name: "reschedule, to where her stylist is off", at: before, run: moving(opening.AddDate(0, 0, 1)), before: offOn(boris, "2026-06-17")},
		{name: "reschedule, to where her stylist does it no more", at: before, run: moving(opening.Add(3 * time.Hour)), before: skilled(boris, colour)},
		{name: "reschedule, to a closed day", at: before, run: moving(opening.AddDate(0, 0, 1)), before: closedOn("2026-06-17")},
		{name: "assign, to who does not do it", at: before, run: giving("seg_2", zoe), before: skilled(zoe, colour)},
		{name: "assign, to who is off", at: before, run: giving("seg_2", zoe), before: offOn(zoe, "2026-06-16")},
		{name: "assign, to who is busy", at: before, run: giving("seg_2", zoe), before: occupy(zoe, opening.Add(30*minute))},
		{name: "assign, a finished service", at: opening.Add(30 * minute), run: giving("seg_1", zoe), before: finished},
		{name: "unassign, a service that has begun", at: opening, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.UnassignStaff(v.tb.Context(), by, o, commands.UnassignStaff{BookingID: v.booking.ID, SegmentID: "seg_1", Reason: "sick"}))
		}},
		{
			name: "add a service, where staff may", at: before, run: named("add a service"),
			given: under(commands.PolicyTerms{StaffMayAddServices: &yes}),
		},
		{
			name: "add a service, into the next booking", at: before, run: named("add a service"),
			before: both(onlyBoris, occupy(boris, opening.Add(time.Hour))),
		},
		{name: "remove a service, the last", at: before, before: withoutTheSecond, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RemoveService(v.tb.Context(), by, o, commands.RemoveService{BookingID: v.booking.ID, SegmentID: "seg_1"}))
		}},
		{name: "change a duration, into the next booking", at: before, run: named("change a duration"), before: occupy(boris, opening.Add(time.Hour))},
		{name: "check in, too early", at: opening.Add(-61 * minute), run: named("check in")},
		{name: "check in, too late", at: opening.Add(time.Hour), run: named("check in")},
		{name: "start the first service, too early", at: opening.Add(-61 * minute), run: starting("seg_1")},
		{name: "start the second service, which nobody does", at: opening, run: starting("seg_2"), before: unassigned("seg_2")},
		{name: "finish the second service, which has not begun", at: opening.Add(time.Hour), run: finishing("seg_2")},
		{name: "complete, too early", at: opening.Add(-61 * minute), run: named("complete")},
		{name: "mark a no-show, too early", at: opening.Add(14 * minute), run: named("mark a no-show")},
		{name: "correct to pending, her time is taken", at: opening, run: named("correct to pending"), before: occupy(anna, opening)},
		{
			name: "correct to confirmed, her time is taken", at: opening.Add(15 * minute), run: named("correct to confirmed"),
			before: occupy(anna, opening.Add(15*minute)),
		},
		{
			name: "correct to completed, her time is taken", at: opening.Add(15 * minute), run: named("correct to completed"),
			before: occupy(anna, opening.Add(15*minute)),
		},
	}
	for i := range deeds {
		deeds[i].few = true
	}
	return deeds
}

// laterCorrections are the corrections when the reception may no more.
func laterCorrections() (later []deed) {
	for _, d := range deedsOnBookings() {
		if strings.HasPrefix(d.name, "correct ") {
			d.name, d.at = d.name+", after a day", opening.Add(26*time.Hour)
			later = append(later, d)
		}
	}
	return later
}

// clockDeeds are what nobody issues.
func clockDeeds() []deed {
	settle := func(v *visit, _ commands.Caller, _ commands.Options) error {
		_, err := v.SettleOverdue(v.tb.Context(), v.booking.ID)
		return err
	}
	return []deed{
		{name: "the clock, before anything is due", at: now.Add(24*time.Hour - time.Second), run: settle, clock: true},
		{name: "the clock, when a request has waited for a day", at: now.Add(24 * time.Hour), run: settle, clock: true},
		{name: "the clock, a quarter of an hour after the end", at: opening.Add(75 * time.Minute), run: settle, clock: true},
	}
}
