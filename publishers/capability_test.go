package publishers_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/publishers"
)

// hostile draws ids: good ones of every kind, and what somebody might try in their place.
func hostile(prefix string) *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(prefix+`_[0-9A-Za-z]{6,20}`),
		rapid.StringMatching(`(usr|stf|br|bkg)_[0-9A-Za-z]{6,9}`),
		rapid.SampledFrom([]string{
			"", "*", ":", prefix + "_*", prefix + "_abcdef:*", prefix + "_abcdef*", "*:" + prefix + "_abcdef",
			"[meta]*", "[*]*", prefix + "_abc,def", prefix + `_abcdef":["*"],"x`, prefix + "_abcdef\x00",
			prefix + "_äbcdef", strings.ToUpper(prefix) + "_abcdef", prefix + "_", "customer", "admin", "..",
			"[meta]" + prefix + "_abcdef", "[" + prefix + "_abcdef", prefix + "_abc def", " " + prefix + "_abcdef", prefix + "_abcdef\n",
			prefix + "_" + strings.Repeat("a", 41), prefix + "_" + strings.Repeat("a", 10_000), prefix + "_abcdef:*:internal", "**",
		}),
		// A good one in which something was put somewhere.
		rapid.Custom(func(t *rapid.T) string {
			id := rapid.StringMatching(prefix+`_[0-9A-Za-z]{6,20}`).Draw(t, "id")
			at := rapid.IntRange(0, len(id)).Draw(t, "at")
			return id[:at] + rapid.SampledFrom([]string{"*", ":", ":*", "[", "]", " ", "\t", "\"", "\\", ",", "[*]", "\u200b"}).Draw(t, "in it") + id[at:]
		}),
		rapid.String(),
	)
}

func drawGrant(t *rapid.T) publishers.Grant {
	roles := []domain.Role{
		"", "root", "Owner", "owner ", "*", "customer:*", domain.Role(strings.Repeat("owner", 1000)), domain.RoleSystem,
		domain.Role(rapid.String().Draw(t, "some role")),
	}
	for _, r := range []domain.Role{
		domain.RoleCustomer, domain.RoleStaff, domain.RoleReceptionist, domain.RoleManager, domain.RoleOwner, domain.RoleDeveloper,
	} {
		roles = append(roles, r, r) // good ones more often
	}
	// Most grants are well formed in most places: a single wrong id is what has to be found.
	pick := func(prefix, label string) string {
		if rapid.IntRange(0, 9).Draw(t, label+" hostile") > 0 {
			return rapid.StringMatching(prefix+`_[0-9A-Za-z]{6,20}`).Draw(t, label)
		}
		return hostile(prefix).Draw(t, label)
	}
	list := func(prefix, label string) []string {
		var out []string
		for range rapid.IntRange(0, 3).Draw(t, label+" count") {
			out = append(out, pick(prefix, label))
		}
		return out
	}
	g := publishers.Grant{
		UserID: pick("usr", "user"), Role: rapid.SampledFrom(roles).Draw(t, "role"), Scoped: rapid.Bool().Draw(t, "scoped"),
		BranchIDs: list("br", "branch"), BookingIDs: list("bkg", "booking"),
	}
	if rapid.Bool().Draw(t, "has staff id") {
		g.StaffID = pick("stf", "staff")
	}
	if rapid.Bool().Draw(t, "requests") {
		g.BookingID = pick("bkg", "requested")
	}
	return g
}

// mayHear says who may hear what: the rules in words, written apart from the code that makes capabilities.
func mayHear(g publishers.Grant, channel string) bool {
	part := strings.Split(channel, ":")
	at := func(i int) string {
		if i < len(part) {
			return part[i]
		}
		return ""
	}
	listed := slices.Contains(g.BookingIDs, at(1)) || (g.BookingID != "" && g.BookingID == at(1))
	desk := g.Role.Desk()
	wide := desk && (!g.Scoped || g.Role.AllBranches())
	switch at(0) {
	case "customer":
		return (g.Role == domain.RoleCustomer || desk) && at(1) == g.UserID && len(part) > 2
	case "booking":
		if wide {
			return len(part) > 1
		}
		switch {
		case len(part) == 2:
			return listed
		case len(part) == 3 && at(2) == "internal":
			return listed && g.Role != domain.RoleCustomer
		}
		return false
	case "staff":
		return g.Role == domain.RoleStaff && at(1) == g.StaffID && at(2) == "schedule" && len(part) == 3
	case "admin":
		if wide {
			return len(part) > 1
		}
		if !desk {
			return false
		}
		switch at(1) {
		case "bookings", "leave":
			return len(part) == 3 && slices.Contains(g.BranchIDs, at(2))
		case "schedule":
			return len(part) > 3 && slices.Contains(g.BranchIDs, at(2))
		}
	}
	return false
}

