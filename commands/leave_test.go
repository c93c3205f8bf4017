package commands_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// times are a leave on the day of the opening.
func times() commands.LeaveTimes {
	return commands.LeaveTimes{BranchID: branch, FromDate: "2026-06-16", ToDate: "2026-06-16"}
}

func (s *salon) askLeave(by commands.Caller) commands.Receipt {
	s.tb.Helper()
	r, err := s.RequestLeave(s.tb.Context(), by, s.key(), commands.RequestLeave{
		LeaveTimes: times(), LeaveType: domain.LeaveSick, Reason: "a cold",
	})
	s.must(err)
	return r
}

func (s *salon) leave(id string) domain.Leave {
	s.tb.Helper()
	var l domain.Leave
	for r, err := range s.store.Read(s.tb.Context(), domain.LeaveStream(id), 0) {
		s.must(err)
		l = l.Evolve(r.Event.(domain.LeaveEvent))
	}
	return l
}

// boss is a manager who also works on customers.
var boss = commands.Caller{UserID: "usr_boss01", Role: domain.RoleManager, StaffID: boris, BranchIDs: []string{branch}}

func TestALeaveFromRequestToRevocation(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	b := s.mustRequest(carla, anna, opening)
	r := s.askLeave(stylist)
	if l := s.leave(r.ID); l.Status != domain.LeavePending || l.StaffID != anna || len(s.vault.texts) != 1 {
		t.Errorf("got %+v, %d keys", l, len(s.vault.texts))
	}
	_, err := s.ApproveLeave(t.Context(), desk, s.key(), commands.ApproveLeave{LeaveID: r.ID, OnConflict: "reject"})
	conflicts := refusal(t, err, domain.Conflict, domain.CodeLeaveConflicts).Details["conflicts"].([]domain.LeaveConflict)
	if len(conflicts) != 1 || conflicts[0].BookingID != b.ID {
		t.Errorf("in the way: %+v", conflicts)
	}
	_, err = s.ApproveLeave(t.Context(), desk, s.key(), commands.ApproveLeave{LeaveID: r.ID})
	s.must(err)
	_, err = s.RevokeLeave(t.Context(), desk, s.key(), commands.RevokeLeave{LeaveID: r.ID})
	wantRefusal(t, err, domain.Forbidden, domain.CodeForbidden)
	_, err = s.RevokeLeave(t.Context(), boss, s.key(), commands.RevokeLeave{LeaveID: r.ID, Reason: "we need you"})
	s.must(err)
	if l := s.leave(r.ID); l.Status != domain.LeaveUndone {
		t.Errorf("it is %s", l.Status)
	}
}

func TestScenario38NobodyApprovesHisOwnLeave(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r := s.askLeave(boss)
	for name, try := range map[string]func() error{
		"approve": func() error {
			return err1(s.ApproveLeave(t.Context(), boss, s.key(), commands.ApproveLeave{LeaveID: r.ID}))
		},
		"reject": func() error {
			return err1(s.RejectLeave(t.Context(), boss, s.key(), commands.RejectLeave{LeaveID: r.ID, Reason: "no"}))
		},
	} {
		wantRefusal(t, try(), domain.Forbidden, domain.CodeOwnLeave)
		_ = name
	}
	_, err := s.ApproveLeave(t.Context(), desk, s.key(), commands.ApproveLeave{LeaveID: r.ID})
	s.must(err)
}

func TestScenario37WhatIsDecidedCannotBeWithdrawn(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	approved, withdrawn := s.askLeave(stylist), s.askLeave(stylist)
	_, err := s.ApproveLeave(t.Context(), desk, s.key(), commands.ApproveLeave{LeaveID: approved.ID})
	s.must(err)
	_, err = s.WithdrawLeave(t.Context(), stylist, s.key(), commands.WithdrawLeave{LeaveID: approved.ID})
	wantRefusal(t, err, domain.Conflict, domain.CodeLeaveTransition)
	_, err = s.WithdrawLeave(t.Context(), stylist, s.key(), commands.WithdrawLeave{LeaveID: withdrawn.ID})
	s.must(err)
	_, err = s.ApproveLeave(t.Context(), desk, s.key(), commands.ApproveLeave{LeaveID: withdrawn.ID})
	wantRefusal(t, err, domain.Conflict, domain.CodeLeaveTransition)
}

