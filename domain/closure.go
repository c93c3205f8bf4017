package domain

import "time"

// MaxClosureDays bounds a closure.
const MaxClosureDays = 366

// DeclareClosure is the wish that a branch is closed on some dates.
type DeclareClosure struct {
	ClosureID        string
	FromDate, ToDate string // branch-local, inclusive
	Reason           string
	Location         *time.Location // the branch's
	// Conflicts are the bookings in the way, StaffIDs the members on shift; from read models.
	Conflicts []ClosureConflict
	StaffIDs  []string
}

// Interval returns the instants of the closure, or says what is wrong with its dates.
func (d DeclareClosure) Interval() (Interval, error) {
	if !ValidDate(d.FromDate) || !ValidDate(d.ToDate) || d.ToDate < d.FromDate ||
		AddDays(d.FromDate, MaxClosureDays-1) < d.ToDate {
		return Interval{}, Refuse(Invalid, CodeValidation,
			"a closure lasts from one date to the same or a later one, %d days at most", MaxClosureDays).
			At("/fromDate", "/toDate")
	}
	start, _, _ := ResolveLocal(d.FromDate, 0, d.Location)
	end, _, _ := ResolveLocal(AddDays(d.ToDate, 1), 0, d.Location)
	return Interval{start, end}, nil
}

// DeclareClosure returns the fact that the branch will be closed. Bookings in the way become conflicts, which are closed one
// by one.
func (b Branch) DeclareClosure(d DeclareClosure) ([]BranchEvent, error) {
	if !b.Open() {
		return nil, ErrBranchNotFound()
	}
	if _, exists := b.Closures[d.ClosureID]; exists {
		return nil, Refuse(Conflict, CodeConflict, "the closure is declared already")
	}
	at, err := d.Interval()
	if err != nil {
		return nil, err
	}
	return []BranchEvent{BranchClosureDeclared{
		BranchID: b.BranchID,
		Closure: Closure{
			ClosureID: d.ClosureID, FromDate: d.FromDate, ToDate: d.ToDate, Reason: d.Reason, StartAt: at.StartAt, EndAt: at.EndAt,
		},
		LocalDates: LocalDates(at.StartAt, at.EndAt, d.Location),
		Conflicts:  append([]ClosureConflict{}, d.Conflicts...), StaffIDs: append([]string{}, d.StaffIDs...),
	}}, nil
}

// LiftClosure returns the fact that a closure no longer holds. staffIDs are the members on shift then.
func (b Branch) LiftClosure(closureID string, staffIDs []string, loc *time.Location) ([]BranchEvent, error) {
	closure, ok := b.Closures[closureID]
	if !ok {
		return nil, Refuse(NotFound, CodeNotFound, "the branch has no such closure")
	}
	return []BranchEvent{BranchClosureLifted{
		BranchID: b.BranchID, Closure: closure, LocalDates: LocalDates(closure.StartAt, closure.EndAt, loc),
		StaffIDs: append([]string{}, staffIDs...),
	}}, nil
}