// candidates are channels that somebody might try: his own and others', and malformed ones.
func candidates(g publishers.Grant) []string {
	users := []string{g.UserID, "usr_somebody1", "*"}
	staff := []string{g.StaffID, "stf_somebody", "*"}
	branches := append([]string{"br_elsewhere", "*"}, g.BranchIDs...)
	bookings := append([]string{"bkg_foreign1", g.BookingID, "*"}, g.BookingIDs...)
	out := []string{"", "*", "customer", "admin", "booking", "staff", "[meta]log", "[meta]channel.lifecycle", "other"}
	for _, id := range users {
		out = append(out, "customer:"+id, "customer:"+id+":bookings", "customer:"+id+":other:deep")
	}
	for _, id := range staff {
		out = append(out, "staff:"+id, "staff:"+id+":schedule", "staff:"+id+":other")
	}
	for _, id := range branches {
		out = append(out, "admin:bookings:"+id, "admin:leave:"+id, "admin:schedule:"+id, "admin:schedule:"+id+":2026-06-15",
			"admin:other:"+id)
	}
	for _, id := range bookings {
		out = append(out, "booking:"+id, "booking:"+id+":internal", "booking:"+id+":other")
	}
	out = append(out, "admin:schedule:2026-06-15")
	for _, name := range slices.Clone(out) {
		out = append(out, "[meta]"+name, "[queue]"+name, "[*]"+name, strings.ToUpper(name), " "+name, name+":", ":"+name, name+":*", name+" ")
	}
	return out
}

// foreign draws a channel that somebody might have: of nobody in the grant, or of no form at all.
func foreign(t *rapid.T) string {
	words := rapid.OneOf(
		rapid.SampledFrom([]string{"customer", "booking", "admin", "staff", "bookings", "schedule", "leave", "internal", "*", "", "2026-06-15"}),
		hostile("usr"), hostile("br"), hostile("stf"), hostile("bkg"),
	)
	return strings.Join(rapid.SliceOfN(words, 1, 5).Draw(t, "channel"), ":")
}

// TestScenario44NoGrantAllowsMoreThanItsOwnerMayHear judges what is issued with the service's rules, and with the local endpoint's reading
// of them.
func TestScenario44NoGrantAllowsMoreThanItsOwnerMayHear(t *testing.T) {
	t.Parallel()
	issued, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		g := drawGrant(t)
		token, err := publishers.TokenIssuer{Key: testKey}.Issue(issuedAt, g)
		if err != nil {
			if _, ok := err.(*domain.Refusal); !ok { //nolint:errorlint // a refusal is never wrapped
				t.Fatalf("not a refusal: %v", err)
			}
			refused++
			return
		}
		issued++
		can, err := ablylocal.ParseCapability(read(t, token.Token).Capability)
		if err != nil {
			t.Fatalf("the service cannot read the capability: %v", err)
		}
		text := read(t, token.Token).Capability
		channels := candidates(g)
		for range 5 {
			channels = append(channels, foreign(t))
		}
		for _, channel := range channels {
			got, want := hears(t, text, channel, "subscribe"), mayHear(g, channel)
			if got != want {
				t.Fatalf("%s hears %q: %v, want %v\n%s", g.Role, channel, got, want, can)
			}
			// The service takes no such name; what the local endpoint makes of it is its own business.
			if local := can.Allows(channel, ablylocal.OpSubscribe); local && !want {
				t.Fatalf("%s hears %q at the local endpoint\n%s", g.Role, channel, can)
			}
			if g.Role == domain.RoleCustomer || g.Role == domain.RoleStaff {
				for resource := range token.Capability {
					if strings.HasPrefix(resource, "booking:*") || strings.HasPrefix(resource, "admin:") || resource == "*" {
						t.Fatalf("%s is granted %q", g.Role, resource)
					}
				}
			}
			for _, op := range []ablylocal.Op{
				ablylocal.OpPublish, ablylocal.OpPresence, ablylocal.OpHistory, ablylocal.OpAll,
				ablylocal.OpAnnotationPublish, ablylocal.OpAnnotationSubscribe, "stats", "push-admin", "message-delete-any",
			} {
				if can.Allows(channel, op) || hears(t, text, channel, string(op)) {
					t.Fatalf("%s may %s on %q", g.Role, op, channel)
				}
			}
		}
	})
	if issued == 0 || refused == 0 {
		t.Errorf("%d issued, %d refused: the property has seen one side only", issued, refused)
	}
}