func TestWhoMayDoWhatWithALeave(t *testing.T) {
	t.Parallel()
	another := commands.Caller{UserID: "usr_zoe001", Role: domain.RoleStaff, StaffID: zoe}
	ask := func(s *salon, by commands.Caller, _ string) error {
		return err1(s.RequestLeave(s.tb.Context(), by, s.key(), commands.RequestLeave{LeaveTimes: times(), LeaveType: domain.LeaveCasual}))
	}
	withdraw := func(s *salon, by commands.Caller, id string) error {
		return err1(s.WithdrawLeave(s.tb.Context(), by, s.key(), commands.WithdrawLeave{LeaveID: id}))
	}
	reject := func(s *salon, by commands.Caller, id string) error {
		return err1(s.RejectLeave(s.tb.Context(), by, s.key(), commands.RejectLeave{LeaveID: id, Reason: "full"}))
	}
	markOff := func(s *salon, by commands.Caller, _ string) error {
		return err1(s.MarkStaffOff(s.tb.Context(), by, s.key(), commands.MarkStaffOff{StaffID: anna, LeaveTimes: times()}))
	}
	const ok, no, hidden = domain.Code(""), domain.CodeForbidden, domain.CodeNotFound
	for _, c := range []struct {
		name string
		try  func(*salon, commands.Caller, string) error
		want map[*commands.Caller]domain.Code
	}{
		{"ask", ask, map[*commands.Caller]domain.Code{&carla: no, &stylist: ok, &desk: no, &boss: ok}},
		{"withdraw", withdraw, map[*commands.Caller]domain.Code{&carla: no, &stylist: ok, &another: hidden, &desk: no, &boss: hidden}},
		{"reject", reject, map[*commands.Caller]domain.Code{&carla: no, &stylist: no, &desk: ok, &strangerDesk: hidden, &boss: ok}},
		{"mark off", markOff, map[*commands.Caller]domain.Code{&carla: no, &stylist: no, &desk: ok, &strangerDesk: no, &boss: ok}},
	} {
		for by, want := range c.want {
			s := newSalon(t)
			id := s.askLeave(stylist).ID
			if err := c.try(s, *by, id); (want == ok) != (err == nil) || want != ok && !isRefusal(err, want) {
				t.Errorf("%s by %s %s: %v, want %q", c.name, by.Role, by.UserID, err, want)
			}
		}
	}
}

func TestAMarkOffIsApprovedAsItIsMadeAndTheDeskMayTakeItBack(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	w := commands.MarkStaffOff{StaffID: anna, LeaveTimes: times(), Reason: "a burst pipe"}
	w.FromTime, w.ToTime = "13:00", "15:30"
	r, err := s.MarkStaffOff(t.Context(), desk, s.key(), w)
	s.must(err)
	l := s.leave(r.ID)
	if l.Status != domain.LeaveGranted || !l.MarkOff || l.EndAt.Sub(l.StartAt) != 150*time.Minute {
		t.Errorf("got %+v", l)
	}
	approved := s.store.All()[len(s.store.All())-1].Event.(domain.LeaveApproved)
	if approved.Reason == nil || len(s.vault.texts) != 1 || s.vault.texts[approved.Reason.KeyID] != w.Reason {
		t.Errorf("sealed %+v, keys %v", approved.Reason, s.vault.texts)
	}
	_, err = s.RevokeLeave(t.Context(), desk, s.key(), commands.RevokeLeave{LeaveID: r.ID})
	s.must(err)
	w.StaffID = "stf_nobody1"
	_, err = s.MarkStaffOff(t.Context(), desk, s.key(), w)
	wantRefusal(t, err, domain.NotFound, domain.CodeNotFound)
	if len(s.vault.texts) != 1 {
		t.Errorf("what came to nothing has left keys: %v", s.vault.texts)
	}
}

func TestALeaveThatIsNotThereOrNotYoursIsOneAnswer(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	id := s.askLeave(stylist).ID
	for _, leave := range []string{id, "lv_unknown1"} {
		_, err := s.ApproveLeave(t.Context(), strangerDesk, s.key(), commands.ApproveLeave{LeaveID: leave})
		wantRefusal(t, err, domain.NotFound, domain.CodeNotFound)
	}
}
