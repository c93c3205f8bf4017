package publishers_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/publishers"
)

// board is one schedule channel as a page that started empty shows it.
type board struct {
	slots  map[slotKey]shownSlot
	status map[string]domain.Status // by booking
	off    map[string]string        // member and time, by leave and branch
	closed map[string]bool          // by closure
}

type slotKey struct{ booking, segment, staff, start string }

type shownSlot struct {
	kind domain.SlotKind
	end  string
}

func newBoard() *board {
	return &board{
		slots: map[slotKey]shownSlot{}, status: map[string]domain.Status{}, off: map[string]string{}, closed: map[string]bool{},
	}
}

// scheduleData is what a schedule page reads of any message.
type scheduleData struct {
	Entity       string          `json:"entity"`
	BranchID     string          `json:"branchId"`
	BookingID    string          `json:"bookingId"`
	SegmentID    string          `json:"segmentId"`
	StaffID      string          `json:"staffId"`
	FromStaffID  string          `json:"fromStaffId"`
	ToStaffID    string          `json:"toStaffId"`
	Kind         domain.SlotKind `json:"kind"`
	Status       domain.Status   `json:"status"`
	ClosureID    string          `json:"closureId"`
	StartTime    time.Time       `json:"startTime"`
	EndTime      time.Time       `json:"endTime"`
	OldStartTime time.Time       `json:"oldStartTime"`
	OldEndTime   time.Time       `json:"oldEndTime"`
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (d scheduleData) key(staff string, start time.Time) slotKey {
	return slotKey{d.BookingID, d.SegmentID, staff, clock(start)}
}

// apply does what a page does; it objects to a message that does not fit what the page shows.
func (b *board) apply(m publishers.Message, text []byte) error {
	var d scheduleData
	if err := json.Unmarshal(text, &d); err != nil {
		return err
	}
	if strings.HasPrefix(m.Name, "slot.") {
		if d.BookingID != d.Entity || d.BookingID == "" {
			return fmt.Errorf("%s is about %q and says so of %q", m.Name, d.Entity, d.BookingID)
		}
		return b.applySlot(m, d)
	}
	switch m.Name {
	case "leave.approved", "staff.marked_off":
		b.off[d.Entity+"/"+d.BranchID] = d.StaffID + " " + clock(d.StartTime) + " " + clock(d.EndTime)
	case "staff.available":
		if b.off[d.Entity+"/"+d.BranchID] == "" {
			return fmt.Errorf("%s for %s, who was not off", m.Name, d.StaffID)
		}
		delete(b.off, d.Entity+"/"+d.BranchID)
	case "branch.closed":
		b.closed[d.ClosureID] = true
	case "branch.reopened":
		if !b.closed[d.ClosureID] {
			return fmt.Errorf("%s was not closed", d.ClosureID)
		}
		delete(b.closed, d.ClosureID)
	default:
		return fmt.Errorf("unknown message %s", m.Name)
	}
	return nil
}

func (b *board) applySlot(m publishers.Message, d scheduleData) error {
	at := d.key(d.StaffID, d.StartTime)
	have, shown := b.slots[at]
	switch m.Name {
	case "slot.held", "slot.booked":
		kind := domain.SlotFirm
		if m.Name == "slot.held" {
			kind, d.Status = domain.SlotTentative, domain.StatusPending
			if d.Kind != kind {
				return fmt.Errorf("%s of kind %q", m.Name, d.Kind)
			}
		}
		if shown && (have.end != clock(d.EndTime) || have.kind == kind) {
			return fmt.Errorf("%s takes %+v, where %+v is shown", m.Name, at, have)
		}
		b.slots[at], b.status[d.BookingID] = shownSlot{kind, clock(d.EndTime)}, d.Status
	case "slot.released":
		if !shown || have.end != clock(d.EndTime) {
			return fmt.Errorf("%s frees %+v, where %+v is shown", m.Name, at, have)
		}
		delete(b.slots, at)
	case "slot.reassigned":
		from, to := d.key(d.FromStaffID, d.StartTime), d.key(d.ToStaffID, d.StartTime)
		_, taken := b.slots[to]
		if have = b.slots[from]; have.end != clock(d.EndTime) || taken {
			return fmt.Errorf("%s moves %+v, where %+v is shown", m.Name, from, have)
		}
		delete(b.slots, from)
		b.slots[to] = have
	case "slot.changed":
		from := d.key(d.StaffID, d.OldStartTime)
		if have = b.slots[from]; have.end != clock(d.OldEndTime) || (from != at && shown) {
			return fmt.Errorf("%s changes %+v, where %+v is shown", m.Name, from, have)
		}
		delete(b.slots, from)
		b.slots[at] = shownSlot{have.kind, clock(d.EndTime)}
	case "slot.status":
		if !b.shows(d.BookingID) {
			return fmt.Errorf("%s of a booking that the date does not show", m.Name)
		}
		b.status[d.BookingID] = d.Status
	default:
		return fmt.Errorf("unknown message %s", m.Name)
	}
	return b.onItsDate(m, d)
}

func (b *board) shows(bookingID string) bool {
	for k := range b.slots {
		if k.booking == bookingID {
			return true
		}
	}
	return false
}

// onItsDate objects to a message about a slot that the channel's date does not see.
func (b *board) onItsDate(m publishers.Message, d scheduleData) error {
	if m.Name == "slot.status" {
		return nil
	}
	spans := [][2]time.Time{{d.StartTime, d.EndTime}}
	if m.Name == "slot.changed" {
		spans = append(spans, [2]time.Time{d.OldStartTime, d.OldEndTime})
	}
	for _, span := range spans {
		on := false
		for _, date := range domain.LocalDates(span[0], span[1], kolkata) {
			on = on || strings.HasSuffix(m.Channel, ":"+date)
		}
		if !on {
			return fmt.Errorf("%s on %s is about %v", m.Name, m.Channel, span)
		}
	}
	return nil
}

// settle forgets the status of bookings of which nothing is shown any more.
func (b *board) settle() {
	maps.DeleteFunc(b.status, func(id string, _ domain.Status) bool { return !b.shows(id) })
}

func (b *board) empty() bool { return len(b.slots)+len(b.off)+len(b.closed) == 0 }

func (b *board) String() string {
	return fmt.Sprintf("\n%v\n%v\n%v\n%v", b.slots, b.status, b.off, b.closed)
}
