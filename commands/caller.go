package commands

import (
	"slices"

	"github.com/royalglow/booking/domain"
)

// Caller is who issues a command, as the sign-in vouches for.
type Caller struct {
	UserID string // "usr_…"
	Role   domain.Role
	// StaffID is the caller's profile as a member of staff, if there is one.
	StaffID string
	// BranchIDs are the branches at whose desk the caller works. Owners and developers need none.
	BranchIDs []string
}

// check refuses a caller whose ids could be anything: what is built from them must stay in its stream and channel.
func (c Caller) check() error {
	ok := domain.ValidID(domain.UserPrefix, c.UserID) && (c.StaffID == "" || domain.ValidID(domain.StaffPrefix, c.StaffID))
	for _, id := range c.BranchIDs {
		ok = ok && domain.ValidID(domain.BranchPrefix, id)
	}
	if _, known := domain.ParseRole(string(c.Role)); !ok || !known {
		return domain.Refuse(domain.Unauthenticated, domain.CodeUnauthenticated, "sign in with a valid user token")
	}
	return nil
}

// runs reports whether the caller works at the branch's desk.
func (c Caller) runs(branchID string) bool {
	return c.Role.Desk() && (c.Role.AllBranches() || slices.Contains(c.BranchIDs, branchID))
}

// owns reports whether the caller is the customer.
func (c Caller) owns(customerID string) bool {
	return c.Role == domain.RoleCustomer && customerID != "" && c.UserID == customerID
}

// actor is how the caller's doings are recorded; onBehalfOf is the customer for whom the desk acts, or empty.
func (c Caller) actor(onBehalfOf string) domain.Actor {
	return domain.Actor{UserID: c.UserID, Role: c.Role, OnBehalfOf: onBehalfOf}
}

func errForbidden() *domain.Refusal {
	return domain.Refuse(domain.Forbidden, domain.CodeForbidden, "this is not for your role or branch")
}
