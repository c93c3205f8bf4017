package projections_test

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// takeLeave draws a step in the life of a leave. Its blocks are the keeper's, who comes later.
func (c chance) takeLeave() error {
	leave := c.h.leaves[c.leaveID]
	var facts []domain.LeaveEvent
	var err error
	switch leave.Status {
	case domain.LeaveNone:
		home := ""
		for id := range c.h.staff[c.staff[0]].Branches {
			home = max(home, id) // any, but always the same
		}
		if home == "" {
			return errSkip
		}
		ask := c.h.ask(c.leaveID, c.staff[0], home, c.date, domain.AddDays(c.date, c.n%2))
		if c.n < 5 {
			from, to := domain.Minute(c.n*120), domain.Minute(1380)
			ask.FromTime, ask.ToTime = &from, &to
			facts, err = leave.MarkStaffOff(ask)
		} else {
			facts, err = leave.Request(ask)
		}
	case domain.LeavePending:
		switch c.n {
		case 0:
			facts, err = leave.Withdraw()
		case 1:
			facts, err = leave.Reject("We need you")
		default:
			facts, err = leave.Approve(domain.ApproveLeave{})
		}
	case domain.LeaveGranted:
		if c.n < 3 {
			facts, err = leave.Revoke("We need you after all")
		}
	case domain.LeaveDeclined, domain.LeaveTakenBack, domain.LeaveUndone:
	}
	return c.h.leave(c.leaveID, manager, facts, err)
}

// keepLeave is the leave keeper, who may die after any day.
func (c chance) keepLeave() error {
	for i, day := range c.h.leaves[c.leaveID].Days() {
		if i <= c.n/3 {
			c.h.keepDay(c.leaveID, day)
		}
	}
	return nil
}

// changeBranch draws a change of what a branch is and offers.
func (c chance) changeBranch() error {
	b := c.h.branches[c.branchID]
	closureID := "cls_random" + c.segment[4:]
	var facts []domain.BranchEvent
	var err error
	switch c.n {
	case 0, 1:
		late := domain.TimeRange{From: domain.Minute(30 * c.n), To: 1440}
		facts, err = b.SetHours(domain.TimetableChange{Pattern: &domain.Pattern{
			EffectiveFrom: "2026-06-01", Week: domain.EveryDay(late),
		}})
	case 2:
		facts, err = b.SetHours(domain.TimetableChange{Override: &domain.DateOverride{Date: c.date, Lifted: len(c.staff) > 1}})
	case 3:
		p := b.Policy
		p.AutoConfirm, p.RescheduleReapprove = !p.AutoConfirm, !p.RescheduleReapprove
		facts, err = b.SetPolicy(p)
	case 4, 5:
		if _, offered := b.Services[c.service]; offered {
			facts, err = b.Withdraw(c.service)
			break
		}
		for _, s := range services() {
			if s.ServiceID == c.service {
				s.PriceMinor += int64(c.h.position)
				facts, err = b.Offer(s)
			}
		}
	case 6, 7:
		facts, err = b.DeclareClosure(domain.DeclareClosure{
			ClosureID: closureID, FromDate: c.date, ToDate: domain.AddDays(c.date, len(c.staff)-1), Reason: "Painting",
			Location: c.h.zone(c.branchID),
		})
	default:
		facts, err = b.LiftClosure(closureID, nil, c.h.zone(c.branchID))
	}
	return c.h.branch(c.branchID, facts, err)
}

// changeStaff draws a change of who works where and when.
func (c chance) changeStaff() error {
	id := c.staff[0]
	member := c.h.staff[id]
	var facts []domain.StaffEvent
	var err error
	switch c.n {
	case 0:
		facts = member.Leave(c.branchID)
	case 1, 2, 3:
		facts = member.Join(id, c.branchID, nil)
	case 4, 5:
		facts = member.Join(id, c.branchID, []string{c.service, haircut})
	default:
		zones := map[string]*time.Location{}
		for _, b := range c.h.branches {
			zones[b.TimeZone] = c.h.zone(b.BranchID)
		}
		// An override: comparing patterns at two branches takes a year's dates, and is the domain's to test.
		facts, err = member.SetShifts(domain.SetShifts{
			BranchID: c.branchID, TimeZone: c.h.branches[c.branchID].TimeZone, Zones: zones, Now: c.h.now,
			Change: domain.TimetableChange{Override: &domain.DateOverride{
				Date: c.date, Ranges: []domain.TimeRange{{From: 0, To: domain.Minute(1440 - 60*(c.n%2))}}, Lifted: c.n == 9,
			}},
		})
	}
	return c.h.member(id, facts, err)
}

// changeCustomer draws outcomes that count, in any order, and what becomes of them.
func (c chance) changeCustomer() error {
	have := c.h.customers[c.customer]
	switch c.n {
	case 0:
		return c.h.customer(c.customer, manager, have.Erase(c.customer, c.h.now), nil)
	case 1, 2:
		facts, err := have.Clear("An old friend", c.h.now)
		return c.h.customer(c.customer, manager, facts, err)
	default:
	}
	var outcomes []domain.Outcome
	for i := range c.n {
		kind := domain.OutcomeNoShow
		if i == len(c.staff) {
			kind = domain.OutcomeLateCancel
		}
		outcomes = append(outcomes, domain.Outcome{
			BookingID: "bkg_past0" + c.segment[4:] + string(rune('a'+i)), Kind: kind, At: monday().AddDate(0, 0, -i),
		})
	}
	return c.h.customer(c.customer, engine, have.Account(c.customer, outcomes, c.h.now), nil)
}
