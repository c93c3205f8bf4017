package httpapi

import (
	"slices"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
)

// caller is the session as commands know it.
func (s Session) caller() commands.Caller {
	return commands.Caller{UserID: s.UserID, Role: s.Role, StaffID: s.StaffID, BranchIDs: s.BranchIDs}
}

// runsBranch reports whether the session belongs to the desk of a branch.
func (s Session) runsBranch(branchID string) bool {
	return s.Role.Desk() && (s.Role.AllBranches() || slices.Contains(s.BranchIDs, branchID))
}

// sees reports whether a booking is the session's to see: the customer's own, the staff's assigned, the desk's branch. Staff
// see firm assignments only: a tentative hold is not told, and one that will not take place is nothing to do.
func (s Session) sees(b projections.Booking) bool {
	switch s.Role {
	case domain.RoleCustomer:
		return b.CustomerID == s.UserID
	case domain.RoleStaff:
		return b.Status.ToldToStaff() &&
			slices.ContainsFunc(b.Segments, func(g domain.Segment) bool { return g.StaffID == s.StaffID })
	case domain.RoleReceptionist, domain.RoleManager, domain.RoleOwner, domain.RoleDeveloper:
		return s.runsBranch(b.BranchID)
	case domain.RoleSystem:
	}
	return false
}

// branches is the scope of the desk's reads; other roles have no branches.
func (s Session) branches() projections.BranchScope {
	switch {
	case s.Role.AllBranches():
		return projections.EveryBranch()
	case s.Role.Desk():
		return projections.InBranches(s.BranchIDs...)
	}
	return projections.InBranches()
}

// scope is the desk's scope, or the one branch in it that is asked for. What reaches past the session finds nothing, and is not
// told why.
func (s Session) scope(branchID string) projections.BranchScope {
	switch {
	case branchID == "":
		return s.branches()
	case s.runsBranch(branchID):
		return projections.InBranches(branchID)
	}
	return projections.InBranches()
}

// deskOnly refuses everyone below receptionist.
func (s Session) deskOnly() error {
	if !s.Role.Desk() {
		return errForbidden()
	}
	return nil
}

// seesPrices reports whether amounts may be shown: to everyone but staff.
func (s Session) seesPrices() bool { return s.Role.Desk() || s.Role == domain.RoleCustomer }

func errForbidden() *domain.Refusal {
	return domain.Refuse(domain.Forbidden, domain.CodeForbidden, "this is not for your role or branch")
}
