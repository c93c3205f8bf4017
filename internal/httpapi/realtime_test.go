package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/publishers"
)

func TestATokenCoversWhatTheRoleMayHear(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	pending, firm := s.book(ada, 10), s.book(ada, 12)
	s.confirm(firm)
	for _, tt := range []struct {
		as, body string
		want     []string
	}{
		{ada, "", []string{"booking:" + firm, "booking:" + pending, "customer:" + ada + ":*"}},
		{ben, `{}`, []string{"customer:" + ben + ":*"}},
		{worker, "", []string{"booking:" + firm, "booking:" + firm + ":internal", "staff:" + asha + ":schedule"}},
		{desk, "", []string{
			"admin:bookings:" + mitte, "admin:leave:" + mitte, "admin:schedule:" + mitte + ":*", "customer:" + desk + ":*",
		}},
		{desk, `{"bookingId":"` + pending + `"}`, []string{
			"admin:bookings:" + mitte, "admin:leave:" + mitte, "admin:schedule:" + mitte + ":*",
			"booking:" + pending, "booking:" + pending + ":internal", "customer:" + desk + ":*",
		}},
		{owner, "", []string{"admin:*", "booking:*", "customer:" + owner + ":*"}},
	} {
		a := s.post(tt.as, "/api/ably/token", tt.body).want(http.StatusOK)
		var got httpapi.TokenView
		check(t, json.Unmarshal(a.body, &got))
		var channels []string
		for channel, operations := range capabilityOf(t, a) {
			channels = append(channels, channel)
			if !slices.Equal(operations, []string{"subscribe"}) {
				t.Errorf("%s may %v on %s", tt.as, operations, channel)
			}
		}
		slices.Sort(channels)
		slices.Sort(tt.want)
		if !slices.Equal(channels, tt.want) {
			t.Errorf("%s %s: %v, want %v", tt.as, tt.body, channels, tt.want)
		}
		if got.ClientID != tt.as || got.Expires-got.Issued > publishers.TokenTTL.Milliseconds() || got.ExpiresAt.UnixMilli() != got.Expires {
			t.Errorf("%s: %+v", tt.as, got)
		}
		if a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("the token may be cached: %v", a.header)
		}
	}
}

// capabilityOf reads what a token's answer says that the token allows.
func capabilityOf(t *testing.T, a answer) (c map[string][]string) {
	t.Helper()
	check(t, json.Unmarshal([]byte(a.text("capability")), &c))
	return c
}

func TestATokenAloneIsGivenToWhoeverAcceptsThat(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	a := s.post(ada, "/api/ably/token", "", "Accept", "application/jwt").want(http.StatusOK)
	if a.header.Get("Content-Type") != "application/jwt" {
		t.Errorf("content type %q", a.header.Get("Content-Type"))
	}
	_, err := jwt.Parse(string(a.body), func(*jwt.Token) (any, error) { return []byte("secret"), nil },
		jwt.WithTimeFunc(s.clock.now))
	if err != nil {
		t.Errorf("not a token (%v): %s", err, a.body)
	}
}

func TestWithoutAKeyThereAreNoTokens(t *testing.T) {
	t.Parallel()
	s := openSalon(t, func(c *httpapi.Config) { c.Tokens = publishers.TokenIssuer{} })
	a := s.refused(s.post(ada, "/api/ably/token", ""), len(s.store.All()), http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	// Everything else goes on, and a read for the published finds nothing to wait for.
	s.book(ada, 10)
	s.get(ada, "/api/bookings?minPosition=published").want(http.StatusOK)
	if ready := s.get("", "/readyz").want(http.StatusOK); ready.text("realtime") != "not_configured" {
		t.Errorf("readiness: %s", ready.body)
	}
}

func TestAReadForThePublishedWaitsForIt(t *testing.T) {
	t.Parallel()
	var planned eventstore.Position
	var away error
	s := openSalon(t, func(c *httpapi.Config) {
		c.Published = func(context.Context) (eventstore.Position, error) { return planned, away }
	})
	r := s.post(ada, "/api/bookings", wish(10)).want(http.StatusCreated)
	check(t, json.Unmarshal([]byte(r.number("position")), &planned))
	a := s.get(ada, "/api/bookings?minPosition=published").want(http.StatusOK)
	if !slices.Equal(a.ids(), []string{r.text("id")}) {
		t.Errorf("what was published is not in the read: %s", a.body)
	}
	planned += 1_000_000
	a = s.get(ada, "/api/bookings?minPosition=published").want(http.StatusServiceUnavailable)
	if a.text("code") != string(domain.CodeReadBehind) || a.header.Get("Retry-After") == "" {
		t.Errorf("behind: %v %s", a.header, a.body)
	}
	away = errors.New("the database is away")
	s.get(ada, "/api/bookings?minPosition=published").want(http.StatusInternalServerError)
}

func TestTheOnlyDeskOfTheOnlyBranchHasTheWideToken(t *testing.T) {
	t.Parallel()
	s := openSalon(t, func(c *httpapi.Config) { c.Queries = oneBranch{c.Queries} })
	if a := s.post(desk, "/api/ably/token", "").want(http.StatusOK); capabilityOf(t, a)["admin:*"] == nil {
		t.Errorf("the desk of the only branch: %s", a.body)
	}
	if a := s.post(away, "/api/ably/token", "").want(http.StatusOK); capabilityOf(t, a)["admin:*"] != nil {
		t.Errorf("the desk of no branch: %s", a.body)
	}
}
