package domain

// Payment is what was paid of a visit, and how.
type Payment struct {
	Method    PaymentMethod
	PaidMinor int64 // minor units of the booking's currency
}

// CorrectPaid is Correct where the customer came after all and is known to have paid. Without it the correction says nothing of
// money: it may be all that the desk knows.
func (b Booking) CorrectPaid(c Correct, p Payment) ([]BookingEvent, error) {
	if c.To != StatusCompleted {
		return nil, Refuse(Invalid, CodeValidation, "only what is completed has been paid").At("/paymentMethod")
	}
	facts, err := b.Correct(c)
	for i, fact := range facts {
		if corrected, ok := fact.(BookingOutcomeCorrected); ok {
			corrected.PaymentMethod, corrected.PaidMinor, corrected.Currency = p.Method, p.PaidMinor, b.Currency
			facts[i] = corrected
		}
	}
	return facts, err
}
