package domain_test

import (
	"regexp"
	"testing"

	"github.com/royalglow/booking/domain"
)

// FuzzIDs compares the checks with the pattern that they stand for.
func FuzzIDs(f *testing.F) {
	for _, s := range []string{
		"bkg_abc123", "br_abcdef", "bkg_", "bkg_abc12", "bkg_abc:12", "bkg_abc*12", "bkg_abc[12", "BKG_abc123", "bkg-abc123",
		"_abc123", "b_abcdef", "booki_abc123", "bkg__abc123", "bkg_abcdé1", "bkg_abc123\n", "", "bkg",
		"bkg_0123456789012345678901234567890123456789", "bkg_01234567890123456789012345678901234567890",
	} {
		f.Add(s)
	}
	form := regexp.MustCompile(`\A[a-z]{2,4}_[0-9A-Za-z]{6,40}\z`)
	prefixes := []domain.IDPrefix{
		domain.BookingPrefix, domain.UserPrefix, domain.StaffPrefix, domain.BranchPrefix, domain.ServicePrefix, domain.LeavePrefix,
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := domain.WellFormedID(s), form.MatchString(s); got != want {
			t.Errorf("WellFormedID(%q) = %v", s, got)
		}
		for _, p := range prefixes {
			want := form.MatchString(s) && len(s) > len(p) && s[:len(p)+1] == string(p)+"_"
			if got := domain.ValidID(p, s); got != want {
				t.Errorf("ValidID(%s, %q) = %v", p, s, got)
			}
		}
	})
}
