package commands_test

import (
	"testing"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// Whoever could enlist another branch's member would decide on his leave.
func TestAManagerDoesNotEnlistAnotherBranchsMember(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	_, err := s.OpenBranch(t.Context(), owner, s.key(), commands.OpenBranch{
		BranchID: otherBranch, Name: "Nord", TimeZone: "Europe/Berlin", Currency: "EUR",
	})
	s.must(err)
	elsewhere := commands.Caller{UserID: "usr_manager", Role: domain.RoleManager, BranchIDs: []string{otherBranch}}
	both := commands.Caller{UserID: "usr_manager2", Role: domain.RoleManager, BranchIDs: []string{otherBranch, branch}}
	join := func(by commands.Caller, member string) error {
		return err1(s.JoinStaff(t.Context(), by, s.key(), commands.JoinStaff{BranchID: otherBranch, StaffID: member, Skills: []string{cut}}))
	}
	wantRefusal(t, join(elsewhere, anna), domain.Forbidden, domain.CodeForbidden)
	wantRefusal(t, join(boss, anna), domain.Forbidden, domain.CodeForbidden) // who does not run the other branch
	for _, c := range []struct {
		by     commands.Caller
		member string
	}{
		{both, anna},
		{owner, boris},
		{elsewhere, anna}, // she works at his branch now
		{elsewhere, "stf_newbie1"},
	} {
		if err := join(c.by, c.member); err != nil {
			t.Errorf("%s for %s: %v", c.by.UserID, c.member, err)
		}
	}
	_, err = s.LeaveStaff(t.Context(), boss, s.key(), commands.LeaveStaff{BranchID: branch, StaffID: zoe})
	s.must(err)
	if err := join(elsewhere, zoe); err != nil {
		t.Errorf("who works nowhere may be enlisted: %v", err)
	}
}
