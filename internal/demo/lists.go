package demo

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// listLimit is how many entries a page of a list has: the most that the API gives.
const listLimit = "500"

// listBookings reads a list to its end. The position is that from which on messages count.
func (t *town) listBookings(ctx context.Context, p *person, query url.Values) ([]bookingView, eventstore.Position, error) {
	return readList(ctx, t, p, bookingsPath, query, func(page *bookingPage) []bookingView {
		for i := range page.Bookings {
			page.Bookings[i].at = page.Position
		}
		return page.Bookings
	})
}

// standingLeave asks for the leave that waits or holds: that of a branch, or a member's own.
func standingLeave(branchID string) url.Values {
	query := url.Values{"status": {string(domain.LeavePending) + "," + string(domain.LeaveGranted)}}
	if branchID != "" {
		query.Set("branchId", branchID)
	}
	return query
}

// listLeave reads a list of leave to its end.
func (t *town) listLeave(ctx context.Context, p *person, query url.Values) ([]leaveView, eventstore.Position, error) {
	return readList(ctx, t, p, leavePath, query, func(page *leavePage) []leaveView {
		for i := range page.Leave {
			page.Leave[i].at = page.Position
		}
		return page.Leave
	})
}

type listPage struct {
	Next     string              `json:"next"`
	Position eventstore.Position `json:"position"`
}

func (p *listPage) bounds() (next string, at eventstore.Position) { return p.Next, p.Position }

type bookingPage struct {
	listPage
	Bookings []bookingView `json:"bookings"`
}

type leavePage struct {
	listPage
	Leave []leaveView `json:"leave"`
}

// readList reads all pages of a list.
func readList[P any, V any, B interface {
	*P
	bounds() (string, eventstore.Position)
}](ctx context.Context, t *town, p *person, path string, query url.Values, items func(B) []V) (
	all []V, first eventstore.Position, err error,
) {
	query = maps.Clone(query)
	query.Set("limit", listLimit)
	for n := 0; ; n++ {
		page := B(new(P))
		if _, err := t.get(ctx, p, since(path, query, publishedPosition), page); err != nil {
			return nil, 0, err
		}
		next, at := page.bounds()
		if n == 0 {
			first = at
		}
		all = append(all, items(page)...)
		if next == "" {
			return all, first, nil
		}
		query.Set("cursor", next)
	}
}

// openBooking reads a booking as of a position or later. One that the reader may not see, or not any more, is empty.
func (t *town) openBooking(ctx context.Context, p *person, id string, lowest eventstore.Position) (v bookingView, err error) {
	_, err = t.get(ctx, p, since(bookingPath(id), nil, lowest), &v)
	v.at = max(v.Position, known(lowest))
	return v, absent(err)
}

// openLeave is the same for a leave.
func (t *town) openLeave(ctx context.Context, p *person, id string, lowest eventstore.Position) (v leaveView, err error) {
	_, err = t.get(ctx, p, since(leavePath+"/"+id, nil, lowest), &v)
	v.at = max(v.Position, known(lowest))
	return v, absent(err)
}

// known is a position that a read has certainly reached.
func known(lowest eventstore.Position) eventstore.Position {
	if lowest == publishedPosition {
		return 0
	}
	return lowest
}

// absent takes "there is no such thing" for an answer like any other.
func absent(err error) error {
	if answer, ok := errors.AsType[*answerError](err); ok && answer.status == http.StatusNotFound {
		return nil
	}
	return err
}
