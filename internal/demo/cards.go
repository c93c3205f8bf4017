package demo

import (
	"slices"
	"strings"

	"github.com/royalglow/booking/domain"
)

// card is a booking in a list: that of a customer, or the queue of the desk. What has ended leaves the list.
type card struct {
	Status      domain.Status
	Date, Start string // on the branch's clocks
	Services    string // names, in the order in which they are done
	Total       int64  // minor units
	// Nobody lists the services that nobody is to do, and Manager says that a receptionist cannot approve it. Both are empty in a
	// customer's list.
	Nobody  string
	Manager bool
}

// cardData is what messages on the channels of customers and desks may have.
type cardData struct {
	Status       domain.Status `json:"status"`
	Date         string        `json:"date"`
	StartTime    string        `json:"startTime"` // to customers
	Time         string        `json:"time"`      // to the desk
	NewDate      string        `json:"newDate"`
	NewStartTime string        `json:"newStartTime"`
	TotalMinor   int64         `json:"totalPaise"`
	Services     []struct {
		Name       string `json:"name"`
		PriceMinor int64  `json:"pricePaise"`
	} `json:"services"`
	NoteID    string `json:"noteId"`
	SegmentID string `json:"segmentId"`
	Manager   bool   `json:"requiresManager"`
}

func (d cardData) services() string {
	var names []string
	for _, s := range d.Services {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

func (d cardData) total() (sum int64) {
	for _, s := range d.Services {
		sum += s.PriceMinor
	}
	return sum
}

// foldCard keeps a list up to date.
func foldCard(c card, n note) (card, verdict) {
	d := more[cardData](n)
	switch n.Name {
	case "booking.created":
		return card{Status: d.Status, Date: d.Date, Start: d.StartTime, Services: d.services(), Total: d.TotalMinor}, shows
	case "booking.new", "booking.walkin_created":
		status := domain.StatusPending
		if n.Name == "booking.walkin_created" {
			status = domain.StatusConfirmed
		}
		return card{Status: status, Date: d.Date, Start: d.Time, Services: d.services(), Total: d.total(), Manager: d.Manager}, shows
	case "booking.cancelled", "booking.no_show":
		return card{}, gone
	case "booking.conflict": // about a leave or a closure, which the list does not show
		return c, aside
	}
	// Everything else changes a card that is there. One that is not had ended, and is found to go on.
	after, v := c.after(n, d)
	if v == shows && c.Status == domain.StatusNone {
		v = unclear
	}
	return after, v
}

// after returns the card after a message that changes something about it.
func (c card) after(n note, d cardData) (card, verdict) {
	switch n.Name {
	case "booking.status_changed":
		if !n.ToStatus.Open() {
			return card{}, gone
		}
		c.Status = n.ToStatus
	case "booking.rescheduled":
		c.Date, c.Start = d.NewDate, d.NewStartTime
	case "booking.needs_staff":
		c.Nobody = withSegment(c.Nobody, d.SegmentID)
	case "booking.staff_changed":
		c.Nobody = withoutSegment(c.Nobody, d.SegmentID)
	case "booking.updated":
		if d.NoteID != "" {
			return c, aside
		}
		c.Total = d.TotalMinor
		if len(d.Services) == 0 || c.Nobody != "" {
			return c, unclear // customers are told the price alone, and nobody whose service it was that went
		}
		c.Services = d.services()
	default: // booking.staff_assigned: the list shows no names
		return c, aside
	}
	return c, shows
}

func withSegment(list, id string) string {
	ids := append(strings.Fields(list), id)
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), " ")
}

func withoutSegment(list, id string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(list), func(s string) bool { return s == id }), " ")
}
