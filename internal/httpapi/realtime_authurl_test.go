package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/publishers"
)

// ablyAccepts is what Ably's browser client sends to its authUrl.
const ablyAccepts = "application/json, text/plain"

// expiry verifies a realtime token and returns when it ends.
func (s *salon) expiry(token string) time.Time {
	s.tb.Helper()
	parsed, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return []byte("secret"), nil }, jwt.WithTimeFunc(s.clock.now))
	check(s.tb, err)
	at, err := parsed.Claims.GetExpirationTime()
	check(s.tb, err)
	return at.Time
}

// TestTheRouteServesAsAnAuthURL asks as Ably's clients do, the first time and when they renew: then they name the client that they
// have become.
func TestTheRouteServesAsAnAuthURL(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	first := s.get(ada, "/api/ably/token?rnd=0123456789", "Accept", ablyAccepts).want(http.StatusOK)
	if got := first.header.Get("Content-Type"); got != "application/json" || first.text("clientId") != ada || first.number("issued") == "0" {
		t.Errorf("content type %q: %s", got, first.body)
	}
	if first.header.Get("Cache-Control") != "no-store" || first.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", first.header)
	}
	s.clock.set(opening.Add(20 * time.Minute))
	renewed := s.get(ada, "/api/ably/token?clientId="+ada+"&bookingId="+id+"&rnd=12&ttl=86400000&timestamp=1", "Accept", ablyAccepts).want(http.StatusOK)
	before, after := s.expiry(first.text("token")), s.expiry(renewed.text("token"))
	if !before.Equal(opening.Add(publishers.TokenTTL)) || after.Sub(before) != 20*time.Minute {
		t.Errorf("the first token ends at %v, the renewed at %v", before, after)
	}
	if capabilityOf(t, renewed)["booking:"+id] == nil {
		t.Errorf("the booking that was asked for is not covered: %s", renewed.body)
	}
	for query, field := range map[string]string{
		"clientId=" + ben: "clientId", "clientId=*": "clientId", "bookingId=bkg_*": "bookingId", "capability=*": "capability", "ttl=long": "ttl", "timestamp=-1": "timestamp",
	} {
		a := s.get(ada, "/api/ably/token?"+query, "Accept", ablyAccepts).refused(http.StatusBadRequest, "VALIDATION_ERROR")
		if faults := a.faults(); len(faults) != 1 || faults[0].Parameter != field {
			t.Errorf("%s: %s", query, a.body)
		}
	}
	s.get(ben, "/api/ably/token?bookingId="+id).refused(http.StatusNotFound, "NOT_FOUND")
	s.get("", "/api/ably/token").refused(http.StatusUnauthorized, "UNAUTHENTICATED")
}

