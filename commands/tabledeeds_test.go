package commands_test

import (
	"slices"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// deed is a command with input that is right, at a time at which it could be.
type deed struct {
	name string
	at   time.Time
	run  func(v *visit, by commands.Caller, o commands.Options) error
	// given is what was so before the booking was made, before what has happened since; nil: nothing.
	given, before func(v *visit)
	few           bool // only those for whom a guard can differ are listed
	clock         bool // nobody issues it
	unseen        bool // it needs no If-Match
}

func (d deed) callers() []tried {
	switch {
	case d.clock:
		return []tried{{name: "the clock"}}
	case d.few:
		return slices.DeleteFunc(callers(), func(c tried) bool {
			return !slices.Contains([]string{"her customer", "her stylist", "reception", "manager"}, c.name)
		})
	}
	return callers()
}

func err1(_ commands.Receipt, err error) error { return err }

func deedsOnBookings() []deed {
	before := opening.Add(-5 * time.Hour)
	type visitor = func(v *visit, by commands.Caller, o commands.Options) error
	correct := func(to domain.Status) visitor {
		return func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.CorrectOutcome(v.tb.Context(), by, o, commands.CorrectOutcome{BookingID: v.booking.ID, ToStatus: to, Reason: "wrong"}))
		}
	}
	note := func(visible domain.Visibility) visitor {
		return func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.AddNote(v.tb.Context(), by, o, commands.AddNote{BookingID: v.booking.ID, Note: "hello", Visibility: visible}))
		}
	}
	return []deed{
		{name: "approve", at: now, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.ApproveBooking(v.tb.Context(), by, o, commands.ApproveBooking{BookingID: v.booking.ID}))
		}},
		{name: "reject", at: now, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RejectBooking(v.tb.Context(), by, o, commands.RejectBooking{BookingID: v.booking.ID, Reason: "full"}))
		}},
		{name: "cancel for the customer", at: before, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.CancelBooking(v.tb.Context(), by, o, commands.CancelBooking{BookingID: v.booking.ID, CancelledBy: domain.PartyCustomer}))
		}},
		{name: "cancel for the salon", at: before, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.CancelBooking(v.tb.Context(), by, o, commands.CancelBooking{
				BookingID: v.booking.ID, CancelledBy: domain.PartySalon, ReasonCode: "equipment",
			}))
		}},
		{name: "reschedule", at: before, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RescheduleBooking(v.tb.Context(), by, o, commands.RescheduleBooking{
				BookingID: v.booking.ID, Start: commands.Start{StartAt: opening.Add(3 * time.Hour)},
			}))
		}},
		{name: "assign", at: before, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.AssignStaff(v.tb.Context(), by, o, commands.AssignStaff{BookingID: v.booking.ID, SegmentID: "seg_2", StaffID: zoe}))
		}},
		{name: "unassign", at: before, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.UnassignStaff(v.tb.Context(), by, o, commands.UnassignStaff{BookingID: v.booking.ID, SegmentID: "seg_2", Reason: "sick"}))
		}},
		{name: "add a service", at: before, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.AddService(v.tb.Context(), by, o, commands.AddService{BookingID: v.booking.ID, ServiceID: cut}))
		}},
		{name: "remove a service", at: before, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RemoveService(v.tb.Context(), by, o, commands.RemoveService{BookingID: v.booking.ID, SegmentID: "seg_2"}))
		}},
		{name: "change a duration", at: before, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.ChangeDuration(v.tb.Context(), by, o, commands.ChangeDuration{BookingID: v.booking.ID, SegmentID: "seg_2", Minutes: 45}))
		}},
		{name: "check in", at: opening, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.CheckIn(v.tb.Context(), by, o, commands.CheckIn{BookingID: v.booking.ID}))
		}},
		{name: "start the first service", at: opening, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.StartService(v.tb.Context(), by, o, commands.StartService{BookingID: v.booking.ID, SegmentID: "seg_1"}))
		}},
		{name: "finish the first service", at: opening.Add(30 * time.Minute), run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.FinishService(v.tb.Context(), by, o, commands.FinishService{BookingID: v.booking.ID, SegmentID: "seg_1"}))
		}},
		{name: "complete", at: opening.Add(time.Hour), run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.CompleteBooking(v.tb.Context(), by, o, commands.CompleteBooking{BookingID: v.booking.ID, PaymentMethod: domain.PaidUPI}))
		}},
		{name: "mark a no-show", at: opening.Add(15 * time.Minute), run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.MarkNoShow(v.tb.Context(), by, o, commands.MarkNoShow{BookingID: v.booking.ID}))
		}},
		{name: "correct to pending", at: opening, run: correct(domain.StatusPending)},
		{name: "correct to confirmed", at: opening, run: correct(domain.StatusConfirmed)},
		{name: "correct to in progress", at: opening, run: correct(domain.StatusInProgress)},
		{name: "correct to completed", at: opening, run: correct(domain.StatusCompleted)},
		{name: "correct to cancelled", at: opening, run: correct(domain.StatusCancelled)},
		{name: "note for the salon", at: now, run: note(domain.VisibleInternal), unseen: true},
		{name: "note for the customer", at: now, run: note(domain.VisibleCustomer), unseen: true},
		{name: "redact the desk's note", at: now, unseen: true, run: func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RedactNote(v.tb.Context(), by, o, commands.RedactNote{BookingID: v.booking.ID, NoteID: v.note()}))
		}},
	}
}
