package domain_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
)

// crowd is the members of n cuts, the three of the team by turns.
func crowd(n int) []string {
	staff := make([]string, n)
	for i := range staff {
		staff[i] = []string{"stf_anna01", "stf_boris1", "stf_zoe001"}[i%3]
	}
	return staff
}

// However services come into a booking, there are never more than so many.
func TestABookingHasAtMostSoManyServices(t *testing.T) {
	t.Parallel()
	many := func(n int) verb {
		return func(b domain.Booking) ([]domain.BookingEvent, error) { return b.Request(wish(crowd(n)...)) }
	}
	cellScenario(nil, many(domain.MaxSegments), "requested").run(t)
	cellScenario(nil, many(domain.MaxSegments+1), "VALIDATION_ERROR").run(t)
	cellScenario(history(t, wish(crowd(domain.MaxSegments-1)...)), addCut("stf_anna01"), "service_added").run(t)
	full := history(t, wish(crowd(domain.MaxSegments)...))
	cellScenario(full, addCut("stf_anna01"), "BUSINESS_RULE_VIOLATION").run(t)
	// What was left out makes room again.
	freed, err := removeSegment("seg_2")(fold(full))
	if err != nil {
		t.Fatal(err)
	}
	cellScenario(append(full, freed...), addCut("stf_anna01"), "service_added").run(t)
}

// What a customer may not ask for at once he may not get bit by bit either.
func TestAnAddedServiceKeepsACustomerWithinTheLimitsOfARequest(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01"))
	const days = 30 * 24 * time.Hour // the horizon
	end := opening.Add(time.Hour)    // with another cut
	for name, c := range map[string]struct {
		by      domain.Party
		overlap bool
		at      time.Time
		cell    string
	}{
		"just the horizon":                 {domain.PartyCustomer, false, end.Add(-days), "service_added"},
		"beyond the horizon":               {domain.PartyCustomer, false, end.Add(-days - 1), "BOOKING_BEYOND_HORIZON"},
		"into another booking of his":      {domain.PartyCustomer, true, now, "BOOKING_OVERLAP"},
		"the desk, into another of his":    {domain.PartySalon, true, now, "service_added"},
		"the desk, beyond the horizon too": {domain.PartySalon, false, end.Add(-days - 1), "service_added"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cellScenario(given, func(b domain.Booking) ([]domain.BookingEvent, error) {
				return b.AddService(domain.AddService{
					Roster: roster(), Choice: domain.ServiceChoice{Service: cut(), StaffID: "stf_anna01"}, By: c.by,
					Overlapping: c.overlap, Now: c.at, NewClaimID: fresh,
				})
			}, c.cell).run(t)
		})
	}
}
