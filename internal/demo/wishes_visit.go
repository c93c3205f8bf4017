package demo

import (
	"context"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// The visit: the customer comes, each service is begun and done by whose it is, and he pays.

func (s *salon) wantsCheckIn() *want {
	b, by := s.touch(s.desk, func(b *booking) bool { return isNear(b) && b.status == domain.StatusConfirmed })
	if b == nil {
		return nil
	}
	return s.change(b, changing{action: check.CheckIn, by: by, then: becomes(domain.StatusCheckedIn), body: whenever(changeBooking{})})
}

// wantsStart begins the next service once the one before is done. Who does it says so; where his page does not show it yet, the
// desk does. A few customers come straight to the chair.
func (s *salon) wantsStart() *want {
	b, _ := s.touch(s.desk, func(b *booking) bool {
		switch b.status {
		case domain.StatusCheckedIn:
			return isNear(b)
		case domain.StatusInProgress:
			return b.started < b.services && b.finished == b.started && b.due()
		case domain.StatusConfirmed:
			return isNear(b) && s.dice.share(16)
		case domain.StatusNone, domain.StatusPending, domain.StatusCompleted, domain.StatusRejected, domain.StatusCancelled, domain.StatusNoShow:
		}
		return false
	})
	if b == nil {
		return nil
	}
	return s.change(b, changing{
		action: check.Start, by: s.desk,
		then: func(b *booking) { b.status, b.started = domain.StatusInProgress, b.started+1 },
		body: s.atTheChair(b, func(g segmentView) bool { return g.StartedAt.IsZero() }),
	})
}

// due reports whether the next service may begin: at most an hour before its time.
func (b *booking) due() bool { return time.Until(b.next) < time.Hour }

func (s *salon) wantsFinish() *want {
	b, _ := s.touch(s.desk, func(b *booking) bool { return b.status == domain.StatusInProgress && b.started > b.finished })
	if b == nil {
		return nil
	}
	return s.change(b, changing{
		action: check.Finish, by: s.desk,
		then: func(b *booking) { b.finished++ },
		body: s.atTheChair(b, func(g segmentView) bool { return !g.StartedAt.IsZero() && g.FinishedAt.IsZero() }),
	})
}

// atTheChair finds the service that fits, and lets the member speak who does it.
func (s *salon) atTheChair(
	b *booking, fits func(segmentView) bool,
) func(context.Context, *town, *want, bookingView) (changeBooking, error) {
	return func(_ context.Context, _ *town, w *want, v bookingView) (changeBooking, error) {
		g, ok := v.segment(fits)
		if !ok || !v.Status.Open() || time.Until(g.StartAt) > time.Hour {
			return changeBooking{}, errNotNow
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, m := range s.members() {
			if m.StaffID == g.StaffID && s.seen(m.person, b) {
				w.by = m.person
			}
		}
		return changeBooking{SegmentID: g.SegmentID}, nil
	}
}

// wantsToPay lets a customer pay who has had everything, and one who does not wait for what is yet to come.
func (s *salon) wantsToPay() *want {
	b, _ := s.touch(s.desk, func(b *booking) bool {
		return b.status == domain.StatusInProgress && b.finished == b.started && (b.started == b.services || !b.due())
	})
	if b == nil {
		return nil
	}
	method := pick(s.dice, []string{"cash", "upi", "card"})
	return s.change(b, changing{
		action: check.Complete, by: s.desk, then: becomes(domain.StatusCompleted), body: whenever(changeBooking{PaymentMethod: method}),
	})
}

// wantsNoShow gives up waiting for somebody who has not come.
func (s *salon) wantsNoShow() *want {
	b, _ := s.touch(s.desk, func(b *booking) bool {
		return b.missing && b.status == domain.StatusConfirmed && b.start.Before(time.Now())
	})
	if b == nil {
		return nil
	}
	return s.change(b, changing{action: check.NoShow, by: s.desk, body: whenever(changeBooking{}), then: func(b *booking) {
		b.status = domain.StatusNoShow
		if b.customer == s.absent {
			s.missed++
		}
	}})
}

// wantsClearing lets a manager forgive the customer who stayed away too often, once the engine has noticed it.
func (s *salon) wantsClearing() *want {
	if s.missed < tooOften {
		return nil
	}
	missed := s.missed
	s.missed = 0
	return &want{
		salon: s, action: check.ClearStanding, by: s.manager,
		compose: func(ctx context.Context, t *town, w *want) (request, error) {
			var standing standingView
			if _, err := t.get(ctx, w.by, standingPath(s.absent.ID), &standing); err != nil {
				return request{}, err
			}
			if !standing.NeedsApproval {
				return request{}, errNotNow
			}
			return patch(standingPath(s.absent.ID), changeOther{Action: "clear", Reason: "He called and explained himself."}), nil
		},
		accepted: func(context.Context, *town, receipt) { s.forgiven = true },
		dropped:  func(*answerError) { s.missed += missed },
	}
}

// wantsForgetting lets the owner erase a guest whose visit is over and who asked for it: his notes, his name and his telephone
// number. Nobody looks at his booking any more: a page that is open would not hear of it.
func (s *salon) wantsForgetting() *want {
	b := s.parted
	if b == nil || b.opened || b.busy {
		return nil
	}
	b.busy = true
	w := s.simple(check.EraseCustomer, s.owner, post(erasePath(b.id), nil), func(receipt) {
		b.busy, s.parted = false, nil
	})
	w.dropped = func(*answerError) { b.busy = false }
	return w
}
