package publishers

import "github.com/royalglow/booking/domain"

// How a booking begins, and how it comes to an end before it takes place.

func (f *bookingFanOut) requested(e domain.BookingRequested) {
	f.toCustomer("booking.created", f.created(e.Number, domain.StatusPending, e.Plan))
	// Nobody listens to the booking's own channels yet, and members are told once it is settled who of them.
	f.toDesk("booking.new", deskNew{
		BookingID: e.BookingID, Number: e.Number, CustomerName: f.customerName(), Services: pricedServices(e.Segments),
		Date: localDate(e.Segments), Time: localStart(e.Segments), ServiceType: e.Type, RequiresManager: e.RequiresManager,
	})
	f.toSchedule(e.Slots, domain.StatusPending)
}

func (f *bookingFanOut) walkedIn(e domain.BookingWalkInCreated) {
	f.toCustomer("booking.created", f.created(e.Number, domain.StatusConfirmed, e.Plan))
	f.toDesk("booking.walkin_created", deskWalkIn{
		BookingID: e.BookingID, Number: e.Number, CustomerName: f.customerName(), Services: pricedServices(e.Segments),
		Date: localDate(e.Segments), Time: localStart(e.Segments), ServiceType: e.Type,
	})
	f.toSchedule(e.Slots, domain.StatusConfirmed)
	f.assign(e.Segments, domain.StatusConfirmed)
}

func (f *bookingFanOut) created(number string, status domain.Status, plan domain.Plan) customerCreated {
	return customerCreated{
		BookingID: f.ref.BookingID, Number: number, Status: status,
		Services: pricedServices(plan.Segments), TotalMinor: plan.TotalMinor, Currency: plan.Currency,
		Date: localDate(plan.Segments), StartTime: localStart(plan.Segments),
	}
}

func (f *bookingFanOut) confirmed(e domain.BookingConfirmed) {
	if e.Auto {
		f.byPolicy()
	}
	f.customerStatus(e.FromStatus, domain.StatusConfirmed, "")
	names := f.staffNames(e.Segments)
	f.toCustomer("booking.staff_assigned", customerStaff{BookingID: e.BookingID, StaffName: &names})
	f.statusChanged(e.FromStatus, domain.StatusConfirmed, "", "")
	f.deskStatus(e.FromStatus, domain.StatusConfirmed, false)
	f.toSchedule(e.Slots, domain.StatusConfirmed)
	f.assign(e.Segments, domain.StatusConfirmed)
}

func (f *bookingFanOut) rejected(e domain.BookingRejected) {
	f.customerStatus(e.FromStatus, domain.StatusRejected, e.Reason)
	f.statusChanged(e.FromStatus, domain.StatusRejected, e.Reason, e.ReasonCode)
	f.deskStatus(e.FromStatus, domain.StatusRejected, false)
	f.toSchedule(e.Slots, domain.StatusRejected)
}

func (f *bookingFanOut) cancelled(e domain.BookingCancelled) {
	f.toCustomer("booking.cancelled", customerCancelled{BookingID: e.BookingID, CancelledBy: e.CancelledBy})
	f.statusChanged(e.FromStatus, domain.StatusCancelled, e.Reason, e.ReasonCode)
	f.toDesk("booking.cancelled", deskCancelled{
		BookingID: e.BookingID, CustomerName: f.customerName(), CancelledBy: e.CancelledBy, Late: e.Late,
	})
	f.toSchedule(e.Slots, domain.StatusCancelled)
	f.unassign(told(e.FromStatus, e.Segments...), "")
}

func (f *bookingFanOut) customerStatus(from, to domain.Status, reason string) {
	f.toCustomer("booking.status_changed", customerStatus{
		BookingID: f.ref.BookingID, FromStatus: from, ToStatus: to, Reason: reason,
	})
}

// statusChanged tells both channels of the booking. reason is written for the customer; the code is the salon's own.
func (f *bookingFanOut) statusChanged(from, to domain.Status, reason, reasonCode string) {
	f.toPublic("status.changed", publicStatus{FromStatus: from, ToStatus: to, ChangedBy: f.changedBy(), Reason: reason})
	f.internalStatus(from, to, reason, reasonCode)
}

func (f *bookingFanOut) internalStatus(from, to domain.Status, reason, reasonCode string) {
	f.toInternal("status.changed", internalStatus{
		FromStatus: from, ToStatus: to, ChangedBy: f.by, Reason: reason, ReasonCode: reasonCode,
	})
}

func (f *bookingFanOut) deskStatus(from, to domain.Status, corrected bool) {
	f.toDesk("booking.status_changed", deskStatus{
		BookingID: f.ref.BookingID, FromStatus: from, ToStatus: to, CustomerName: f.customerName(), Corrected: corrected,
	})
}
