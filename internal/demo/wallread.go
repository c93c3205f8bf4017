package demo

import (
	"context"
	"net/url"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// wall is the schedule of a branch, as somebody reads it.
type wall struct {
	town     *town
	reader   *person
	branchID string
	zone     *time.Location
}

// read reads the schedule and the closures of consecutive dates.
func (w wall) read(
	ctx context.Context, dates []string, lowest eventstore.Position,
) (map[key]reading[chart], eventstore.Position, error) {
	now := map[key]reading[chart]{}
	first, last := dates[0], dates[len(dates)-1]
	var s scheduleView
	query := url.Values{"branchId": {w.branchID}, "from": {first}, "to": {last}}
	if _, err := w.town.get(ctx, w.reader, since(schedulePath, query, lowest), &s); err != nil {
		return nil, 0, err
	}
	on := func(date, entity string, at eventstore.Position, change func(*chart)) {
		if date < first || date > last {
			return
		}
		k := key{dateChannel(w.branchID, date), entity}
		r := reading[chart]{face: now[k].face, at: at}
		change(&r.face)
		now[k] = r
	}
	for _, v := range s.Slots {
		for _, date := range v.LocalDates {
			on(date, v.BookingID, s.Position, func(c *chart) {
				c.Status = v.Status
				c.Slots = put(c.Slots, slot{v.SegmentID, v.StaffID, instant(v.StartAt)}, slotEnd{instant(v.EndAt), v.Kind})
			})
		}
	}
	for _, v := range s.Blocks {
		for _, date := range domain.LocalDates(v.StartAt, v.EndAt, w.zone) {
			on(date, v.LeaveID, s.Position, func(c *chart) { c.Off = offFrom(v.StaffID, v.StartAt, v.EndAt) })
		}
	}
	var closed closuresView
	query = url.Values{"from": {first}}
	if _, err := w.town.get(ctx, w.reader, since(branchPath(w.branchID)+"/closures", query, lowest), &closed); err != nil {
		return nil, 0, err
	}
	for _, v := range closed.Closures {
		for date := v.FromDate; date <= v.ToDate; date = domain.AddDays(date, 1) {
			on(date, w.branchID, closed.Position, func(c *chart) { c.Closed = put(c.Closed, v.ClosureID, true) })
		}
	}
	return now, min(s.Position, closed.Position), nil
}
