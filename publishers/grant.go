package publishers

import "github.com/royalglow/booking/domain"

// Grant says for whom a token is and what it shall cover. The caller has checked that the bookings are this user's to see;
// the form of every id is checked here again, because a '*' or ':' in one of them would widen the token.
type Grant struct {
	UserID    string
	Role      domain.Role
	StaffID   string   // of a member of staff
	BranchIDs []string // of the desk; used when Scoped
	// Scoped limits the desk to its branches; owners and developers keep the wide form.
	Scoped bool
	// BookingID is a booking that the client asks for by name; it is always covered. Empty: none.
	BookingID string
	// BookingIDs are the customer's own bookings, those that the member is assigned to, or those that a scoped desk has open;
	// the most wanted first. The wide form has no use for them.
	BookingIDs []string
}

// item is a group of channels that are granted together or not at all.
type item []string

// items lists what is granted, the most important first.
func (g Grant) items() ([]item, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	switch g.Role {
	case domain.RoleCustomer:
		return g.list(item{"customer:" + g.UserID + ":*"}, nil, false), nil
	case domain.RoleStaff:
		return g.list(item{staffChannel(g.StaffID).name}, nil, true), nil
	case domain.RoleReceptionist, domain.RoleManager, domain.RoleOwner, domain.RoleDeveloper:
		if !g.Scoped || g.Role.AllBranches() {
			return []item{{"customer:" + g.UserID + ":*", "admin:*", "booking:*"}}, nil
		}
		return g.list(item{"customer:" + g.UserID + ":*"}, g.branches(), true), nil
	case domain.RoleSystem:
	}
	return nil, domain.Refuse(domain.Unauthenticated, domain.CodeUnauthenticated, "the role cannot have a realtime token")
}

func (g Grant) check() *domain.Refusal {
	bad := func(what string) *domain.Refusal {
		return domain.Refuse(domain.Unauthenticated, domain.CodeUnauthenticated, "the session has a malformed %s", what)
	}
	if !domain.ValidID(domain.UserPrefix, g.UserID) {
		return bad("user id")
	}
	if (g.Role == domain.RoleStaff || g.StaffID != "") && !domain.ValidID(domain.StaffPrefix, g.StaffID) {
		return bad("staff id")
	}
	for _, id := range g.BranchIDs {
		if !domain.ValidID(domain.BranchPrefix, id) {
			return bad("branch id")
		}
	}
	if g.BookingID != "" && !domain.ValidID(domain.BookingPrefix, g.BookingID) {
		return domain.Refuse(domain.Invalid, domain.CodeValidation, "the booking id is malformed")
	}
	for _, id := range g.BookingIDs {
		if !domain.ValidID(domain.BookingPrefix, id) {
			return domain.Refuse(domain.Invalid, domain.CodeValidation, "a booking id is malformed")
		}
	}
	return nil
}

// list puts what the role always hears and the requested booking first, where no cut can reach them, then the branches, then
// the other bookings. internal adds to each booking the channel that only the salon hears.
func (g Grant) list(always item, branches []item, internal bool) []item {
	booking := func(id string) item {
		if internal {
			return item{bookingChannel(id).name, internalChannel(id).name}
		}
		return item{bookingChannel(id).name}
	}
	items := []item{always}
	if g.BookingID != "" {
		items = append(items, booking(g.BookingID))
	}
	items = append(items, branches...)
	for _, id := range g.BookingIDs {
		items = append(items, booking(id))
	}
	return items
}

func (g Grant) branches() []item {
	items := make([]item, 0, len(g.BranchIDs))
	for _, id := range g.BranchIDs {
		items = append(items, item{deskChannel(id).name, leaveChannel(id).name, "admin:schedule:" + id + ":*"})
	}
	return items
}

// capability grants the one operation that clients ever have.
func capability(items []item) map[string][]string {
	out := map[string][]string{}
	for _, channels := range items {
		for _, name := range channels {
			out[name] = []string{"subscribe"}
		}
	}
	return out
}
