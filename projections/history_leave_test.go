package projections_test

import (
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
)

// ask is what a member wants who is off from one date to another, on the clocks of the branch.
func (h *history) ask(leaveID, staffID, branchID, from, to string) domain.AskLeave {
	h.t.Helper()
	a := domain.AskLeave{
		LeaveID: leaveID, StaffID: staffID, Type: domain.LeaveSick, FromDate: from, ToDate: to, BranchID: branchID,
		Zones: map[string]*time.Location{}, Now: h.now, Reason: &domain.Sealed{KeyID: "key_" + leaveID, Box: []byte("sealed")},
	}
	for id := range h.staff[staffID].Branches {
		a.Branches = append(a.Branches, h.branches[id])
		a.Zones[h.branches[id].TimeZone] = h.zone(id)
	}
	return a
}

func (h *history) leave(id string, by domain.Actor, facts []domain.LeaveEvent, err error) error {
	for _, f := range facts {
		h.leaves[id] = h.leaves[id].Evolve(f)
		h.record(domain.LeaveStream(id), by, f)
	}
	return err
}

func (h *history) askLeave(leaveID, staffID, branchID, from, to string) {
	h.t.Helper()
	facts, err := h.leaves[leaveID].Request(h.ask(leaveID, staffID, branchID, from, to))
	h.must(h.leave(leaveID, domain.Actor{UserID: "usr_" + staffID[4:], Role: domain.RoleStaff}, facts, err))
}

// markOff is for a part of a date.
func (h *history) markOff(leaveID, staffID, branchID, date string, from, to domain.Minute) {
	h.t.Helper()
	a := h.ask(leaveID, staffID, branchID, date, date)
	a.FromTime, a.ToTime = &from, &to
	a.Reason = &domain.Sealed{KeyID: "key_off_" + leaveID, Box: []byte("box")}
	facts, err := h.leaves[leaveID].MarkStaffOff(a)
	h.must(h.leave(leaveID, reception, facts, err))
	h.keep(leaveID)
}

func (h *history) approve(leaveID string) {
	h.t.Helper()
	facts, err := h.leaves[leaveID].Approve(domain.ApproveLeave{})
	h.must(h.leave(leaveID, manager, facts, err))
	h.keep(leaveID)
}

func (h *history) revoke(leaveID string) {
	h.t.Helper()
	facts, err := h.leaves[leaveID].Revoke("We need her")
	h.must(h.leave(leaveID, manager, facts, err))
	h.keep(leaveID)
}

// keep is what the leave keeper does: approved leave blocks its days, any other none.
func (h *history) keep(leaveID string) {
	h.t.Helper()
	for _, day := range h.leaves[leaveID].Days() {
		h.keepDay(leaveID, day)
	}
}

func (h *history) keepDay(leaveID, day string) {
	leave := h.leaves[leaveID]
	stream := domain.StaffDayStream(leave.StaffID, day)
	if leave.Status == domain.LeaveGranted {
		h.day(stream, h.days[stream].Block(leave.LeaveRef, day))
	} else {
		h.day(stream, h.days[stream].Unblock(leave.LeaveRef, day))
	}
}

// blockedDays lists the days that a leave blocks now.
func (h *history) blockedDays(leave domain.Leave) (days []string) {
	for _, day := range leave.Days() {
		blocks := h.days[domain.StaffDayStream(leave.StaffID, day)].Blocks
		if slices.ContainsFunc(blocks, func(b domain.DayBlock) bool { return b.LeaveID == leave.LeaveID }) {
			days = append(days, day)
		}
	}
	return days
}
