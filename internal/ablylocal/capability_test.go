package ablylocal_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/ablylocal"
)

func mustParse(tb testing.TB, text string) ablylocal.Capability {
	tb.Helper()
	c, err := ablylocal.ParseCapability(text)
	if err != nil {
		tb.Fatalf("parse %s: %v", text, err)
	}
	return c
}

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		resource, channel string
		want              bool
	}{
		{"*", "a", true},
		{"*", "a:b:c", true},
		{"*", "[meta]log", false},
		{"*", "[queue]q", false},
		{"[*]*", "[meta]log", true},
		{"[*]*", "a:b", true},
		{"[meta]*", "[meta]log", true},
		{"[meta]*", "log", false},
		{"ns:*", "ns:a", true},
		{"ns:*", "ns:a:b:c", true},
		{"ns:*", "ns", false},
		{"ns:*", "nsx:a", false},
		{"foo:*:baz", "foo:bar:baz", true},
		{"foo:*:baz", "foo:bar:qux:baz", false},
		{"foo:*:baz", "foo:baz", false},
		{"*:baz", "foo:baz", true},
		{"foo:*:*", "foo:a", false},
		{"foo:*:*", "foo:a:b:c", true},
		{"foo*", "foo*", true},
		{"foo*", "foobar", false},
		{"foo", "foo", true},
		{"foo", "Foo", false},
		{"foo", "foo:", false},
		{"customer:usr_1:*", "customer:usr_12:bookings", false},
		{"admin:schedule:br_1:*", "admin:schedule:2026-01-01", false},
	} {
		text, err := json.Marshal(map[string][]string{c.resource: {"subscribe"}})
		if err != nil {
			t.Fatal(err)
		}
		capability := mustParse(t, string(text))
		if got := capability.Allows(c.channel, ablylocal.OpSubscribe); got != c.want {
			t.Errorf("%s on %s: %v, want %v", c.resource, c.channel, got, c.want)
		}
		if capability.Allows(c.channel, ablylocal.OpPublish) {
			t.Errorf("%s grants publish on %s", c.resource, c.channel)
		}
	}
}

func TestCapabilityIsTheUnionOfItsResources(t *testing.T) {
	c := mustParse(t, `{"a:*":["subscribe"],"a:b":["publish"],"c":["*"]}`)
	for _, want := range []struct {
		channel string
		op      ablylocal.Op
		granted bool
	}{
		{"a:b", ablylocal.OpSubscribe, true},
		{"a:b", ablylocal.OpPublish, true},
		{"a:c", ablylocal.OpPublish, false},
		{"c", "push-admin", true},
		{"d", ablylocal.OpSubscribe, false},
	} {
		if got := c.Allows(want.channel, want.op); got != want.granted {
			t.Errorf("%s on %s: %v", want.op, want.channel, got)
		}
	}
	if text := c.String(); text != `{"a:*":["subscribe"],"a:b":["publish"],"c":["*"]}` {
		t.Errorf("text %s", text)
	}
}

func TestMalformedCapabilitiesAreRefused(t *testing.T) {
	for _, text := range []string{``, `[]`, `"*"`, `{"a":"subscribe"}`, `{"a":[]}`, `{"":["*"]}`, `{"[meta":["*"]}`, `{"[]x":["*"]}`, `{"[meta]":["*"]}`, `{"a":[1]}`} {
		if c, err := ablylocal.ParseCapability(text); err == nil {
			t.Errorf("%s parsed as %s", text, c)
		}
	}
	if (ablylocal.Capability{}).Allows("a", ablylocal.OpSubscribe) {
		t.Error("the zero capability grants something")
	}
}

// capabilities and channels over few names, so that patterns meet often.
func drawCapability(t *rapid.T, label string) ablylocal.Capability {
	segment := rapid.SampledFrom([]string{"a", "b", "*", "a*"})
	resource := rapid.Custom(func(t *rapid.T) string {
		qualifier := rapid.SampledFrom([]string{"", "", "", "[*]", "[meta]"}).Draw(t, "qualifier")
		return qualifier + strings.Join(rapid.SliceOfN(segment, 1, 4).Draw(t, "segments"), ":")
	})
	ops := rapid.SliceOfN(rapid.SampledFrom([]string{"subscribe", "publish", "history", "*"}), 1, 3)
	text, err := json.Marshal(rapid.MapOfN(resource, ops, 0, 4).Draw(t, label))
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	c, err := ablylocal.ParseCapability(string(text))
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	return c
}

func TestIntersectionAllowsExactlyWhatBothAllow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawCapability(t, "a"), drawCapability(t, "b")
		both := a.Intersect(b)
		reparsed, err := ablylocal.ParseCapability(both.String())
		if err != nil {
			t.Fatalf("%s does not parse: %v", both, err)
		}
		channel := rapid.StringMatching(`(\[meta\])?[ab*](:[ab*]){0,4}`)
		for range 20 {
			name := channel.Draw(t, "channel")
			op := rapid.SampledFrom([]ablylocal.Op{"subscribe", "publish", "history", "presence"}).Draw(t, "op")
			want := a.Allows(name, op) && b.Allows(name, op)
			if both.Allows(name, op) != want || reparsed.Allows(name, op) != want {
				t.Fatalf("%s ∩ %s = %s: %s on %s should be %v", a, b, both, op, name, want)
			}
		}
	})
}

func FuzzParseCapability(f *testing.F) {
	for _, seed := range []string{`{"*":["*"]}`, `{"[meta]a:*:b":["subscribe","publish"]}`, `{"a*":["x"]}`, `{"":[]}`, `{"[":["*"]}`} {
		f.Add(seed, "a:b")
	}
	f.Fuzz(func(t *testing.T, text, channel string) {
		c, err := ablylocal.ParseCapability(text)
		if err != nil {
			return
		}
		again := mustParse(t, c.String())
		if again.Allows(channel, "subscribe") != c.Allows(channel, "subscribe") {
			t.Errorf("%s and its text %s differ on %q", text, c, channel)
		}
		if same := c.Intersect(c); same.Allows(channel, "publish") != c.Allows(channel, "publish") {
			t.Errorf("%s ∩ itself differs on %q", c, channel)
		}
	})
}
