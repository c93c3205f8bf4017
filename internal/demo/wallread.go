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

// off is when a member is away.
type off struct {
	leaveID, staffID string
	from, to         time.Time
}

// read reads the schedule and the closures of consecutive dates. Who is off, away tells, and as of when.
func (w wall) read(
	ctx context.Context, dates []string, lowest eventstore.Position,
	away func(context.Context, scheduleView, string, string) ([]off, eventstore.Position, error),
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
	offs, offsAt, err := away(ctx, s, first, last)
	if err != nil {
		return nil, 0, err
	}
	for _, o := range offs {
		for _, date := range domain.LocalDates(o.from, o.to, w.zone) {
			on(date, o.leaveID, offsAt, func(c *chart) { c.Off = offFrom(o.staffID, o.from, o.to) })
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
	return now, min(s.Position, offsAt, closed.Position), nil
}

// granted lists the leave that holds. The messages tell of it as it is granted, and the schedule shows it a moment later, once the
// member's days are blocked: who reads the schedule in between would not learn of it any more.
func (w wall) granted(ctx context.Context, _ scheduleView, first, last string) ([]off, eventstore.Position, error) {
	query := url.Values{
		"branchId": {w.branchID}, "status": {string(domain.LeaveGranted)}, "fromDate": {first}, "toDate": {last},
	}
	leaves, at, err := w.town.listLeave(ctx, w.reader, query)
	offs := make([]off, 0, len(leaves))
	for _, v := range leaves {
		offs = append(offs, off{v.LeaveID, v.StaffID, v.StartAt, v.EndAt})
	}
	return offs, at, err
}

// blocked lists whose days are blocked, as the schedule shows it: in the end it is the same.
func (w wall) blocked(_ context.Context, s scheduleView, _, _ string) ([]off, eventstore.Position, error) {
	offs := make([]off, 0, len(s.Blocks))
	for _, v := range s.Blocks {
		offs = append(offs, off{v.LeaveID, v.StaffID, v.StartAt, v.EndAt})
	}
	return offs, s.Position, nil
}
