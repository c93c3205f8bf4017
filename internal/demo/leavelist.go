package demo

import (
	"context"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// request for leave, as the managers' list shows it: what waits for them, and what they have granted.
type application struct {
	Status    string
	StaffID   string
	From, To  string // dates, inclusive
	LeaveType string
}

// foldApplication keeps the managers' list up to date. Mark-offs are not in it: nobody had to decide.
func foldApplication(a application, n note) (application, verdict) {
	m := more[struct {
		StaffID   string `json:"staffId"`
		FromDate  string `json:"fromDate"`
		ToDate    string `json:"toDate"`
		LeaveType string `json:"leaveType"`
	}](n)
	switch n.Name {
	case "leave.requested":
		return application{string(domain.LeavePending), m.StaffID, m.FromDate, m.ToDate, m.LeaveType}, shows
	case "leave.approved":
		if a.Status == "" {
			return application{}, unclear
		}
		a.Status = string(domain.LeaveGranted)
		return a, shows
	}
	return application{}, gone // withdrawn, rejected or revoked
}

// newApplications makes the list of the managers of a branch.
func (t *town) newApplications(reader *person, channel, branchID string) *ledger[application] {
	l := newLedger(only(channel), foldApplication)
	l.all = func(ctx context.Context) (map[key]reading[application], eventstore.Position, error) {
		list, at, err := t.listLeave(ctx, reader, standingLeave(branchID))
		now := map[key]reading[application]{}
		for _, v := range list {
			if !v.MarkOff {
				now[key{channel, v.LeaveID}] = reading[application]{v.application(), v.at}
			}
		}
		return now, at, err
	}
	l.one = func(ctx context.Context, k key, lowest eventstore.Position) (reading[application], bool, error) {
		v, err := t.openLeave(ctx, reader, k.entity, lowest)
		return reading[application]{v.application(), v.at}, v.standing() && !v.MarkOff, err
	}
	return l
}

func (v leaveView) application() application {
	return application{v.Status, v.StaffID, v.FromDate, v.ToDate, v.LeaveType}
}

// standing reports whether the leave waits or holds.
func (v leaveView) standing() bool {
	return v.Status == string(domain.LeavePending) || v.Status == string(domain.LeaveGranted)
}
