package httpapi

import (
	"net/http"
)

const branchesTag = "Branches"

// branchPath is where a branch is.
const branchPath = "/api/branches/{id}"

func (s *server) branchRoutes() {
	c := s.Commands
	register(s, operation{
		id: "listBranches", method: http.MethodGet, path: "/api/branches", tag: branchesTag, summary: "List the branches",
		detail: "For everybody who is signed in: customers choose among them.",
	}, s.listBranches)
	register(s, operation{
		id: "getBranch", method: http.MethodGet, path: branchPath, tag: branchesTag,
		summary: "Read a branch with its hours, closures, services and staff",
		detail:  "Staff do not see prices, customers neither shifts nor buffers.",
	}, s.getBranch)
	command(s, operation{
		id: "openBranch", method: http.MethodPut, path: branchPath, tag: branchesTag,
		summary: "Open a branch, or change its policy", detail: "For managers of the branch. The name, the time zone and the " +
			"currency stay as they were first given.",
	}, c.OpenBranch)
	s.serviceRoutes()
	s.memberRoutes()
	s.hoursRoutes()
	s.closureRoutes()
	s.policyRoutes()
}

func (s *server) serviceRoutes() {
	const one = branchPath + "/services/{serviceId}"
	register(s, operation{
		id: "listServices", method: http.MethodGet, path: branchPath + "/services", tag: branchesTag,
		summary: "List what a branch offers", detail: "Staff do not see prices.",
	}, s.listServices)
	command(s, operation{
		id: "offerService", method: http.MethodPut, path: one, tag: branchesTag, summary: "Offer a service, or change its terms",
		detail: "For managers of the branch. Bookings keep the terms on which they were requested.",
	}, s.Commands.OfferService)
	command(s, operation{
		id: "withdrawService", method: http.MethodDelete, path: one, tag: branchesTag, summary: "Offer a service no more",
		detail: "For managers of the branch. Bookings of it stay.",
	}, s.Commands.WithdrawService)
}

func (s *server) memberRoutes() {
	const one = branchPath + "/staff/{staffId}"
	register(s, operation{
		id: "listStaff", method: http.MethodGet, path: branchPath + "/staff", tag: branchesTag,
		summary: "List who works at a branch, with skills and shifts", detail: "Customers get the ids, names and skills.",
	}, s.listStaff)
	command(s, operation{
		id: "joinStaff", method: http.MethodPut, path: one, tag: branchesTag,
		summary: "Let a member of staff work at a branch, or change what he does there",
		detail:  "For managers of the branch. For a member who works elsewhere, only for those who run one of his branches as well.",
	}, s.Commands.JoinStaff)
	command(s, operation{
		id: "leaveStaff", method: http.MethodDelete, path: one, tag: branchesTag,
		summary: "Let a member of staff work at a branch no more",
		detail:  "For managers of the branch. What he is assigned to stays until it is given to others.",
	}, s.Commands.LeaveStaff)
}

func (s *server) hoursRoutes() {
	register(s, operation{
		id: "getHours", method: http.MethodGet, path: branchPath + "/hours", tag: branchesTag,
		summary: "Read when a branch is open", detail: "Weeks by the date from which they hold, and dates that differ.",
	}, s.getHours)
	command(s, operation{
		id: "setHours", method: http.MethodPut, path: branchPath + "/hours", tag: branchesTag,
		summary: "Set the hours from a date on, or of one date",
		detail:  "For managers of the branch: a pattern or an override, one of them. Bookings outside the new hours stay.",
	}, s.Commands.SetHours)
}

func (s *server) closureRoutes() {
	register(s, operation{
		id: "listClosures", method: http.MethodGet, path: branchPath + "/closures", tag: branchesTag,
		summary: "List the closures to come", detail: "The desk also gets the bookings that are in their way, to be moved or " +
			"cancelled one by one.",
	}, s.listClosures)
	command(s, operation{
		id: "declareClosure", method: http.MethodPost, path: branchPath + "/closures", tag: branchesTag,
		summary: "Close a branch on some dates", status: http.StatusCreated, detail: "For managers of the branch.",
	}, s.Commands.DeclareClosure)
	command(s, operation{
		id: "liftClosure", method: http.MethodDelete, path: branchPath + "/closures/{closureId}", tag: branchesTag,
		summary: "Open a branch again that was to be closed", detail: "For managers of the branch.",
	}, s.Commands.LiftClosure)
}

func (s *server) policyRoutes() {
	register(s, operation{
		id: "getPolicy", method: http.MethodGet, path: branchPath + "/policy", tag: branchesTag, summary: "Read a branch's rules",
		detail: "Bookings that are made now get them; those that were made before keep theirs.",
	}, s.getPolicy)
	command(s, operation{
		id: "setPolicy", method: http.MethodPut, path: branchPath + "/policy", tag: branchesTag, summary: "Set a branch's rules",
		detail: "For managers of the branch. What is left out gets its default; bookings keep the rules under which they were " +
			"requested.",
	}, s.Commands.SetPolicy)
}
