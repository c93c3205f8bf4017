package commands

import "github.com/royalglow/booking/domain"

// faults names payments that go with no visit, and amounts of which nobody says how they were paid.
func (c CorrectOutcome) faults() []FieldError {
	var faults []FieldError
	if c.ToStatus != domain.StatusCompleted {
		const message = "goes with completed only"
		if c.PaymentMethod != "" {
			faults = append(faults, FieldError{Pointer: "/paymentMethod", Message: message})
		}
		if c.PaidMinor != nil {
			faults = append(faults, FieldError{Pointer: "/paidMinor", Message: message})
		}
		return faults
	}
	if c.PaidMinor != nil && c.PaymentMethod == "" {
		faults = append(faults, FieldError{Pointer: "/paymentMethod", Message: "is required with paidMinor"})
	}
	return faults
}

// payment is what was paid: what was booked, unless the command says otherwise.
func payment(b domain.Booking, method domain.PaymentMethod, paid *int64) domain.Payment {
	p := domain.Payment{Method: method, PaidMinor: b.TotalMinor}
	if paid != nil {
		p.PaidMinor = *paid
	}
	return p
}
