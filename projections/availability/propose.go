package availability

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
)

// StaffFor names the members of a branch who can do a service and are on shift and free while they would be busy: those with the
// least taken time on the UTC day first, equals by id.
func (x *Index) StaffFor(_ context.Context, branchID, serviceID string, busy []domain.Interval) ([]string, error) {
	if len(busy) == 0 {
		return nil, nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	b := x.branches[branchID]
	if b == nil {
		return nil, nil
	}
	w := want{serviceID: serviceID}
	zero := busy[0].StartAt.Unix()
	for _, i := range busy {
		piece := span{i.StartAt.Unix() - zero, i.EndAt.Unix() - zero}
		w.busy = append(w.busy, piece)
	}
	w.onShift = w.busy
	window, reach := span{zero, zero + 1}, span{zero, zero + 1 + w.busy[len(w.busy)-1].to}
	dates := datesOf(b, reach)
	var free []string
	for _, id := range x.able(b, w) {
		if len(x.roomOf(b, id, reach, dates, "").starts(w, window)) > 0 {
			free = append(free, id)
		}
	}
	day := dayOf(zero)
	slices.SortFunc(free, func(p, q string) int {
		return cmp.Or(cmp.Compare(x.calendars[p].load(day), x.calendars[q].load(day)), cmp.Compare(p, q))
	})
	return free, nil
}

// Performs reports whether a member works at a branch and does a service there.
func (x *Index) Performs(branchID, serviceID, staffID string) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.staff[staffID].Performs(branchID, serviceID)
}

// OnShift names the members of a branch who work there at some time during a stretch of it, sorted.
func (x *Index) OnShift(_ context.Context, branchID string, during domain.Interval) ([]string, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	b := x.branches[branchID]
	if b == nil {
		return nil, nil
	}
	var on []string
	stretch := spanOf(during)
	dates := datesOf(b, stretch)
	for _, id := range b.members {
		// The branch may be closed then, or about to be: what counts is the shift.
		if len(x.working(b, id, stretch, dates)) > 0 {
			on = append(on, id)
		}
	}
	return on, nil
}

// Nearby asks for times near one that was not free.
type Nearby struct {
	BranchID string
	// Segments are what was wanted, at the time at which it was; one without a member may be done by anyone.
	Segments        []domain.Segment
	ExceptBookingID string
	// Policy holds the answer to a customer's lead time and horizon; nil: the desk asks.
	Policy *domain.Policy
	Limit  int
}

// Alternative is a time at which what was wanted is free, and who would do it.
type Alternative struct {
	StartAt, EndAt        time.Time
	LocalDate, LocalStart string
	StaffIDs              []string // by segment
}

// nearbyDays is how far alternatives are looked for, in each direction.
const nearbyDays = 14

// Nearest returns up to Limit free times, the nearest to the wanted one first, and the earlier of two that are equally near. Who
// was wanted stays wanted; where anyone may do a service, whoever did the one before is preferred.
func (x *Index) Nearest(_ context.Context, n Nearby) ([]Alternative, error) {
	if len(n.Segments) == 0 || n.Limit <= 0 {
		return nil, nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	b := x.branches[n.BranchID]
	if b == nil || !b.Open() {
		return nil, nil
	}
	wanted := n.Segments[0].StartAt.Unix()
	t := newTemplate(n.Segments, b.Policy.BufferPastShift)
	var found []Alternative
	for reach := range nearbyDays {
		date := instant(wanted).In(b.loc).Format(domain.DayFormat)
		for _, d := range slices.Compact([]string{domain.AddDays(date, -reach), domain.AddDays(date, reach)}) {
			for _, a := range x.onDate(b, t, n, d) {
				// The very time that was refused may look free for a moment yet.
				if a.StartAt.Unix() != wanted {
					found = append(found, a)
				}
			}
		}
		slices.SortStableFunc(found, func(p, q Alternative) int {
			return cmp.Or(cmp.Compare(distance(p, wanted), distance(q, wanted)), p.StartAt.Compare(q.StartAt))
		})
		if len(found) >= n.Limit && distance(found[n.Limit-1], wanted) <= int64(reach)*daySeconds {
			break // the dates to come are all further away
		}
	}
	return found[:min(len(found), n.Limit)], nil
}

func distance(a Alternative, wanted int64) int64 {
	return max(a.StartAt.Unix()-wanted, wanted-a.StartAt.Unix())
}

func (x *Index) onDate(b *branch, t template, n Nearby, date string) []Alternative {
	q := Query{BranchID: n.BranchID, FromDate: date, ToDate: date, ExceptBookingID: n.ExceptBookingID, Customer: n.Policy != nil}
	lead := time.Duration(b.Policy.LeadMinutes) * time.Minute
	var out []Alternative
	for _, slot := range x.sweep(b, t, q, lead).day(date).Slots {
		a := Alternative{
			StartAt: slot.StartAt, EndAt: slot.EndAt,
			LocalDate: slot.StartAt.In(b.loc).Format(domain.DayFormat), LocalStart: slot.StartAt.In(b.loc).Format("15:04"),
		}
		previous := ""
		for _, segment := range slot.Segments {
			if !slices.Contains(segment.StaffIDs, previous) {
				previous = segment.StaffIDs[0]
			}
			a.StaffIDs = append(a.StaffIDs, previous)
		}
		out = append(out, a)
	}
	return out
}
