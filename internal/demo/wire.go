package demo

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// The bodies of the API, as an outsider reads them in its documentation. They are written down here a second time on
// purpose: a name that changes in the engine breaks the people, as it would break every other client.

type openBranch struct {
	Name     string        `json:"name"`
	TimeZone string        `json:"timeZone"`
	Currency string        `json:"currency"`
	Policy   domain.Policy `json:"policy"`
}

type offerService struct {
	Name              string         `json:"name"`
	Type              string         `json:"type"`
	DurationMinutes   int            `json:"durationMinutes"`
	Phases            []domain.Phase `json:"phases,omitempty"`
	PreBufferMinutes  int            `json:"preBufferMinutes,omitempty"`
	PostBufferMinutes int            `json:"postBufferMinutes,omitempty"`
	PriceMinor        int64          `json:"priceMinor"`
}

type joinStaff struct {
	Skills []string `json:"skills"`
}

// setShifts also sets the hours of a branch, which have no branch of their own in the body.
type setShifts struct {
	BranchID string               `json:"branchId,omitempty"`
	Pattern  *domain.Pattern      `json:"pattern,omitempty"`
	Override *domain.DateOverride `json:"override,omitempty"`
}

type declareClosure struct {
	FromDate string `json:"fromDate"`
	ToDate   string `json:"toDate"`
	Reason   string `json:"reason"`
}

type putName struct {
	Name string `json:"name"`
}

type requestBooking struct {
	CustomerID string          `json:"customerId,omitempty"` // of the desk
	BranchID   string          `json:"branchId"`
	StartAt    time.Time       `json:"startAt"`
	Services   []serviceChoice `json:"services"`
}

type createWalkIn struct {
	CustomerID string          `json:"customerId,omitempty"`
	Guest      *guest          `json:"guest,omitempty"`
	BranchID   string          `json:"branchId"`
	StartAt    time.Time       `json:"startAt"`
	Services   []serviceChoice `json:"services"`
}

type guest struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
}

type serviceChoice struct {
	ServiceID string `json:"serviceId"`
	StaffID   string `json:"staffId,omitempty"` // empty: any
}

// changeBooking has the fields of all actions; each takes its own only.
type changeBooking struct {
	Action          string            `json:"action"`
	Assignments     []staffAssignment `json:"assignments,omitempty"`
	SegmentID       string            `json:"segmentId,omitempty"`
	StaffID         string            `json:"staffId,omitempty"`
	ServiceID       string            `json:"serviceId,omitempty"`
	DurationMinutes int               `json:"durationMinutes,omitempty"`
	StartAt         time.Time         `json:"startAt,omitzero"`
	ReasonCode      string            `json:"reasonCode,omitempty"`
	Reason          string            `json:"reason,omitempty"`
	PaymentMethod   string            `json:"paymentMethod,omitempty"`
	ToStatus        domain.Status     `json:"toStatus,omitempty"`
}

type staffAssignment struct {
	SegmentID string `json:"segmentId"`
	StaffID   string `json:"staffId"`
}

type addNote struct {
	Note       string            `json:"note"`
	Visibility domain.Visibility `json:"visibility,omitempty"`
}

// changeOther is the body of the actions on notes, leave and standing.
type changeOther struct {
	Action string `json:"action"`
	Reason string `json:"reason,omitempty"`
}

// askLeave is a request for leave, or a mark-off.
type askLeave struct {
	StaffID   string `json:"staffId,omitempty"` // of a mark-off
	BranchID  string `json:"branchId"`
	FromDate  string `json:"fromDate"`
	ToDate    string `json:"toDate"`
	FromTime  string `json:"fromTime,omitempty"`
	ToTime    string `json:"toTime,omitempty"`
	LeaveType string `json:"leaveType,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

type tokenRequest struct {
	BookingID string `json:"bookingId,omitempty"`
}
