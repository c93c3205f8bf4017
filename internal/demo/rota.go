package demo

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// duty is what a member of staff sees of a booking in which he has a part, or of his own leave.
type duty struct {
	Status string            // the booking's or the leave's
	Parts  map[string]string // what he does and when, by segment; none for a leave
	Date   string            // of one of them, or of the leave's first day
}

// dutyData is what messages on the channels of staff may have.
type dutyData struct {
	Status     string   `json:"status"`
	SegmentIDs []string `json:"segmentIds"`
	Services   []struct {
		SegmentID string `json:"segmentId"`
		Name      string `json:"name"`
		Minutes   int    `json:"durationMinutes"`
		Date      string `json:"date"`
		Time      string `json:"time"`
	} `json:"services"`
	FromDate string `json:"fromDate"`
}

func part(name string, minutes int, date, start string) string {
	return fmt.Sprintf("%s %d min %s %s", name, minutes, date, start)
}

// foldDuty keeps a member's page up to date. What he is told of he is told in full.
func foldDuty(d duty, n note) (duty, verdict) {
	m := more[dutyData](n)
	switch n.Name {
	case "booking.assigned", "booking.rescheduled", "booking.updated":
		d.Status, d.Parts = m.Status, maps.Clone(d.Parts)
		if d.Parts == nil {
			d.Parts = map[string]string{}
		}
		for _, s := range m.Services {
			d.Parts[s.SegmentID], d.Date = part(s.Name, s.Minutes, s.Date, s.Time), s.Date
		}
	case "booking.unassigned":
		d.Parts = maps.Clone(d.Parts)
		for _, id := range m.SegmentIDs {
			delete(d.Parts, id)
		}
		if len(d.Parts) == 0 {
			return duty{}, gone
		}
	case "booking.checked_in":
		if d.Status == "" {
			return d, unclear
		}
		d.Status = m.Status
	case "booking.completed":
		return duty{}, gone
	case "leave.requested":
		d = duty{Status: string(domain.LeavePending), Date: m.FromDate}
	case "leave.approved", "staff.marked_off":
		d = duty{Status: string(domain.LeaveGranted), Date: m.FromDate}
	case "leave.withdrawn", "leave.rejected", "leave.revoked":
		return duty{}, gone
	default: // branch.closed and branch.reopened concern what he does through its bookings
		return d, aside
	}
	return d, shows
}

// newRota makes the page of a member of staff.
func (t *town) newRota(m *member, channel string, zone *time.Location) *ledger[duty] {
	l := newLedger(only(channel), foldDuty)
	l.all = func(ctx context.Context) (map[key]reading[duty], eventstore.Position, error) {
		bookings, at, err := t.listBookings(ctx, m.person, url.Values{"status": {openStatuses()}})
		if err != nil {
			return nil, 0, err
		}
		now := map[key]reading[duty]{}
		for _, v := range bookings {
			now[key{channel, v.ID}] = reading[duty]{v.duty(m.StaffID, zone), v.at}
		}
		leaves, other, err := t.listLeave(ctx, m.person, standingLeave(""))
		for _, v := range leaves {
			now[key{channel, v.LeaveID}] = reading[duty]{duty{Status: v.Status, Date: v.FromDate}, v.at}
		}
		return now, min(at, other), err
	}
	l.one = func(ctx context.Context, k key, lowest eventstore.Position) (reading[duty], bool, error) {
		if domain.ValidID(domain.LeavePrefix, k.entity) {
			v, err := t.openLeave(ctx, m.person, k.entity, lowest)
			return reading[duty]{duty{Status: v.Status, Date: v.FromDate}, v.at}, v.standing(), err
		}
		if !domain.ValidID(domain.BookingPrefix, k.entity) {
			return reading[duty]{at: lowest}, false, nil // nothing is shown of the branch
		}
		v, err := t.openBooking(ctx, m.person, k.entity, lowest)
		return reading[duty]{v.duty(m.StaffID, zone), v.at}, v.Status.Open(), err
	}
	return l
}

// duty shows what a member has to do of a booking.
func (v bookingView) duty(staffID string, zone *time.Location) duty {
	d := duty{Status: string(v.Status), Parts: map[string]string{}}
	for _, s := range v.Segments {
		if s.StaffID == staffID {
			d.Date = s.StartAt.In(zone).Format(domain.DayFormat)
			d.Parts[s.SegmentID] = part(s.ServiceName, s.DurationMinutes, d.Date, s.LocalStart)
		}
	}
	return d
}
