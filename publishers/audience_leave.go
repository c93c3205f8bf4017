package publishers

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// What is heard of leaves. The kind of a leave is told to the member and to the managers' queue (L) alone: on the schedule a
// member is off, and nobody there learns why.

// leaveDates is when a leave is, as it was asked for. Date is the first, under the key that pages have always known.
type leaveDates struct {
	Date     string         `json:"date"` // YYYY-MM-DD
	FromDate string         `json:"fromDate"`
	ToDate   string         `json:"toDate"`             // inclusive
	FromTime *domain.Minute `json:"fromTime,omitempty"` // of the first date, HH:MM
	ToTime   *domain.Minute `json:"toTime,omitempty"`   // of the last date, HH:MM
}

func datesOf(l domain.LeaveRef) leaveDates {
	return leaveDates{Date: l.FromDate, FromDate: l.FromDate, ToDate: l.ToDate, FromTime: l.FromTime, ToTime: l.ToTime}
}

// staffLeave is what the member hears of his own leave.
type staffLeave struct {
	LeaveID string `json:"leaveId"`
	leaveDates
	LeaveType domain.LeaveType `json:"leaveType"`
}

type staffLeaveWithdrawn struct {
	LeaveID string `json:"leaveId"`
}

type staffLeaveRejected struct {
	LeaveID string `json:"leaveId"`
	Date    string `json:"date"`
	Reason  string `json:"rejectionReason"`
}

// queueLeave is a leave that waits for the managers of a branch.
type queueLeave struct {
	LeaveID   string `json:"leaveId"`
	StaffID   string `json:"staffId"`
	StaffName string `json:"staffName"`
	leaveDates
	LeaveType domain.LeaveType `json:"leaveType"`
	// ConflictCount is how many bookings of the branch would be in the way, as far as they were known then.
	ConflictCount int `json:"conflictCount"`
}

// queueLeaveSettled is a leave that waits no more; the message's name says how it ended.
type queueLeaveSettled struct {
	LeaveID string `json:"leaveId"`
	StaffID string `json:"staffId"`
}

// memberOff is that a member does not work at a time, or does so after all. StartTime and EndTime are those of the whole
// leave; a page shows the part that lies on its date. Leaves of one member may overlap: he is off while one of them lasts.
type memberOff struct {
	LeaveID   string    `json:"leaveId"`
	StaffID   string    `json:"staffId"`
	StaffName string    `json:"staffName"`
	StartTime time.Time `json:"startTime"` // the instants, UTC
	EndTime   time.Time `json:"endTime"`
}

func (f *fanOut) memberOff(l domain.LeaveRef) memberOff {
	return memberOff{
		LeaveID: l.LeaveID, StaffID: l.StaffID, StaffName: f.Names[l.StaffID], StartTime: l.StartAt.UTC(), EndTime: l.EndAt.UTC(),
	}
}

// onLeaveDates adds a message to every date that the leave touches at every branch at which the member works.
func (f *fanOut) onLeaveDates(l domain.LeaveRef, name string) {
	for _, place := range l.Places {
		f.onDates(place.BranchID, place.LocalDates, name, f.memberOff(l))
	}
}

// toLeaveQueues adds a message to the leave queue of every branch at which the member works.
func (f *fanOut) toLeaveQueues(l domain.LeaveRef, name string, payload func(branchID string) any) {
	for _, place := range l.Places {
		f.add(leaveChannel(place.BranchID), place.BranchID, name, payload(place.BranchID))
	}
}

// toMember adds a message on the member's own channel. A leave is not about one branch.
func (f *fanOut) toMember(l domain.LeaveRef, name string, payload any) {
	f.add(staffChannel(l.StaffID), "", name, payload)
}
