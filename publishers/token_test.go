package publishers_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/publishers"
)

const testKey = "app.key:secret"

var issuedAt = time.Date(2026, 6, 15, 10, 0, 0, 123456789, time.UTC)

// claims is what the service reads of a token.
type claims struct {
	jwt.RegisteredClaims
	Capability string `json:"x-ably-capability"`
	ClientID   string `json:"x-ably-clientId"`
	// RevocationKey is what a revocation finds the token by, beside the client id.
	RevocationKey string `json:"x-ably-revocation-key"`
}

// read verifies a token as the service does.
func read(tb failer, token string) claims {
	var c claims
	parsed, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return []byte("secret"), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithTimeFunc(func() time.Time { return issuedAt }))
	if err != nil {
		tb.Fatalf("the service would not take the token: %v", err)
	}
	if parsed.Header["kid"] != "app.key" || parsed.Header["typ"] != "JWT" {
		tb.Fatalf("header %v", parsed.Header)
	}
	return c
}

func TestEachRoleGetsItsCapability(t *testing.T) {
	t.Parallel()
	subscribe := []string{"subscribe"}
	for name, tc := range map[string]struct {
		grant publishers.Grant
		want  []string
	}{
		"a customer hears himself and his bookings": {
			publishers.Grant{UserID: customer, Role: domain.RoleCustomer, BookingIDs: []string{"bkg_one0001", "bkg_two0001"}},
			[]string{"customer:usr_customer01:*", "booking:bkg_one0001", "booking:bkg_two0001"},
		},
		"a member of staff hears his schedule and what he is assigned to": {
			publishers.Grant{UserID: "usr_asha0001", Role: domain.RoleStaff, StaffID: asha, BookingIDs: []string{"bkg_one0001"}},
			[]string{"staff:stf_asha01:schedule", "booking:bkg_one0001", "booking:bkg_one0001:internal"},
		},
		"a member of staff hears all of a booking that he asks for": {
			publishers.Grant{UserID: "usr_asha0001", Role: domain.RoleStaff, StaffID: asha, BookingID: "bkg_one0001"},
			[]string{"staff:stf_asha01:schedule", "booking:bkg_one0001", "booking:bkg_one0001:internal"},
		},
		"a receptionist of the only branch hears the desk": {
			publishers.Grant{UserID: desk, Role: domain.RoleReceptionist, BranchIDs: []string{branch}},
			[]string{"customer:usr_desk000001:*", "admin:*", "booking:*"},
		},
		"a receptionist of one of several branches hears that branch": {
			publishers.Grant{
				UserID: desk, Role: domain.RoleReceptionist, BranchIDs: []string{branch}, Scoped: true, BookingID: "bkg_one0001",
			},
			[]string{
				"customer:usr_desk000001:*", "booking:bkg_one0001", "booking:bkg_one0001:internal",
				"admin:bookings:br_kolkata1", "admin:leave:br_kolkata1", "admin:schedule:br_kolkata1:*",
			},
		},
		"a manager without branches hears himself": {
			publishers.Grant{UserID: desk, Role: domain.RoleManager, Scoped: true}, []string{"customer:usr_desk000001:*"},
		},
		"an owner hears all branches": {
			publishers.Grant{UserID: desk, Role: domain.RoleOwner, Scoped: true},
			[]string{"customer:usr_desk000001:*", "admin:*", "booking:*"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, err := publishers.TokenIssuer{Key: testKey}.Issue(issuedAt, tc.grant)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string][]string{}
			for _, channel := range tc.want {
				want[channel] = subscribe
			}
			c := read(t, token.Token)
			var got map[string][]string
			if err := json.Unmarshal([]byte(c.Capability), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(token.Capability, want) {
				t.Errorf("capability %v, said to be %v, want %v", got, token.Capability, want)
			}
			if c.ClientID != tc.grant.UserID || token.ClientID != tc.grant.UserID || token.Truncated {
				t.Errorf("client %q, said to be %q, truncated %v", c.ClientID, token.ClientID, token.Truncated)
			}
			if ttl := c.ExpiresAt.Sub(c.IssuedAt.Time); ttl != publishers.TokenTTL || !c.ExpiresAt.Equal(token.ExpiresAt) {
				t.Errorf("valid for %v until %v, said to be until %v", ttl, c.ExpiresAt, token.ExpiresAt)
			}
			if c.IssuedAt.After(issuedAt) {
				t.Error("issued in the future: the service would not take it")
			}
		})
	}
}

