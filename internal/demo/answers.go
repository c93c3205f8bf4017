package demo

import (
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// What the people read, and how.

// receipt is the answer to an accepted command.
type receipt struct {
	ID       string              `json:"id"`
	Revision eventstore.Revision `json:"revision"`
	Position eventstore.Position `json:"position"`
}

// bookingView is a booking as its reader may see it; what he may not see is empty.
type bookingView struct {
	ID         string        `json:"id"`
	CustomerID string        `json:"customerId"`
	Status     domain.Status `json:"status"`
	IsWalkIn   bool          `json:"isWalkIn"`
	StartAt    time.Time     `json:"startAt"`
	EndAt      time.Time     `json:"endAt"`
	LocalDate  string        `json:"localDate"`
	LocalStart string        `json:"localStart"`
	TotalMinor int64         `json:"totalMinor"`
	Segments   []segmentView `json:"segments"`
	Desk       *struct {
		RequiresManager bool `json:"requiresManager"`
	} `json:"desk"`
	Notes []struct {
		NoteID     string            `json:"noteId"`
		Visibility domain.Visibility `json:"visibility"`
		Text       *string           `json:"text"`
	} `json:"notes"`
	Revision eventstore.Revision `json:"revision"`
	Position eventstore.Position `json:"position"` // of the read; in a list that of the list

	at eventstore.Position // the same, in both cases
}

type segmentView struct {
	SegmentID       string         `json:"segmentId"`
	ServiceID       string         `json:"serviceId"`
	ServiceName     string         `json:"serviceName"`
	StaffID         string         `json:"staffId"`
	StartAt         time.Time      `json:"startAt"`
	LocalStart      string         `json:"localStart"`
	DurationMinutes int            `json:"durationMinutes"`
	Phases          []domain.Phase `json:"phases"`
	StartedAt       time.Time      `json:"startedAt"`
	FinishedAt      time.Time      `json:"finishedAt"`
}

type leaveView struct {
	LeaveID       string    `json:"leaveId"`
	StaffID       string    `json:"staffId"`
	LeaveType     string    `json:"leaveType"`
	MarkOff       bool      `json:"markOff"`
	Status        string    `json:"status"`
	FromDate      string    `json:"fromDate"`
	ToDate        string    `json:"toDate"`
	StartAt       time.Time `json:"startAt"`
	EndAt         time.Time `json:"endAt"`
	OpenConflicts []struct {
		BookingID string `json:"bookingId"`
		SegmentID string `json:"segmentId"`
	} `json:"openConflicts"`
	Position eventstore.Position `json:"position"`

	at eventstore.Position
}

type scheduleView struct {
	Slots []struct {
		BookingID  string          `json:"bookingId"`
		SegmentID  string          `json:"segmentId"`
		StaffID    string          `json:"staffId"`
		Kind       domain.SlotKind `json:"kind"`
		StartAt    time.Time       `json:"startAt"`
		EndAt      time.Time       `json:"endAt"`
		LocalDates []string        `json:"localDates"`
		Status     domain.Status   `json:"status"`
	} `json:"slots"`
	Blocks []struct {
		LeaveID string    `json:"leaveId"`
		StaffID string    `json:"staffId"`
		StartAt time.Time `json:"startAt"`
		EndAt   time.Time `json:"endAt"`
	} `json:"blocks"`
	Position eventstore.Position `json:"position"`
}

type closuresView struct {
	Closures []struct {
		ClosureID string   `json:"closureId"`
		FromDate  string   `json:"fromDate"`
		ToDate    string   `json:"toDate"`
		Conflicts []string `json:"conflicts"`
	} `json:"closures"`
	Position eventstore.Position `json:"position"`
}

type standingView struct {
	NeedsApproval bool `json:"needsApproval"`
}

type tokenAnswer struct {
	Token string `json:"token"`
}
