package commands_test

import (
	"fmt"
	"testing"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// A branch's zone is in the log, which may be read on another machine.
func TestABranchIsInAZoneThatMeansTheSameEverywhere(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	open := func(branchID, zone string) error {
		return err1(s.OpenBranch(t.Context(), owner, s.key(), commands.OpenBranch{
			BranchID: branchID, Name: "Nord", TimeZone: zone, Currency: "EUR",
		}))
	}
	for _, zone := range []string{
		"Local", "Factory", "localtime", "posixrules", "right/UTC", "right/Europe/Berlin", "posix/Europe/Berlin", "europe/berlin",
		"Europe", "Europe/", "/Europe/Berlin", "Europe/../Europe/Berlin", "../zoneinfo/UTC", "Mars/Olympus", "+05:30", " UTC",
	} {
		fields := refusal(t, open(otherBranch, zone), domain.Invalid, domain.CodeValidation).Details["fields"].([]commands.FieldError)
		if len(fields) != 1 || fields[0].Pointer != "/timeZone" {
			t.Errorf("%q: named %v", zone, fields)
		}
	}
	for i, zone := range []string{
		"UTC", "Etc/GMT+5", "EST5EDT", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Africa/Sao_Tome", "Asia/Kolkata",
	} {
		if err := open(fmt.Sprintf("br_there%d", i), zone); err != nil {
			t.Errorf("%q: %v", zone, err)
		}
	}
}
