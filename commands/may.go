package commands

import "github.com/royalglow/booking/domain"

// Who may issue a command is asked twice: by role, before anything is looked up, and by what the caller has to do with the
// aggregate. Who has nothing to do with it gets the answer for one that is not there.

// deskOnly lets the desk pass, whatever its branches.
func deskOnly(c Caller) error { return allow(c.Role.Desk()) }

// managerOnly lets managers and above pass.
func managerOnly(c Caller) error { return allow(c.Role.Manager()) }

// notCustomers lets everybody pass who works for the salon.
func notCustomers(c Caller) error { return allow(c.Role.Desk() || c.Role == domain.RoleStaff) }

// customerOrDesk lets everybody pass but staff.
func customerOrDesk(c Caller) error { return allow(c.Role.Desk() || c.Role == domain.RoleCustomer) }

// anyone lets everybody pass who is signed in.
func anyone(Caller) error { return nil }

func allow(ok bool) error {
	if !ok {
		return errForbidden()
	}
	return nil
}

// managerOf lets the managers of a branch pass. Branches are public, so that this answer may differ from "not there".
func managerOf(branchID string) func(Caller) error {
	return func(c Caller) error { return allow(c.Role.Manager() && c.runs(branchID)) }
}

// deskOf lets the branch's own desk pass.
func deskOf(branchID string) func(Caller) error {
	return func(c Caller) error { return allow(c.runs(branchID)) }
}

// ofDesk shows bookings to the desk of their branch.
func ofDesk(c Caller) func(domain.Booking) error {
	return func(b domain.Booking) error { return present(b, c.runs(b.BranchID)) }
}

// ofCustomerOrDesk shows bookings to their customer as well.
func ofCustomerOrDesk(c Caller) func(domain.Booking) error {
	return func(b domain.Booking) error { return present(b, c.runs(b.BranchID) || c.owns(b.CustomerID)) }
}

// ofStaffOrDesk shows bookings to the staff who are assigned to them, and told so.
func ofStaffOrDesk(c Caller) func(domain.Booking) error {
	return func(b domain.Booking) error { return present(b, c.runs(b.BranchID) || c.serves(b)) }
}

// ofAnyParty shows bookings to everybody who takes part in them.
func ofAnyParty(c Caller) func(domain.Booking) error {
	return func(b domain.Booking) error {
		return present(b, c.runs(b.BranchID) || c.owns(b.CustomerID) || c.serves(b))
	}
}

// serves reports whether the caller is a member of staff who works on the booking.
func (c Caller) serves(b domain.Booking) bool {
	return c.Role == domain.RoleStaff && b.Status.ToldToStaff() && b.Does(c.StaffID)
}

func present(b domain.Booking, ok bool) error {
	if b.Status == domain.StatusNone || !ok {
		return domain.ErrBookingNotFound()
	}
	return nil
}
