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

// ahead lets the requests of one customer come one after the other, each knowing of those before it: what limits his bookings
// ahead is counted in read models, and they are a moment behind. It is a courtesy to salons, no promise: neither another engine
// nor read models that stand still are waited for. note takes the receipt of what was done; done lets the next one in.
func (s *Service) ahead(ctx context.Context, by Caller) (note func(Receipt), done func(), err error) {
	if by.Role != domain.RoleCustomer {
		return func(Receipt) {}, func() {}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	done, err = s.customers.Lock(ctx, domain.CustomerStream(by.UserID))
	if err != nil {
		return nil, nil, err
	}
	last, ok := s.booked.Get(by.UserID)
	if ok {
		patience, enough := context.WithTimeout(ctx, seenWithin)
		defer enough()
		if err := s.reads.SeenBookings(patience, last); err != nil && ctx.Err() != nil {
			done()
			return nil, nil, err
		}
	}
	return func(r Receipt) {
		if r.Position > last {
			s.booked.Add(by.UserID, r.Position)
		}
	}, done, nil
}
