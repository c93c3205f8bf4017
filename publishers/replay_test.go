package publishers_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/publishers"
)

// piece is a slot as a page shows it.
type piece struct {
	staff string
	kind  domain.SlotKind
	start time.Time
	end   time.Time
}

// board is one schedule channel as a page that started empty shows it: pieces by booking and segment.
type board map[string]piece

type slotData struct {
	BookingID   string    `json:"bookingId"`
	SegmentID   string    `json:"segmentId"`
	StaffID     string    `json:"staffId"`
	FromStaffID string    `json:"fromStaffId"`
	ToStaffID   string    `json:"toStaffId"`
	StartTime   time.Time `json:"startTime"`
	EndTime     time.Time `json:"endTime"`
}

// apply does what a page does; it objects to a message that does not fit what the page shows.
func (b board) apply(name string, d slotData) error {
	key := d.BookingID + "/" + d.SegmentID
	have, shown := b[key]
	switch name {
	case "slot.held", "slot.booked":
		kind := domain.SlotFirm
		if name == "slot.held" {
			kind = domain.SlotTentative
		}
		if shown && have.staff != d.StaffID {
			return fmt.Errorf("%s takes %s for %s before %s was freed", name, key, d.StaffID, have.staff)
		}
		b[key] = piece{d.StaffID, kind, d.StartTime, d.EndTime}
	case "slot.released":
		if have.staff != d.StaffID || !have.start.Equal(d.StartTime) || !have.end.Equal(d.EndTime) {
			return fmt.Errorf("%s frees what is not shown: %+v", key, d)
		}
		delete(b, key)
	case "slot.reassigned":
		if have.staff != d.FromStaffID || !have.start.Equal(d.StartTime) {
			return fmt.Errorf("%s reassigns what is not shown: %+v", key, d)
		}
		have.staff = d.ToStaffID
		b[key] = have
	default:
		return fmt.Errorf("unknown message %s", name)
	}
	return nil
}

// TestReplayingScheduleMessagesGivesTheSchedule compares the boards of all dates, under both names of their channels, with
// the slots of the bookings' states.
func TestReplayingScheduleMessagesGivesTheSchedule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawStory(t)
		got := map[string]board{}
		for _, e := range s.log {
			for _, m := range publishers.Messages(e, nil) {
				if !strings.HasPrefix(m.Channel, "admin:schedule:") {
					continue
				}
				if got[m.Channel] == nil {
					got[m.Channel] = board{}
				}
				var d slotData
				if err := json.Unmarshal(data(t, m), &d); err != nil {
					t.Fatal(err)
				}
				if err := got[m.Channel].apply(m.Name, d); err != nil {
					t.Fatalf("%s after %s: %v", m.Channel, m.EventType, err)
				}
			}
		}
		maps.DeleteFunc(got, func(_ string, b board) bool { return len(b) == 0 })
		want := map[string]board{}
		for id, b := range s.bookings {
			for _, slot := range b.Slots() {
				for _, date := range slot.LocalDates {
					for _, channel := range []string{"admin:schedule:" + date, "admin:schedule:" + branch + ":" + date} {
						if want[channel] == nil {
							want[channel] = board{}
						}
						want[channel][id+"/"+slot.SegmentID] = piece{slot.StaffID, slot.Kind, slot.StartAt, slot.EndAt}
					}
				}
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("boards differ\n got %v\nwant %v", got, want)
		}
	})
}

// TestReplayingStaffMessagesGivesTheFirmSlots does the same for the members' own channels.
func TestReplayingStaffMessagesGivesTheFirmSlots(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawStory(t)
		got, want := map[string][]string{}, map[string][]string{}
		for _, e := range s.log {
			for _, m := range publishers.Messages(e, nil) {
				if !strings.HasPrefix(m.Channel, "staff:") {
					continue
				}
				var d struct {
					BookingID  string   `json:"bookingId"`
					SegmentIDs []string `json:"segmentIds"`
					Services   []any    `json:"services"`
				}
				if err := json.Unmarshal(data(t, m), &d); err != nil {
					t.Fatal(err)
				}
				for _, segment := range d.SegmentIDs {
					key := d.BookingID + "/" + segment
					at := slices.Index(got[m.Channel], key)
					switch {
					case m.Name == "booking.assigned" && at < 0 && len(d.Services) == len(d.SegmentIDs):
						got[m.Channel] = append(got[m.Channel], key)
					case m.Name == "booking.unassigned" && at >= 0:
						got[m.Channel] = slices.Delete(got[m.Channel], at, at+1)
					default:
						t.Fatalf("%s on %s does not fit: %s", m.Name, m.Channel, data(t, m))
					}
				}
			}
		}
		for id, b := range s.bookings {
			for _, slot := range b.Slots() {
				if slot.Kind == domain.SlotFirm {
					channel := "staff:" + slot.StaffID + ":schedule"
					want[channel] = append(want[channel], id+"/"+slot.SegmentID)
				}
			}
		}
		for _, lists := range []map[string][]string{got, want} {
			maps.DeleteFunc(lists, func(_ string, l []string) bool { slices.Sort(l); return len(l) == 0 })
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("staff see %v, want %v", got, want)
		}
	})
}
