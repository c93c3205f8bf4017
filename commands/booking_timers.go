package commands

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/royalglow/booking/domain"
)

// SettleOverdue does what the clock asks of a booking: it declines a request that nobody has answered, and takes for a no-show
// whom nobody has seen. It returns when to look again; the zero time: never. It is safe to call late, twice, or from two engines
// at once: where there is nothing to do, nothing is done.
func (s *Service) SettleOverdue(ctx context.Context, bookingID string) (next time.Time, err error) {
	_, err = run(ctx, s, edit[domain.Booking, domain.BookingEvent]{
		command: s.ownCommand("settle_overdue", bookingID), id: bookingID, stream: domain.BookingStream(bookingID),
		loader: s.bookings, claims: claimsOf,
		decide: func(_ context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			at, ok := b.DueAt()
			if next = at; !ok {
				next = time.Time{}
				return nil, nil
			}
			loc, err := s.locationOf(b)
			if err != nil {
				return nil, err
			}
			facts, err := b.Due(domain.NoShow{Location: loc, Now: s.now(), NewClaimID: s.claimID})
			if len(facts) > 0 {
				next = time.Time{}
			}
			return facts, err
		},
	})
	return next, err
}

// ownCommand identifies what the engine does by itself. Each call is a command of its own: what makes it safe to repeat is the
// state, not the key.
func (s *Service) ownCommand(name, target string) command {
	sum := digest(hmac.New(sha256.New, s.secret), "system", name, target, s.claimID())
	return command{name: name, actor: domain.Actor{Role: domain.RoleSystem}, id: hex.EncodeToString(sum)}
}
