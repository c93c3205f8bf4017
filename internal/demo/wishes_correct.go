package demo

import (
	"context"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// Outcomes that were wrong.

// wantsCorrection finds that an outcome was wrong: a cancellation that was a mistake, or, for a manager, a bill.
func (s *salon) wantsCorrection() *want {
	for _, b := range s.ended {
		if b.busy || b.nobody > 0 || b.missing {
			continue
		}
		c := changing{action: check.Correct, by: s.desk}
		switch {
		case b.status == domain.StatusCancelled && (b.before == domain.StatusPending || b.before == domain.StatusConfirmed) && isFar(b):
			c.then, c.body = becomes(b.before), s.corrects(b.before, "The cancellation was meant for another booking.")
		case b.status == domain.StatusCompleted && s.dice.share(4):
			c.by = s.manager
			c.then, c.body = becomes(domain.StatusInProgress), s.corrects(domain.StatusInProgress, "The bill has to be written again.")
		default:
			continue
		}
		return s.change(b, c)
	}
	return nil
}

// corrects reads first who did what, as one does before one says that it was wrong.
func (s *salon) corrects(to domain.Status, reason string) func(context.Context, *town, *want, bookingView) (changeBooking, error) {
	return func(ctx context.Context, t *town, w *want, v bookingView) (changeBooking, error) {
		var history struct{}
		if _, err := t.get(ctx, w.by, bookingPath(v.ID)+"/history", &history); err != nil {
			return changeBooking{}, err
		}
		return changeBooking{ToStatus: to, Reason: reason}, nil
	}
}

// glance reads the schedule of a booking's day. What comes of it does not matter: he wanted to see how full it is.
func (t *town) glance(ctx context.Context, s *salon, by *person, v bookingView) {
	var day scheduleView
	query := map[string][]string{"branchId": {s.branchID}, "from": {v.LocalDate}}
	if _, err := t.get(ctx, by, since(schedulePath, query, 0), &day); err != nil {
		t.Logger.WarnContext(ctx, "schedule not read", errAttr(err))
	}
}
