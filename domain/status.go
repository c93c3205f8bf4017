package domain

// Status is where a booking is in its life.
type Status string

// The statuses. The zero Status belongs to a booking that nobody has requested.
const (
	StatusNone       Status = ""
	StatusPending    Status = "pending"
	StatusConfirmed  Status = "confirmed"
	StatusCheckedIn  Status = "checked_in"
	StatusInProgress Status = "in_progress"
	StatusCompleted  Status = "completed"
	StatusRejected   Status = "rejected"
	StatusCancelled  Status = "cancelled"
	StatusNoShow     Status = "no_show"
)

// Statuses lists every status that a stored booking can have, in the order of a booking's life.
func Statuses() []Status {
	return []Status{
		StatusPending, StatusConfirmed, StatusCheckedIn, StatusInProgress, StatusCompleted,
		StatusRejected, StatusCancelled, StatusNoShow,
	}
}

// Open reports whether the booking is still going on: everything but the ends.
func (s Status) Open() bool {
	switch s {
	case StatusPending, StatusConfirmed, StatusCheckedIn, StatusInProgress:
		return true
	case StatusNone, StatusCompleted, StatusRejected, StatusCancelled, StatusNoShow:
	}
	return false
}

// Ahead reports whether a booking in this status counts toward a customer's cap: it has not begun.
func (s Status) Ahead() bool {
	switch s {
	case StatusPending, StatusConfirmed, StatusCheckedIn:
		return true
	case StatusNone, StatusInProgress, StatusCompleted, StatusRejected, StatusCancelled, StatusNoShow:
	}
	return false
}

// Occupies reports whether a booking in this status may hold its staff's time. A completed one keeps the time that it took, a
// no-show what had passed when it was marked.
func (s Status) Occupies() bool { return s.Open() || s == StatusCompleted || s == StatusNoShow }

// ToldToStaff reports whether members of staff see a booking in this status among theirs: not while the desk may still give it
// to another, nor once it is known that it will not take place.
func (s Status) ToldToStaff() bool {
	switch s {
	case StatusConfirmed, StatusCheckedIn, StatusInProgress, StatusCompleted:
		return true
	case StatusNone, StatusPending, StatusRejected, StatusCancelled, StatusNoShow:
	}
	return false
}

// slotKind is how firmly a booking in this status holds its time; meaningful only where Occupies.
func (s Status) slotKind() SlotKind {
	if s == StatusPending {
		return SlotTentative
	}
	return SlotFirm
}
