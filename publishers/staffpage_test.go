package publishers_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/publishers"
)

// staffPage is a member's own page: what it shows of each booking.
type staffPage map[string]*assignment

// assignment is what a member has to do of a booking.
type assignment struct {
	status   domain.Status
	services map[string]string // what and when, by segment
}

type staffData struct {
	BookingID  string        `json:"bookingId"`
	SegmentIDs []string      `json:"segmentIds"`
	Status     domain.Status `json:"status"`
	Reason     string        `json:"reason"`
	Services   []struct {
		SegmentID       string `json:"segmentId"`
		Name            string `json:"name"`
		DurationMinutes int    `json:"durationMinutes"`
		Date            string `json:"date"`
		Time            string `json:"time"`
	} `json:"services"`
}

// apply does what a page does; it objects to a message that does not fit what the page shows.
func (p staffPage) apply(m publishers.Message, text []byte) error {
	var d staffData
	if err := json.Unmarshal(text, &d); err != nil {
		return err
	}
	have := p[d.BookingID]
	if have == nil && m.Name != "booking.assigned" {
		return fmt.Errorf("%s of a booking that is not shown", m.Name)
	}
	switch m.Name {
	case "booking.assigned", "booking.rescheduled", "booking.updated":
		if have == nil {
			have = &assignment{services: map[string]string{}}
			p[d.BookingID] = have
		}
		have.status = d.Status
		for i, s := range d.Services {
			if _, shown := have.services[s.SegmentID]; shown != (m.Name != "booking.assigned") || s.SegmentID != d.SegmentIDs[i] {
				return fmt.Errorf("%s of %s, shown %v, as %q", m.Name, s.SegmentID, shown, d.SegmentIDs)
			}
			have.services[s.SegmentID] = fmt.Sprint(s.Name, s.DurationMinutes, s.Date, s.Time)
		}
	case "booking.unassigned":
		for _, id := range d.SegmentIDs {
			if _, shown := have.services[id]; !shown {
				return fmt.Errorf("%s of %s, which is not shown", m.Name, id)
			}
			delete(have.services, id)
		}
		if len(have.services) == 0 {
			delete(p, d.BookingID)
		}
	case "booking.checked_in", "booking.completed":
		have.status = d.Status
	default:
		return fmt.Errorf("unknown message %s", m.Name)
	}
	return nil
}

// TestReplayingStaffMessagesGivesWhatStaffAreToldOf compares every member's page with what the domain says: the segments that
// are his, of the bookings whose status staff are told.
func TestReplayingStaffMessagesGivesWhatStaffAreToldOf(t *testing.T) {
	t.Parallel()
	seen, wanted := map[string]int{}, []string{
		"booking.assigned", "booking.unassigned", "booking.rescheduled", "booking.updated", "booking.checked_in", "booking.completed",
	}
	checkUntil(t, seen, wanted, func(t *rapid.T) {
		s := drawStory(t)
		got, want := map[string]staffPage{}, map[string]staffPage{}
		page := func(of map[string]staffPage, member string) staffPage {
			if of[member] == nil {
				of[member] = staffPage{}
			}
			return of[member]
		}
		for _, e := range s.log {
			for _, m := range publishers.Messages(e, publishers.Directory{}) {
				member, ok := strings.CutPrefix(m.Channel, "staff:")
				if !ok || !strings.HasPrefix(m.Name, "booking.") {
					continue
				}
				seen[m.Name]++
				if err := page(got, strings.TrimSuffix(member, ":schedule")).apply(m, data(t, m)); err != nil {
					t.Fatalf("%s after %s: %v", m.Channel, m.EventType, err)
				}
			}
		}
		for id, b := range s.bookings {
			for _, segment := range b.Segments {
				if !b.Status.ToldToStaff() || segment.StaffID == "" {
					continue
				}
				p := page(want, segment.StaffID)
				if p[id] == nil {
					p[id] = &assignment{status: b.Status, services: map[string]string{}}
				}
				p[id].services[segment.SegmentID] = fmt.Sprint(
					segment.ServiceName, segment.DurationMinutes, segment.LocalDate(), segment.LocalStart)
			}
		}
		for _, pages := range []map[string]staffPage{got, want} {
			maps.DeleteFunc(pages, func(_ string, p staffPage) bool { return len(p) == 0 })
		}
		if text(got) != text(want) {
			t.Fatalf("staff see\n%s\nwant\n%s", text(got), text(want))
		}
	})
}

// text lists what pages show, line by line, so that two can be compared.
func text(pages map[string]staffPage) string {
	var lines []string
	for member, p := range pages {
		for id, a := range p {
			lines = append(lines, fmt.Sprintln(member, id, *a))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
