package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// ClearCustomer ends that a customer's bookings need a manager. Managers may issue it.
type ClearCustomer struct {
	CustomerID string `json:"customerId" validate:"required,id=usr" doc:"The customer."`
	Reason     string `json:"reason" validate:"required,max=500,prose" doc:"Why, for the salon."`
}

// ClearCustomer runs the command. It fails with CONFLICT where nothing is to be cleared.
func (s *Service) ClearCustomer(ctx context.Context, by Caller, o Options, c ClearCustomer) (Receipt, error) {
	cmd, err := s.accept("clear_customer", by, managerOnly, o, c.CustomerID, c)
	if err != nil {
		return Receipt{}, err
	}
	return run(ctx, s, edit[domain.Customer, domain.CustomerEvent]{
		command: cmd, id: c.CustomerID, stream: domain.CustomerStream(c.CustomerID), loader: s.customers,
		decide: func(_ context.Context, customer domain.Customer) ([]domain.CustomerEvent, error) {
			return customer.Clear(c.Reason, s.now())
		},
	})
}

// AccountCustomer brings a customer's standing in line with how his bookings ended. The engine calls it whenever one has; it is
// safe to call at any time, with any outcomes that the log has had.
func (s *Service) AccountCustomer(ctx context.Context, customerID string, outcomes []domain.Outcome) error {
	_, err := run(ctx, s, edit[domain.Customer, domain.CustomerEvent]{
		command: s.ownCommand("account_customer", customerID), id: customerID,
		stream: domain.CustomerStream(customerID), loader: s.customers,
		decide: func(_ context.Context, customer domain.Customer) ([]domain.CustomerEvent, error) {
			return customer.Account(customerID, outcomes, s.now().UTC()), nil
		},
	})
	return err
}

// EraseCustomer forgets a customer as a person: the keys of all texts about him are deleted, wherever the log has been copied.
// Owners and developers may issue it. What else is to be deleted follows from the event.
type EraseCustomer struct {
	CustomerID string `json:"customerId" validate:"required,subject" doc:"The customer, or the booking of a guest, who is known by that alone."`
}

// EraseCustomer runs the command.
func (s *Service) EraseCustomer(ctx context.Context, by Caller, o Options, c EraseCustomer) (Receipt, error) {
	cmd, err := s.accept("erase_customer", by, func(c Caller) error { return allow(c.Role.AllBranches()) }, o, c.CustomerID, c)
	if err != nil {
		return Receipt{}, err
	}
	return run(ctx, s, edit[domain.Customer, domain.CustomerEvent]{
		command: cmd, id: c.CustomerID, stream: domain.CustomerStream(c.CustomerID), loader: s.customers,
		decide: func(_ context.Context, customer domain.Customer) ([]domain.CustomerEvent, error) {
			return customer.Erase(c.CustomerID, s.now()), nil
		},
	})
}
