package publishers

import "github.com/royalglow/booking/domain"

// What is heard about one booking. On its public channel sit the customer and the staff together, so it shows neither
// prices nor who at the salon did something or why in the salon's own terms. Its internal channel shows the latter, and no
// prices either, because staff may not see them.

type publicStatus struct {
	FromStatus domain.Status `json:"fromStatus"`
	ToStatus   domain.Status `json:"toStatus"`
	ChangedBy  domain.Party  `json:"changedBy"`
	Reason     string        `json:"reason,omitempty"` // written for the customer
}

type publicStaff struct {
	StaffName string `json:"staffName"`
}

type internalStatus struct {
	FromStatus domain.Status `json:"fromStatus"`
	ToStatus   domain.Status `json:"toStatus"`
	ChangedBy  internalActor `json:"changedBy"`
	Reason     string        `json:"reason,omitempty"`
	ReasonCode string        `json:"reasonCode,omitempty"`
}

type internalStaff struct {
	SegmentID   string        `json:"segmentId"`
	FromStaffID string        `json:"fromStaffId"`
	ToStaffID   string        `json:"toStaffId"`
	StaffName   string        `json:"staffName"`
	ChangedBy   internalActor `json:"changedBy"`
}

type internalActor struct {
	UserID string      `json:"userId"`
	Role   domain.Role `json:"role"`
}

// statusChanged tells both channels of the booking.
func (f *fanOut) statusChanged(from, to domain.Status, reason, reasonCode string) {
	f.add(bookingChannel(f.ref.BookingID), "status.changed", publicStatus{
		FromStatus: from, ToStatus: to, ChangedBy: f.changedBy(), Reason: reason,
	})
	f.add(internalChannel(f.ref.BookingID), "status.changed", internalStatus{
		FromStatus: from, ToStatus: to, ChangedBy: f.internalActor(), Reason: reason, ReasonCode: reasonCode,
	})
}

func (f *fanOut) internalActor() internalActor {
	actor := f.event.Metadata.Actor
	return internalActor{UserID: actor.UserID, Role: actor.Role}
}
