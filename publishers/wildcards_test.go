package publishers_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/publishers"
)

// The oracle: Ably's rules for the resources of a capability, read from its documentation (https://ably.com/docs/auth/capabilities,
// "wildcards") and written apart from both the code that makes capabilities and the local endpoint's reading of them.
//
// A resource may begin with a qualifier in brackets: [meta]…, [queue]…, [*]…; without one it is about channels. In what follows, "*"
// alone as the last segment stands for any segments, at least one; as another segment for exactly one; within a segment it is a letter.

// resource is a name with its qualifier cut off.
type resource struct{ kind, name string }

func qualified(text string) resource {
	if end := strings.Index(text, "]"); strings.HasPrefix(text, "[") && end > 0 {
		return resource{text[1:end], text[end+1:]}
	}
	return resource{"", text}
}

// covers reports whether a resource of a capability covers a channel.
func covers(pattern, channel string) bool {
	p, c := qualified(pattern), qualified(channel)
	if p.kind != "*" && p.kind != c.kind {
		return false
	}
	wanted, given := strings.Split(p.name, ":"), strings.Split(c.name, ":")
	for i, segment := range wanted {
		switch {
		case segment == "*" && i == len(wanted)-1:
			return len(given) > i
		case i >= len(given):
			return false
		case segment != "*" && segment != given[i]:
			return false
		}
	}
	return len(wanted) == len(given)
}

// hears reports whether a token's capability, as it stands in the token, allows an operation on a channel.
func hears(tb failer, capability, channel, operation string) bool {
	var resources map[string][]string
	if err := json.Unmarshal([]byte(capability), &resources); err != nil {
		tb.Fatalf("the service cannot read the capability: %v", err)
	}
	for pattern, operations := range resources {
		if covers(pattern, channel) && (slices.Contains(operations, operation) || slices.Contains(operations, "*")) {
			return true
		}
	}
	return false
}

func TestTheOracleReadsWildcardsAsTheServiceDoes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, channel string
		want             bool
	}{
		{"*", "a", true},
		{"*", "a:b:c", true},
		{"*", "[meta]a", false},
		{"*", "[queue]a", false},
		{"a:*", "a:b", true},
		{"a:*", "a:b:c", true},
		{"a:*", "b:a", false},
		{"a:*", "[meta]a:b", false},
		{"a:*:c", "a:b:c", true},
		{"a:*:c", "a:b:b:c", false},
		{"a:*:c", "a:b", false},
		{"*:c", "a:c", true},
		{"*:c", "a:b:c", false},
		{"a*", "ab", false},
		{"a*", "a*", true},
		{"a:b*", "a:bc", false},
		{"a", "a", true},
		{"a", "a:b", false},
		{"a", "A", false},
		{"[*]*", "[meta]a", true},
		{"[*]*", "a:b", true},
		{"[meta]*", "[meta]a", true},
		{"[meta]*", "a", false},
		{"[meta]a:*", "[meta]a:b", true},
	} {
		if got := covers(tc.pattern, tc.channel); got != tc.want {
			t.Errorf("%q covers %q: %v, want %v", tc.pattern, tc.channel, got, tc.want)
		}
	}
}

// TestTheRulesCatchWhatIsTooWide: the property compares what is heard with who may hear it, and must see each of these.
func TestTheRulesCatchWhatIsTooWide(t *testing.T) {
	t.Parallel()
	own := publishers.Grant{UserID: customer, Role: domain.RoleCustomer, BookingIDs: []string{"bkg_one0001"}}
	staff := publishers.Grant{UserID: customer, Role: domain.RoleStaff, StaffID: asha, BookingIDs: []string{"bkg_one0001"}}
	scoped := publishers.Grant{UserID: desk, Role: domain.RoleReceptionist, BranchIDs: []string{branch}, Scoped: true}
	for resource, g := range map[string]publishers.Grant{
		"*": own, "[*]*": own, "[meta]*": own, "customer:*": own, "customer:*:bookings": own, "booking:*": own, "admin:*": own,
		"booking:bkg_one0001:internal": own, "booking:bkg_one0001:*": own, "booking:bkg_foreign1": own, "staff:*:schedule": staff,
		"booking:*:internal": staff, "staff:" + asha + ":*": staff, "customer:" + customer + ":*": staff,
		"admin:bookings:*": scoped, "admin:*:" + branch: scoped, "admin:schedule:*": scoped, "admin:leave:br_elsewhere": scoped,
	} {
		capability := `{"` + resource + `":["subscribe"]}`
		if !slices.ContainsFunc(candidates(g), func(channel string) bool {
			return hears(t, capability, channel, "subscribe") && !mayHear(g, channel)
		}) {
			t.Errorf("%q passes for a %s", resource, g.Role)
		}
	}
}
