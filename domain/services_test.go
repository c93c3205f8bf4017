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

// Services may be started in any order. What has begun stays where it is, so that nothing may be laid over it.
func TestNothingReachesIntoAServiceThatHasBegunBeforeItsTurn(t *testing.T) {
	t.Parallel()
	given := history(t, wish("stf_anna01", "stf_anna01", "stf_anna01"), confirm, start("seg_2", opening))
	before := func(segment string) verb {
		return func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.AddService(domain.AddService{
				Roster: roster(), Choice: domain.ServiceChoice{Service: cut(), StaffID: "stf_zoe001"}, Before: segment, NewClaimID: fresh,
			})
		}
	}
	for name, c := range map[string]struct {
		when verb
		cell string
	}{
		"the one before it, longer":              {changeDuration("seg_1", 600), "BUSINESS_RULE_VIOLATION"},
		"the one before it, by a minute":         {changeDuration("seg_1", 31), "BUSINESS_RULE_VIOLATION"},
		"the one before it, shorter":             {changeDuration("seg_1", 29), "duration_changed"},
		"another one first, which moves the one": {before("seg_1"), "BUSINESS_RULE_VIOLATION"},
		"another one after it":                   {before("seg_3"), "service_added"},
		"itself, longer":                         {changeDuration("seg_2", 600), "duration_changed"},
		"the one after it, longer":               {changeDuration("seg_3", 600), "duration_changed"},
		"without the one before it":              {removeSegment("seg_1"), "service_removed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cellScenario(given, c.when, c.cell).run(t)
		})
	}
	// Nor does one that has begun itself.
	both := history(t, wish("stf_anna01", "stf_anna01"), confirm, start("seg_2", opening), start("seg_1", opening))
	cellScenario(both, changeDuration("seg_1", 600), "BUSINESS_RULE_VIOLATION").run(t)
}
