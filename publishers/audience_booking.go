package publishers

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// What is heard about one booking on its public channel (B), where the customer and the staff sit together: neither prices nor
// who at the salon did something or why in the salon's own terms.

type publicStatus struct {
	FromStatus domain.Status `json:"fromStatus"`
	ToStatus   domain.Status `json:"toStatus"`
	ChangedBy  domain.Party  `json:"changedBy"`
	Reason     string        `json:"reason,omitempty"` // written for the customer
}

type publicMoved struct {
	move
	ChangedBy domain.Party `json:"changedBy"`
	Reason    string       `json:"reason,omitempty"` // written for the customer
}

type publicStaff struct {
	SegmentID string  `json:"segmentId"`
	StaffName *string `json:"staffName"` // null: nobody for now
}

type publicServiceAdded struct {
	Service   plainService `json:"service"`
	ChangedBy domain.Party `json:"changedBy"`
}

type publicServiceRemoved struct {
	ServiceID string       `json:"serviceId"`
	SegmentID string       `json:"segmentId"`
	ChangedBy domain.Party `json:"changedBy"`
}

// publicUpdated is that a service takes another time.
type publicUpdated struct {
	SegmentID       string       `json:"segmentId"`
	DurationMinutes int          `json:"durationMinutes"`
	EndTime         time.Time    `json:"endTime"` // of the booking, an instant in UTC
	ChangedBy       domain.Party `json:"changedBy"`
}

type publicNote struct {
	NoteID  string       `json:"noteId"`
	Note    string       `json:"note"`
	AddedBy domain.Party `json:"addedBy"`
}

type publicNoteRemoved struct {
	NoteID string `json:"noteId"`
}

// plainService is a service where staff listen: no price.
type plainService struct {
	SegmentID       string `json:"segmentId"`
	ServiceID       string `json:"serviceId"`
	Name            string `json:"name"`
	DurationMinutes int    `json:"durationMinutes"`
}

func plain(s domain.Segment) plainService {
	return plainService{
		SegmentID: s.SegmentID, ServiceID: s.ServiceID, Name: s.ServiceName, DurationMinutes: s.DurationMinutes,
	}
}
