package demo

import (
	"net/url"
	"strconv"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// The bodies of the API, as an outsider reads them in its documentation. They are written down here a second time on
// purpose: a name that changes in the engine breaks the people, as it would break every other client.

type openBranch struct {
	Name     string        `json:"name"`
	TimeZone string        `json:"timeZone"`
	Currency string        `json:"currency"`
	Policy   domain.Policy `json:"policy"`
}

type offerService struct {
	Name            string `json:"name"`
	DurationMinutes int    `json:"durationMinutes"`
	PriceMinor      int64  `json:"priceMinor"`
}

type joinStaff struct {
	Skills []string `json:"skills"`
}

type putName struct {
	Name string `json:"name"`
}

type requestBooking struct {
	BranchID string          `json:"branchId"`
	StartAt  time.Time       `json:"startAt"`
	Services []serviceChoice `json:"services"`
}

type serviceChoice struct {
	ServiceID string `json:"serviceId"`
	StaffID   string `json:"staffId,omitempty"` // empty: any
}

type changeBooking struct {
	Action      string            `json:"action"`
	Assignments []staffAssignment `json:"assignments,omitempty"` // approve
	SegmentID   string            `json:"segmentId,omitempty"`   // assign
	StaffID     string            `json:"staffId,omitempty"`     // assign
	ReasonCode  string            `json:"reasonCode,omitempty"`  // reject, and cancel by the salon
	Reason      string            `json:"reason,omitempty"`      // reject, cancel
}

type staffAssignment struct {
	SegmentID string `json:"segmentId"`
	StaffID   string `json:"staffId"`
}

// receipt is the answer to an accepted command.
type receipt struct {
	ID       string              `json:"id"`
	Revision eventstore.Revision `json:"revision"`
	Position eventstore.Position `json:"position"`
}

// bookingView is what the people read of a booking.
type bookingView struct {
	ID       string        `json:"id"`
	Status   domain.Status `json:"status"`
	Revision int64         `json:"revision"`
	Segments []struct {
		SegmentID string `json:"segmentId"`
		StaffID   string `json:"staffId"`
	} `json:"segments"`
}

// reading is the answer to a read of one booking or of several: the members of the one are those of the view.
type reading struct {
	bookingView
	Bookings []bookingView `json:"bookings"`
}

type tokenRequest struct {
	BookingID string `json:"bookingId,omitempty"`
}

type tokenAnswer struct {
	Token string `json:"token"`
}

const (
	bookingsPath  = "/api/bookings"
	ablyTokenPath = "/api/ably/token"
)

func branchPath(id string) string { return "/api/branches/" + id }

func servicePath(branch, id string) string { return branchPath(branch) + "/services/" + id }

func staffPath(branch, id string) string { return branchPath(branch) + "/staff/" + id }

func directoryPath(id string) string { return "/api/directory/" + id }

func bookingPath(id string) string { return bookingsPath + "/" + id }

// atLeast makes a read wait until it shows what happened at the position.
func atLeast(path string, p eventstore.Position) string {
	return path + "?" + url.Values{"minPosition": {strconv.FormatUint(uint64(p), 10)}}.Encode()
}

// published makes a read wait until it shows everything that pages may have been told of.
func published(path string) string { return path + "?minPosition=published" }

func queueChannel(branch string) string { return "admin:bookings:" + branch }

func dateChannel(branch, date string) string { return "admin:schedule:" + branch + ":" + date }

func customerChannel(user string) string { return "customer:" + user + ":bookings" }

func bookingChannel(id string) string { return "booking:" + id }

func staffChannel(id string) string { return "staff:" + id + ":schedule" }
