package commands

import (
	"context"
	"time"

	"github.com/royalglow/booking/domain"
)

// seenWithin is how long a request waits for the read models to show what the same customer has just booked.
const seenWithin = time.Second

// keptCustomers is of how many customers it is known when they have booked last.
const keptCustomers = 4096

// inTurn lets the requests of one customer come one after the other, each knowing of those before it: what limits his bookings
// ahead is counted in read models, and they are a moment behind. It is a courtesy to salons, no promise: neither another engine
// nor read models that stand still are waited for.
func (s *Service) inTurn(ctx context.Context, by Caller, c command, request func() (Receipt, error)) (Receipt, error) {
	if by.Role != domain.RoleCustomer {
		return request()
	}
	waiting, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	unlock, err := s.customers.Lock(waiting, domain.CustomerStream(by.UserID))
	if err != nil {
		return Receipt{}, s.settle(ctx, c, err)
	}
	defer unlock()
	last, ok := s.booked.Get(by.UserID)
	if ok {
		patience, enough := context.WithTimeout(waiting, seenWithin)
		defer enough()
		if err := s.reads.SeenBookings(patience, last); err != nil && waiting.Err() != nil {
			return Receipt{}, s.settle(ctx, c, err)
		}
	}
	receipt, err := request()
	if receipt.Position > last {
		s.booked.Add(by.UserID, receipt.Position)
	}
	return receipt, err
}
