package domain

import (
	"cmp"
	"slices"
	"time"
)

// LeaveStatus is where a leave is in its life.
type LeaveStatus string

// The statuses of a leave. The zero status belongs to one that nobody has asked for.
const (
	LeaveNone      LeaveStatus = ""
	LeavePending   LeaveStatus = "pending"
	LeaveGranted   LeaveStatus = "approved"
	LeaveDeclined  LeaveStatus = "rejected"
	LeaveTakenBack LeaveStatus = "withdrawn"
	LeaveUndone    LeaveStatus = "revoked"
)

// LeaveStatuses lists every status that a stored leave can have.
func LeaveStatuses() []LeaveStatus {
	return []LeaveStatus{LeavePending, LeaveGranted, LeaveDeclined, LeaveTakenBack, LeaveUndone}
}

// Leave is the state of one leave. The zero Leave has not been asked for.
type Leave struct {
	LeaveRef
	Status LeaveStatus
}

// Evolve folds one fact. It is total.
func (l Leave) Evolve(e LeaveEvent) Leave {
	switch e := e.(type) {
	case LeaveRequested:
		l.LeaveRef, l.Status = e.LeaveRef, LeavePending
	case LeaveWithdrawn:
		l.Status = LeaveTakenBack
	case LeaveApproved:
		l.LeaveRef, l.Status = e.LeaveRef, LeaveGranted
	case LeaveRejected:
		l.Status = LeaveDeclined
	case LeaveRevoked:
		l.Status = LeaveUndone
	}
	return l
}

// MaxLeaveDays bounds a leave.
const MaxLeaveDays = 62

// AskLeave is the wish for leave, or a mark-off.
type AskLeave struct {
	LeaveID          string
	StaffID          string
	Type             LeaveType
	FromDate, ToDate string
	// FromTime is when it begins on the first date, ToTime when it ends on the last; nil: at midnight.
	FromTime, ToTime *Minute
	// BranchID is the branch on whose clocks the times are; Branches are all at which the member works.
	BranchID string
	Branches []Branch
	// Zones holds the locations of the branches, by the name of the zone.
	Zones  map[string]*time.Location
	Reason *Sealed
	// Conflicts are the bookings in the way, from read models.
	Conflicts []LeaveConflict
	// Now is of mark-offs.
	Now time.Time
}

// Request returns the fact that a member asks for leave.
func (l Leave) Request(a AskLeave) ([]LeaveEvent, error) {
	ref, err := l.begin(a)
	if err != nil {
		return nil, err
	}
	return []LeaveEvent{LeaveRequested{
		LeaveRef: ref, Reason: a.Reason, Conflicts: append([]LeaveConflict{}, a.Conflicts...),
	}}, nil
}

// MarkStaffOff returns the fact that a member is off, approved as it is made.
func (l Leave) MarkStaffOff(a AskLeave) ([]LeaveEvent, error) {
	ref, err := l.begin(a)
	if err != nil {
		return nil, err
	}
	ref.MarkOff = true
	return []LeaveEvent{LeaveApproved{
		LeaveRef: ref, Reason: a.Reason, Today: a.today(), Conflicts: append([]LeaveConflict{}, a.Conflicts...),
	}}, nil
}

func (l Leave) begin(a AskLeave) (LeaveRef, error) {
	if l.Status != LeaveNone {
		return LeaveRef{}, Refuse(Conflict, CodeConflict, "the leave exists already").With("status", l.Status)
	}
	return a.Ref()
}

// Ref returns when the leave is and whom it concerns, or says what is wrong with it.
func (a AskLeave) Ref() (LeaveRef, error) {
	home := slices.IndexFunc(a.Branches, func(b Branch) bool { return b.BranchID == a.BranchID })
	if home < 0 {
		return LeaveRef{}, Refuse(NotFound, CodeNotFound, "nobody by this id works at the branch")
	}
	if !ValidDate(a.FromDate) || !ValidDate(a.ToDate) || a.ToDate < a.FromDate || AddDays(a.FromDate, MaxLeaveDays-1) < a.ToDate {
		return LeaveRef{}, Refuse(Invalid, CodeValidation, "a leave lasts from one date to the same or a later one, %d days at most", MaxLeaveDays).
			At("/fromDate", "/toDate")
	}
	loc := a.Zones[a.Branches[home].TimeZone]
	from, to := Minute(0), Minute(dayMinutes)
	if a.FromTime != nil {
		from = *a.FromTime
	}
	if a.ToTime != nil {
		to = *a.ToTime
	}
	start, _, _ := ResolveLocal(a.FromDate, int(from), loc)
	end, _, _ := ResolveLocal(a.ToDate, int(to), loc)
	if !start.Before(end) { // also between two times that the clocks skip
		return LeaveRef{}, Refuse(Invalid, CodeValidation, "a leave ends after it begins").At(a.bounds()...)
	}
	ref := LeaveRef{
		LeaveID: a.LeaveID, StaffID: a.StaffID, Type: a.Type, FromDate: a.FromDate, ToDate: a.ToDate,
		FromTime: a.FromTime, ToTime: a.ToTime, TimeZone: a.Branches[home].TimeZone, StartAt: start, EndAt: end,
	}
	for _, b := range a.Branches {
		ref.Places = append(ref.Places, LeavePlace{
			BranchID: b.BranchID, LocalDates: LocalDates(start, end, a.Zones[b.TimeZone]),
		})
	}
	slices.SortFunc(ref.Places, func(x, y LeavePlace) int { return cmp.Compare(x.BranchID, y.BranchID) })
	return ref, nil
}

// bounds are the pointers of what says when the leave begins and ends: the times, where they are given.
func (a AskLeave) bounds() []string {
	from, to := "/fromDate", "/toDate"
	if a.FromTime != nil {
		from = "/fromTime"
	}
	if a.ToTime != nil {
		to = "/toTime"
	}
	return []string{from, to}
}

func (a AskLeave) today() map[string]string {
	dates := map[string]string{}
	for _, b := range a.Branches {
		dates[b.BranchID] = a.Now.In(a.Zones[b.TimeZone]).Format(DayFormat)
	}
	return dates
}

// Days lists the UTC days on which the leave blocks its member.
func (r LeaveRef) Days() []string { return UTCDays(r.StartAt, r.EndAt) }