// TestATokenThatWouldBeTooLongIsCutAndSaysSo keeps the beginning of the list, and the requested booking in any case.
func TestATokenThatWouldBeTooLongIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	var bookings, branches []string
	for i := range 500 {
		bookings = append(bookings, fmt.Sprintf("bkg_%020d", i))
		branches = append(branches, fmt.Sprintf("br_%020d", i))
	}
	for name, grant := range map[string]publishers.Grant{
		"a customer":     {UserID: customer, Role: domain.RoleCustomer, BookingIDs: bookings, BookingID: "bkg_requested"},
		"a member":       {UserID: customer, Role: domain.RoleStaff, StaffID: asha, BookingIDs: bookings, BookingID: "bkg_requested"},
		"a receptionist": {UserID: desk, Role: domain.RoleReceptionist, Scoped: true, BranchIDs: branches, BookingID: "bkg_requested"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, err := publishers.TokenIssuer{Key: testKey}.Issue(issuedAt, grant)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(token.Token); n > publishers.MaxTokenBytes || n < publishers.MaxTokenBytes-400 {
				t.Errorf("%d bytes: not all of %d is used, or more", n, publishers.MaxTokenBytes)
			}
			if !token.Truncated || read(t, token.Token).Capability == "" {
				t.Error("does not say that it is cut")
			}
			if _, ok := token.Capability["booking:bkg_requested"]; !ok {
				t.Error("the requested booking is cut off")
			}
			var kept []int
			for i, id := range bookings {
				_, booking := token.Capability["booking:"+id]
				if _, ok := token.Capability["admin:bookings:"+branches[i]]; ok || booking {
					kept = append(kept, i)
				}
			}
			if len(kept) == 0 || kept[len(kept)-1] != len(kept)-1 {
				t.Errorf("kept %v, want the beginning of the list", kept)
			}
		})
	}
}

func TestMalformedGrantsAreRefused(t *testing.T) {
	t.Parallel()
	good := publishers.Grant{UserID: customer, Role: domain.RoleStaff, StaffID: asha, BranchIDs: []string{branch}}
	for name, tc := range map[string]struct {
		change func(*publishers.Grant)
		kind   domain.Kind
	}{
		"no user":                    {func(g *publishers.Grant) { g.UserID = "" }, domain.Unauthenticated},
		"a wildcard for a user":      {func(g *publishers.Grant) { g.UserID = "*" }, domain.Unauthenticated},
		"an id of another kind":      {func(g *publishers.Grant) { g.UserID = asha }, domain.Unauthenticated},
		"a user with a separator":    {func(g *publishers.Grant) { g.UserID = "usr_abcdef:*" }, domain.Unauthenticated},
		"staff without a staff id":   {func(g *publishers.Grant) { g.StaffID = "" }, domain.Unauthenticated},
		"a staff id with a wildcard": {func(g *publishers.Grant) { g.StaffID = "stf_*" }, domain.Unauthenticated},
		"a customer's staff id":      {func(g *publishers.Grant) { g.Role, g.StaffID = domain.RoleCustomer, "x" }, domain.Unauthenticated},
		"a malformed branch":         {func(g *publishers.Grant) { g.BranchIDs = append(g.BranchIDs, "[meta]*") }, domain.Unauthenticated},
		"no role":                    {func(g *publishers.Grant) { g.Role = "" }, domain.Unauthenticated},
		"the engine's own role":      {func(g *publishers.Grant) { g.Role = domain.RoleSystem }, domain.Unauthenticated},
		"an unknown role":            {func(g *publishers.Grant) { g.Role = "admin" }, domain.Unauthenticated},
		"a malformed request":        {func(g *publishers.Grant) { g.BookingID = "bkg_1" }, domain.Invalid},
		"a malformed booking":        {func(g *publishers.Grant) { g.BookingIDs = []string{"bkg_abcdef\n"} }, domain.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grant := good
			grant.BranchIDs = slices.Clone(good.BranchIDs)
			tc.change(&grant)
			_, err := publishers.TokenIssuer{Key: testKey}.Issue(issuedAt, grant)
			refusal, ok := err.(*domain.Refusal) //nolint:errorlint // a refusal is never wrapped
			if !ok || refusal.Kind != tc.kind {
				t.Fatalf("error %v, want a refusal of kind %v", err, tc.kind)
			}
		})
	}
}

func TestWithoutAUsableKeyNoTokenIsIssued(t *testing.T) {
	t.Parallel()
	grant := publishers.Grant{UserID: customer, Role: domain.RoleCustomer}
	_, err := publishers.TokenIssuer{}.Issue(issuedAt, grant)
	if refusal, ok := err.(*domain.Refusal); !ok || refusal.Code != domain.CodeUnavailable { //nolint:errorlint // as above
		t.Errorf("without a key: %v", err)
	}
	for _, key := range []string{"no-colon", "app:hidden", "app.key:", ".key:hidden", "app.:hidden", "app.key:hid den"} {
		_, err := publishers.TokenIssuer{Key: key}.Issue(issuedAt, grant)
		if err == nil || strings.Contains(err.Error(), "hid") {
			t.Errorf("key %q: %v", key, err)
		}
	}
}
