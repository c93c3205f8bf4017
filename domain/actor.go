package domain

// Role is what a user is to the salon. The values are those of the user token's "role" claim.
type Role string

// The roles. System is the engine itself (timers, keepers); no token can carry it.
const (
	RoleCustomer     Role = "customer"
	RoleStaff        Role = "staff"
	RoleReceptionist Role = "receptionist"
	RoleManager      Role = "manager"
	RoleOwner        Role = "owner"
	RoleDeveloper    Role = "developer"
	RoleSystem       Role = "system"
)

// ParseRole returns the role that a token names; ok is false for anything else, RoleSystem included.
func ParseRole(s string) (role Role, ok bool) {
	switch r := Role(s); r {
	case RoleCustomer, RoleStaff, RoleReceptionist, RoleManager, RoleOwner, RoleDeveloper:
		return r, true
	case RoleSystem:
	}
	return "", false
}

// Desk reports whether the role is receptionist or above: those who run the booking desk.
func (r Role) Desk() bool {
	switch r {
	case RoleReceptionist, RoleManager, RoleOwner, RoleDeveloper:
		return true
	case RoleCustomer, RoleStaff, RoleSystem:
	}
	return false
}

// Manager reports whether the role is manager or above.
func (r Role) Manager() bool {
	switch r {
	case RoleManager, RoleOwner, RoleDeveloper:
		return true
	case RoleCustomer, RoleStaff, RoleReceptionist, RoleSystem:
	}
	return false
}

// AllBranches reports whether the role reaches every branch without being listed there.
func (r Role) AllBranches() bool { return r == RoleOwner || r == RoleDeveloper }

// Actor is who did something, as it is recorded with every event.
type Actor struct {
	UserID string `json:"userId"`
	Role   Role   `json:"role"`
	// OnBehalfOf is the customer for whom the desk acted; empty when the actor acted for himself.
	OnBehalfOf string `json:"onBehalfOf,omitempty"`
}

// Party is what a customer may learn about who changed something.
type Party string

// The parties.
const (
	PartyCustomer Party = "customer"
	PartySalon    Party = "salon"
	PartySystem   Party = "system"
)

// Party returns the side that the actor stands for.
func (a Actor) Party() Party {
	switch a.Role {
	case RoleCustomer:
		return PartyCustomer
	case RoleSystem:
		return PartySystem
	case RoleStaff, RoleReceptionist, RoleManager, RoleOwner, RoleDeveloper:
	}
	return PartySalon
}
