package demo

import (
	"context"
	"net/url"
	"strings"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// newCards makes the list of a customer, or of the desk of a branch.
func (t *town) newCards(reader *person, channel, branchID string) *ledger[card] {
	l := newLedger(only(channel), foldCard)
	query := url.Values{"status": {openStatuses()}}
	if branchID != "" {
		query.Set("branchId", branchID)
	}
	l.all = func(ctx context.Context) (map[key]reading[card], eventstore.Position, error) {
		list, at, err := t.listBookings(ctx, reader, query)
		now := map[key]reading[card]{}
		for _, v := range list {
			now[key{channel, v.ID}] = reading[card]{v.card(), v.at}
		}
		return now, at, err
	}
	l.one = func(ctx context.Context, k key, lowest eventstore.Position) (reading[card], bool, error) {
		v, err := t.openBooking(ctx, reader, k.entity, lowest)
		return reading[card]{v.card(), v.at}, v.Status.Open(), err
	}
	return l
}

// openStatuses lists the statuses of bookings that go on, as a filter takes them.
func openStatuses() string {
	var names []string
	for _, s := range domain.Statuses() {
		if s.Open() {
			names = append(names, string(s))
		}
	}
	return strings.Join(names, ",")
}

// card shows a booking as a list does.
func (v bookingView) card() card {
	c := card{Status: v.Status, Date: v.LocalDate, Start: v.LocalStart, Total: v.TotalMinor}
	var names []string
	for _, s := range v.Segments {
		names = append(names, s.ServiceName)
		if v.Desk != nil && s.StaffID == "" {
			c.Nobody = withSegment(c.Nobody, s.SegmentID)
		}
	}
	c.Services = strings.Join(names, ", ")
	if v.Desk != nil {
		c.Manager = v.Desk.RequiresManager
	}
	return c
}
