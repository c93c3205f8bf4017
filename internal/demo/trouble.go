package demo

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

// trouble is a leave or a closure that bookings may be in the way of. The desk moves them, gives them to others or cancels them,
// one by one, until nothing is in the way any more.
type trouble struct {
	leave     *leave
	closureID string // where it is no leave
	date      string
	position  eventstore.Position
	since     time.Time
	again     time.Time // not looked at before then
	busy      bool
	solutions int
}

// settleFor is how long after a leave was granted the list of what is in its way may still grow: the engine blocks the days by and
// by.
const settleFor = time.Second

func (s *salon) troubled(is func(*trouble) bool) bool { return slices.ContainsFunc(s.troubles, is) }

// wantsSolution makes the desk look at a trouble and deal with the first booking in its way. s.mu is held.
func (s *salon) wantsSolution() *want {
	i := slices.IndexFunc(s.troubles, func(tr *trouble) bool { return !tr.busy && time.Now().After(tr.again) })
	if i < 0 || s.turns%3 != 0 { // there is other work as well
		return nil
	}
	tr := s.troubles[i]
	// The others have their turn before this one comes again.
	s.troubles = append(slices.Delete(s.troubles, i, i+1), tr)
	tr.busy = true
	w := &want{salon: s, action: check.Assign, by: s.desk}
	var b *booking
	var c changing
	w.compose = func(ctx context.Context, t *town, w *want) (request, error) {
		id, segment, err := t.inTheWay(ctx, s, tr)
		if err != nil {
			return request{}, err
		}
		if id == "" {
			s.over(tr)
			return request{}, errNotNow
		}
		if b = s.reserve(id); b == nil {
			return request{}, errNotNow // somebody is about to change it
		}
		v, err := t.openBooking(ctx, w.by, id, max(tr.position, b.position))
		if err != nil {
			return request{}, err
		}
		s.mu.Lock()
		s.look(b, v)
		s.mu.Unlock()
		if !v.Status.Open() {
			return request{}, errNotNow
		}
		var body changeBooking
		c, body, err = s.remedy(ctx, t, w, tr, v, segment)
		if err != nil {
			return request{}, err
		}
		w.action = c.action
		body.Action = string(c.action)
		return patch(bookingPath(id), body).on(w.by, v.Revision), nil
	}
	w.accepted = func(_ context.Context, _ *town, rec receipt) {
		tr.busy, tr.position, tr.solutions = false, rec.Position, tr.solutions+1
		c.then(b)
		s.touched(b, rec)
	}
	w.dropped = func(*answerError) {
		tr.busy = false
		if b != nil {
			s.leftAlone(b)
		}
	}
	return w
}

// inTheWay reads the first booking that is in the way; empty when there is none. Of a leave it also tells which service.
func (t *town) inTheWay(ctx context.Context, s *salon, tr *trouble) (bookingID, segmentID string, err error) {
	if tr.leave != nil {
		v, err := t.openLeave(ctx, s.desk, tr.leave.id, tr.position)
		if err != nil || len(v.OpenConflicts) == 0 {
			return "", "", err
		}
		return v.OpenConflicts[0].BookingID, v.OpenConflicts[0].SegmentID, nil
	}
	var list closuresView
	query := url.Values{"from": {tr.date}}
	if _, err := t.get(ctx, s.desk, since(branchPath(s.branchID)+"/closures", query, tr.position), &list); err != nil {
		return "", "", err
	}
	for _, c := range list.Closures {
		if c.ClosureID == tr.closureID && len(c.Conflicts) > 0 {
			return c.Conflicts[0], "", nil
		}
	}
	return "", "", nil
}

// over ends a trouble once nothing is in the way, and nothing more will be.
func (s *salon) over(tr *trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(tr.since) < settleFor {
		tr.again = time.Now().Add(settleFor / 4)
		return
	}
	s.troubles = slices.DeleteFunc(s.troubles, func(o *trouble) bool { return o == tr })
	if tr.solutions > 0 {
		s.solved++
	}
}

// reserve finds the director's booking; nil when somebody is about to change it. One that he had forgotten he knows again.
func (s *salon) reserve(id string) *booking {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.bookings, func(b *booking) bool { return b.id == id })
	if i < 0 {
		s.bookings = append(s.bookings, &booking{id: id, since: time.Now()})
		i = len(s.bookings) - 1
	}
	b := s.bookings[i]
	if b.busy {
		return nil
	}
	b.busy = true
	return b
}

// remedy chooses what becomes of a booking that is in the way: a colleague does it, or it moves to another day, and if nothing else
// helps it does not take place.
func (s *salon) remedy(
	ctx context.Context, t *town, w *want, tr *trouble, v bookingView, segmentID string,
) (changing, changeBooking, error) {
	var ways []changing
	if tr.leave != nil && tr.solutions%3 != 1 {
		ways = append(ways, s.handing(s.desk, segmentID))
	}
	if v.Status == domain.StatusPending || v.Status == domain.StatusConfirmed {
		ways = append(ways, s.moving(s.desk))
	}
	for _, c := range ways {
		if body, err := c.body(ctx, t, w, v); err == nil {
			return c, body, nil
		}
	}
	if v.Status == domain.StatusPending {
		return changing{action: check.Reject, then: becomes(domain.StatusRejected)},
			changeBooking{ReasonCode: "branch_closed", Reason: "We are closed that day after all. We are sorry."}, nil
	}
	code := "branch_closed"
	if tr.leave != nil {
		code = "staff_unavailable"
	}
	return changing{action: check.Cancel, then: becomes(domain.StatusCancelled)},
		changeBooking{ReasonCode: code, Reason: "We cannot keep this appointment. We are sorry."}, nil
}
