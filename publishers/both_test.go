package publishers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/royalglow/booking/publishers"
)

// Both who loses a booking and who gets it hear of it, and so do the dates that it leaves and comes to.
func TestScenario41ReassignReachesBothMembersAndRescheduleBothDates(t *testing.T) {
	t.Parallel()
	all := forms(t)
	for name, want := range map[string][]string{
		"booking.staff_assigned on one date": {
			"staff:" + asha + ":schedule booking.unassigned", "staff:" + tara + ":schedule booking.assigned",
			"admin:schedule:2026-06-15 slot.reassigned",
		},
		"booking.rescheduled to another day": {
			"admin:schedule:2026-06-15 slot.released", "admin:schedule:2026-06-16 slot.booked",
			"staff:" + asha + ":schedule booking.rescheduled",
		},
	} {
		e, ok := all[name]
		if !ok {
			t.Fatalf("there is no form %q", name)
		}
		var told []string
		for _, m := range publishers.Messages(e, directory) {
			told = append(told, m.Channel+" "+m.Name)
		}
		for _, w := range want {
			if !slices.Contains(told, w) {
				t.Errorf("%s does not tell %s:\n%s", name, w, strings.Join(told, "\n"))
			}
		}
	}
}
