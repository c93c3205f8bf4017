// Package boardtest folds the messages of a schedule channel the way a page does that starts empty. It is for tests: whatever
// the engine tells its schedule pages must lead to what its schedule is.
package boardtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/publishers"
)

// Board is one schedule channel as such a page shows it.
type Board struct {
	loc    *time.Location // of the channel's dates
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

// New returns an empty board whose dates are those of loc.
func New(loc *time.Location) *Board {
	return &Board{
		loc:   loc,
		slots: map[slotKey]shownSlot{}, status: map[string]domain.Status{}, off: map[string]string{}, closed: map[string]bool{},
	}
}

// Show puts on the board what a schedule has: a slot of a booking in the given status.
func (b *Board) Show(bookingID string, s domain.Slot, status domain.Status) {
	b.slots[slotKey{bookingID, s.SegmentID, s.StaffID, clock(s.StartAt)}] = shownSlot{s.Kind, clock(s.EndAt)}
	b.status[bookingID] = status
}

// ShowOff puts a leave on the board of a branch.
func (b *Board) ShowOff(leaveID, branchID, staffID string, during domain.Interval) {
	b.off[leaveID+"/"+branchID] = staffID + " " + clock(during.StartAt) + " " + clock(during.EndAt)
}

// ShowClosed puts a closure on the board.
func (b *Board) ShowClosed(closureID string) { b.closed[closureID] = true }

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

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func (d scheduleData) key(staff string, start time.Time) slotKey {
	return slotKey{d.BookingID, d.SegmentID, staff, clock(start)}
}

// Apply does what a page does; it objects to a message that does not fit what the page shows. text is the message's data.
func (b *Board) Apply(m publishers.Message, text []byte) error {
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
		b.ShowOff(d.Entity, d.BranchID, d.StaffID, domain.Interval{StartAt: d.StartTime, EndAt: d.EndTime})
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

func (b *Board) applySlot(m publishers.Message, d scheduleData) error {
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

func (b *Board) shows(bookingID string) bool {
	for k := range b.slots {
		if k.booking == bookingID {
			return true
		}
	}
	return false
}

// onItsDate objects to a message about a slot that the channel's date does not see.
func (b *Board) onItsDate(m publishers.Message, d scheduleData) error {
	if m.Name == "slot.status" {
		return nil
	}
	spans := [][2]time.Time{{d.StartTime, d.EndTime}}
	if m.Name == "slot.changed" {
		spans = append(spans, [2]time.Time{d.OldStartTime, d.OldEndTime})
	}
	for _, span := range spans {
		on := false
		for _, date := range domain.LocalDates(span[0], span[1], b.loc) {
			on = on || strings.HasSuffix(m.Channel, ":"+date)
		}
		if !on {
			return fmt.Errorf("%s on %s is about %v", m.Name, m.Channel, span)
		}
	}
	return nil
}

// Settle forgets the status of bookings of which nothing is shown any more.
func (b *Board) Settle() {
	maps.DeleteFunc(b.status, func(id string, _ domain.Status) bool { return !b.shows(id) })
}

// Empty reports whether nothing is shown.
func (b *Board) Empty() bool { return len(b.slots)+len(b.off)+len(b.closed) == 0 }

// String returns all that is shown; two boards that show the same return the same.
func (b *Board) String() string {
	return fmt.Sprintf("\n%v\n%v\n%v\n%v", b.slots, b.status, b.off, b.closed)
}