// form posts a form with a cookie or a bearer token, as a page does. Exchanges with forms are not held against the document, whose
// schema is that of JSON.
func (s *salon) form(body url.Values, headers ...string) answer {
	s.tb.Helper()
	r := httptest.NewRequestWithContext(s.tb.Context(), http.MethodPost, "/api/ably/token?rnd=1", strings.NewReader(body.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{tb: s.tb, what: "form " + body.Encode(), status: w.Code, header: w.Header(), body: w.Body.Bytes()}
}

func TestTheAuthURLTakesForms(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	signedIn := []string{"Authorization", "Bearer " + session(t, ada)}
	s.form(nil, signedIn...).want(http.StatusOK)
	if a := s.form(url.Values{"bookingId": {id}, "clientId": {ada}}, signedIn...).want(http.StatusOK); !a.shows("booking:" + id) {
		t.Errorf("not covered: %s", a.body)
	}
	for name, tt := range map[string]struct {
		body  url.Values
		field string
	}{
		"another's client id": {url.Values{"clientId": {ben}}, "/clientId"},
		"a malformed booking": {url.Values{"bookingId": {"bkg_*"}}, "/bookingId"},
		"two bookings":        {url.Values{"bookingId": {id, id}}, "/bookingId"},
		"no time":             {url.Values{"ttl": {"long"}}, "/ttl"},
		"a capability":        {url.Values{"capability": {"*"}}, "/capability"},
	} {
		a := s.form(tt.body, signedIn...).refused(http.StatusBadRequest, "VALIDATION_ERROR")
		if faults := a.faults(); len(faults) != 1 || faults[0].Pointer != tt.field {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	// No other operation takes one: what a page of another site can send without asking must change nothing.
	s.ask(ada, http.MethodPost, "/api/bookings", "branchId=x", "Content-Type", "application/x-www-form-urlencoded").
		refused(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")
}

// TestAnotherSiteGetsNoTokenWithACookie: a browser sends the cookie with whatever any page asks for.
func TestAnotherSiteGetsNoTokenWithACookie(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	cookie := "session=" + session(t, ada)
	s.get("", "/api/ably/token", "Cookie", cookie, "Sec-Fetch-Site", "same-origin").want(http.StatusOK)
	s.get("", "/api/ably/token", "Cookie", cookie, "Sec-Fetch-Site", "cross-site").refused(http.StatusForbidden, "FORBIDDEN")
	s.form(nil, "Cookie", cookie, "Sec-Fetch-Site", "same-origin").want(http.StatusOK)
	s.form(nil, "Cookie", cookie, "Sec-Fetch-Site", "cross-site").refused(http.StatusForbidden, "FORBIDDEN")
	s.form(nil, "Cookie", cookie, "Origin", "https://elsewhere.example").refused(http.StatusForbidden, "FORBIDDEN")
}

func TestTheTokenComesAsTheCallerWouldRatherHaveIt(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	for accept, alone := range map[string]bool{
		"":                                  false,
		"*/*":                               false,
		"text/plain":                        false,
		ablyAccepts:                         false,
		"application/json":                  false,
		"application/jwt":                   true,
		"Application/JWT":                   true,
		"application/jwt, */*":              true,
		"*/*, application/jwt":              true,
		"application/jwt, application/json": true,
		"application/json, application/jwt": false,
		"application/json;q=0.5, application/jwt":   true,
		"application/jwt;q=0.1, application/json":   false,
		"application/jwt;q=0":                       false,
		"application/jwt;q=0.3, application/*":      false,
		"application/jwt;q=0.3":                     true,
		"application/jwtx, application/x+jwt":       false,
		"nonsense;;=, application/jwt":              true,
		"application/*, application/jwt;q=1":        true,
		"application/jwt;q=2, application/json;q=1": true,
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			a := s.ask(ada, method, "/api/ably/token", "", "Accept", accept).want(http.StatusOK)
			want := "application/json"
			if alone {
				want = "application/jwt"
				s.expiry(string(a.body))
			} else {
				s.expiry(a.text("token"))
			}
			if got := a.header.Get("Content-Type"); got != want {
				t.Errorf("%s, accept %q: %q, want %q", method, accept, got, want)
			}
		}
		s.clock.set(s.clock.now().Add(3 * time.Second)) // so that nobody asks too often
	}
}

// TestTokensAreNotGivenWithoutEnd counts what one user gets, while another is not held up.
func TestTokensAreNotGivenWithoutEnd(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	ask := func(as string) answer { return s.get(as, "/api/ably/token") }
	given := 0
	for given < 1000 && ask(ada).status == http.StatusOK {
		given++
	}
	if given < 20 || given > 100 {
		t.Errorf("%d tokens at once", given)
	}
	a := ask(ada).refused(http.StatusTooManyRequests, "RATE_LIMITED")
	wait, err := time.ParseDuration(a.header.Get("Retry-After") + "s")
	if err != nil || wait <= 0 {
		t.Fatalf("Retry-After %q", a.header.Get("Retry-After"))
	}
	// By POST it is the same bucket, and a booking that may be had is not looked for.
	s.post(ada, "/api/ably/token", `{"bookingId":"bkg_nothere001"}`).refused(http.StatusTooManyRequests, "RATE_LIMITED")
	ask(ben).want(http.StatusOK)
	s.clock.set(s.clock.now().Add(wait))
	ask(ada).want(http.StatusOK)
	ask(ada).refused(http.StatusTooManyRequests, "RATE_LIMITED")
}

// TestWhoWasGivenATokenIsInTheLog looks for every word of the answers there, too: the tokens must not be.
func TestWhoWasGivenATokenIsInTheLog(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	given := []answer{
		s.get(ada, "/api/ably/token").want(http.StatusOK), s.post(desk, "/api/ably/token", "").want(http.StatusOK),
	}
	s.post(ben, "/api/ably/token", `{"bookingId":"`+id+`"}`).want(http.StatusNotFound)
	log := s.log.String()
	for _, line := range []string{
		`"msg":"realtime token issued","user":"` + ada + `","role":"customer","channels":2,"cut":false,"until":"2026-06-15T08:30:00Z"`,
		`"msg":"realtime token issued","user":"` + desk + `","role":"receptionist","branches":["` + mitte + `"],"channels":4,"cut":false`,
		`"msg":"realtime token refused","user":"` + ben + `","role":"customer","code":"NOT_FOUND"`,
	} {
		if !strings.Contains(log, line) {
			t.Errorf("the log lacks %s", line)
		}
	}
	for _, a := range given {
		for part := range strings.SplitSeq(a.text("token"), ".") {
			if strings.Contains(log, part) {
				t.Error("a part of a token is in the log")
			}
		}
	}
}
