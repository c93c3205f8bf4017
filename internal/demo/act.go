package demo

import (
	"context"
	"fmt"
	"net/http"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// act does what somebody wants and settles what became of it.
func (t *town) act(ctx context.Context, w *want) {
	r, err := t.compose(ctx, w)
	if err != nil {
		// Nothing was sent: the actor could not see what he needed to see.
		t.Logger.WarnContext(ctx, "command not composed", actionAttr(w.action), errAttr(err))
		w.salon.giveUp(w)
		return
	}
	rec, accepted, settled := t.command(ctx, w.by, w.action, r)
	switch {
	case accepted && w.action == check.Request:
		b := w.salon.booked(w, rec)
		if w.salon.mayWatch() {
			t.watch(ctx, w.salon, b, rec)
		}
	case accepted:
		w.salon.changed(w, rec)
	case settled && w.action == check.Request:
		w.salon.giveUp(w)
	case w.booking != nil:
		t.lookAgain(ctx, w)
	}
	// What is left is a request of which nobody knows whether it was carried out: its place in the diary stays taken.
}

// compose builds the request that the want comes to.
func (t *town) compose(ctx context.Context, w *want) (request, error) {
	if w.action == check.Request {
		return request{method: http.MethodPost, path: bookingsPath, body: w.bookingBody()}, nil
	}
	body := changeBooking{Action: string(w.action)}
	switch w.action {
	case check.Reject:
		body.ReasonCode, body.Reason = "fully_booked", "We are sorry: this time does not work out. Please choose another."
	case check.Cancel:
		body.Reason = "Something came up."
		if w.by.Role.Desk() {
			body.ReasonCode, body.Reason = "staff_unavailable", "A colleague has fallen ill. We are sorry."
		}
	case check.Approve:
		if w.other.member != nil {
			body.Assignments = []staffAssignment{{SegmentID: domain.SegmentID(0), StaffID: w.other.member.StaffID}}
		}
	case check.Assign:
		segment, err := t.pickSegment(ctx, w)
		if err != nil {
			return request{}, err
		}
		body.SegmentID, body.StaffID = segment, w.other.member.StaffID
	case check.Request:
	}
	r := request{method: http.MethodPatch, path: bookingPath(w.booking.id), body: body, ifMatch: &w.seen.revision}
	return r, nil
}

func (w *want) bookingBody() requestBooking {
	body := requestBooking{BranchID: w.salon.branchID, StartAt: w.hold.cell.start}
	for _, t := range w.treatments {
		choice := serviceChoice{ServiceID: t.ID}
		if w.hold.member != nil {
			choice.StaffID = w.hold.member.StaffID
		}
		body.Services = append(body.Services, choice)
	}
	return body
}

// pickSegment opens the booking, as somebody does who wants to give one of its services to a colleague.
func (t *town) pickSegment(ctx context.Context, w *want) (string, error) {
	var view bookingView
	ans, err := t.get(ctx, w.by, atLeast(bookingPath(w.booking.id), w.seen.position), &view)
	if err != nil {
		return "", err
	}
	if w.seen.revision, err = ans.revision(); err != nil {
		return "", err
	}
	if len(view.Segments) == 0 {
		return "", fmt.Errorf("booking %s shows no segments", view.ID)
	}
	return view.Segments[int(w.seen.revision)%len(view.Segments)].SegmentID, nil
}

// lookAgain finds out how a booking stands that somebody could not change, or of which he got no answer.
func (t *town) lookAgain(ctx context.Context, w *want) {
	var view bookingView
	ans, err := t.get(ctx, w.salon.desk, published(bookingPath(w.booking.id)), &view)
	if err == nil {
		w.seen.revision, err = ans.revision()
	}
	if err != nil {
		t.Logger.WarnContext(ctx, "booking not readable", errAttr(err))
		w.salon.drop(w)
		return
	}
	w.salon.found(w, view.Status)
}
