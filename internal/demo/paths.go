package demo

import (
	"maps"
	"net/url"
	"strconv"

	"github.com/royalglow/booking/internal/eventstore"
)

const (
	bookingsPath  = "/api/bookings"
	walkInPath    = bookingsPath + "/walk-in"
	schedulePath  = "/api/schedule"
	leavePath     = "/api/leave"
	markOffPath   = leavePath + "/mark-off"
	ablyTokenPath = "/api/ably/token"
)

func branchPath(id string) string { return "/api/branches/" + id }

func servicePath(branch, id string) string { return branchPath(branch) + "/services/" + id }

func staffPath(branch, id string) string { return branchPath(branch) + "/staff/" + id }

func shiftsPath(staff string) string { return "/api/staff/" + staff + "/shifts" }

func directoryPath(id string) string { return "/api/directory/" + id }

func bookingPath(id string) string { return bookingsPath + "/" + id }

func standingPath(customer string) string { return "/api/customers/" + customer + "/standing" }

// erasePath is about a customer, or a guest by his booking.
func erasePath(subject string) string { return "/api/ops/customers/" + subject + "/erase" }

// publishedPosition stands for the place up to which messages have been planned, wherever that is.
const publishedPosition = ^eventstore.Position(0)

// since makes a read wait until it shows what happened at the position.
func since(path string, query url.Values, p eventstore.Position) string {
	all := url.Values{}
	maps.Copy(all, query)
	switch p {
	case 0:
	case publishedPosition:
		all.Set("minPosition", "published")
	default:
		all.Set("minPosition", strconv.FormatUint(uint64(p), 10))
	}
	return path + "?" + all.Encode()
}

// The names of channels, as the reference lists them.

func queueChannel(branch string) string { return "admin:bookings:" + branch }

func leaveChannel(branch string) string { return "admin:leave:" + branch }

func dateChannel(branch, date string) string { return "admin:schedule:" + branch + ":" + date }

func customerChannel(user string) string { return "customer:" + user + ":bookings" }

func bookingChannel(id string) string { return "booking:" + id }

func internalChannel(id string) string { return "booking:" + id + ":internal" }

func staffChannel(id string) string { return "staff:" + id + ":schedule" }
