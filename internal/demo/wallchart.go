package demo

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// chart is what one date of the schedule shows of a booking, of a leave, or of the branch's closures.
type chart struct {
	Status domain.Status    // of the booking
	Slots  map[slot]slotEnd // that touch the date
	Off    string           // the leave's member and time
	Closed map[string]bool  // closures, by id
}

// slot is how a schedule knows a piece of a member's time that a booking takes.
type slot struct{ SegmentID, StaffID, Start string }

// slotEnd is the rest of it.
type slotEnd struct {
	End  string
	Kind domain.SlotKind
}

// chartData is what messages on schedule channels may have.
type chartData struct {
	SegmentID    string        `json:"segmentId"`
	StaffID      string        `json:"staffId"`
	FromStaffID  string        `json:"fromStaffId"`
	ToStaffID    string        `json:"toStaffId"`
	Status       domain.Status `json:"status"`
	ClosureID    string        `json:"closureId"`
	StartTime    time.Time     `json:"startTime"`
	EndTime      time.Time     `json:"endTime"`
	OldStartTime time.Time     `json:"oldStartTime"`
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// foldChart keeps one date of a schedule up to date: from an empty one its messages give all that it shows.
func foldChart(c chart, n note) (chart, verdict) {
	d := more[chartData](n)
	if strings.HasPrefix(n.Name, "slot.") {
		return c.slots(n.Name, d)
	}
	switch n.Name {
	case "leave.approved", "staff.marked_off":
		c.Off = offFrom(d.StaffID, d.StartTime, d.EndTime)
	case "staff.available":
		return chart{}, gone
	case "branch.closed":
		c.Closed = put(c.Closed, d.ClosureID, true)
	case "branch.reopened":
		c.Closed = maps.Clone(c.Closed)
		delete(c.Closed, d.ClosureID)
		if len(c.Closed) == 0 {
			return chart{}, gone
		}
	}
	return c, shows
}

func offFrom(staffID string, from, to time.Time) string {
	return staffID + " off " + instant(from) + " to " + instant(to)
}

func (c chart) slots(name string, d chartData) (chart, verdict) {
	c.Slots = maps.Clone(c.Slots)
	if c.Slots == nil {
		c.Slots = map[slot]slotEnd{}
	}
	at := slot{d.SegmentID, d.StaffID, instant(d.StartTime)}
	switch name {
	case "slot.held":
		c.Slots[at], c.Status = slotEnd{instant(d.EndTime), domain.SlotTentative}, domain.StatusPending
	case "slot.booked":
		c.Slots[at], c.Status = slotEnd{instant(d.EndTime), domain.SlotFirm}, d.Status
	case "slot.released":
		delete(c.Slots, at)
	case "slot.reassigned":
		from, to := at, at
		from.StaffID, to.StaffID = d.FromStaffID, d.ToStaffID
		c.Slots[to] = c.Slots[from]
		delete(c.Slots, from)
	case "slot.changed":
		was := at
		was.Start = instant(d.OldStartTime)
		kind := c.Slots[was].Kind
		delete(c.Slots, was)
		c.Slots[at] = slotEnd{instant(d.EndTime), kind}
	case "slot.status":
		c.Status = d.Status
	}
	if len(c.Slots) == 0 {
		return chart{}, gone
	}
	return c, shows
}

// newChart makes the schedule of a branch on consecutive dates, each under its own channel.
func (t *town) newChart(reader *person, branchID string, zone *time.Location, dates []string) *ledger[chart] {
	prefix := dateChannel(branchID, "")
	l := newLedger(func(channel string) bool { return strings.HasPrefix(channel, prefix) }, foldChart)
	w := wall{t, reader, branchID, zone}
	l.all = func(ctx context.Context) (map[key]reading[chart], eventstore.Position, error) {
		return w.read(ctx, dates, publishedPosition)
	}
	l.one = func(ctx context.Context, k key, lowest eventstore.Position) (reading[chart], bool, error) {
		date := k.channel[strings.LastIndex(k.channel, ":")+1:]
		now, at, err := w.read(ctx, []string{date}, lowest)
		r, there := now[k]
		if !there {
			r.at = at
		}
		return r, there, err
	}
	return l
}
