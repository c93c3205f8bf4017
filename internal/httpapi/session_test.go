package httpapi_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
)

// forge signs whatever claims a test wants.
func forge(tb testing.TB, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	tb.Helper()
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	check(tb, err)
	return token
}

// forgeWith signs good claims, with one more member in the token's header.
func forgeWith(tb testing.TB, secret []byte, name string, value any) string {
	tb.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, good())
	token.Header[name] = value
	signed, err := token.SignedString(secret)
	check(tb, err)
	return signed
}

// good returns claims that are in order, changed by pairs of name and value; nil takes a claim out.
func good(changes ...any) jwt.MapClaims {
	c := jwt.MapClaims{"sub": ada, "role": "customer", "exp": time.Now().Add(time.Hour).Unix()}
	for i := 0; i < len(changes); i += 2 {
		name, _ := changes[i].(string)
		if changes[i+1] == nil {
			delete(c, name)
			continue
		}
		c[name] = changes[i+1]
	}
	return c
}

func TestBadTokensAreRefused(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	hs := jwt.SigningMethodHS256
	secret := []byte(sealing)
	for name, token := range map[string]string{
		"nothing":                  "",
		"no token":                 "hello",
		"an expired token":         forge(t, hs, secret, good("exp", time.Now().Add(-time.Second).Unix())),
		"a token for ever":         forge(t, hs, secret, good("exp", nil)),
		"a token for later":        forge(t, hs, secret, good("nbf", time.Now().Add(time.Hour).Unix())),
		"a forged token":           forge(t, hs, []byte("another secret of thirty-two bytes"), good()),
		"an unsigned token":        forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good()),
		"another algorithm":        forge(t, jwt.SigningMethodHS512, secret, good()),
		"an asymmetric signature":  forge(t, jwt.SigningMethodES256, key, good()),
		"an unknown role":          forge(t, hs, secret, good("role", "king")),
		"the engine's own role":    forge(t, hs, secret, good("role", "system")),
		"no role":                  forge(t, hs, secret, good("role", nil)),
		"no user":                  forge(t, hs, secret, good("sub", nil)),
		"a wildcard for a user":    forge(t, hs, secret, good("sub", "usr_*")),
		"a channel for a user":     forge(t, hs, secret, good("sub", "usr_a:bookings")),
		"a staff id for a user":    forge(t, hs, secret, good("sub", asha)),
		"staff without an id":      forge(t, hs, secret, good("role", "staff")),
		"a malformed staff id":     forge(t, hs, secret, good("role", "staff", "staffId", "stf_[*]")),
		"a customer's bad staffId": forge(t, hs, secret, good("staffId", "*")),
		"a malformed branch":       forge(t, hs, secret, good("role", "receptionist", "branchIds", []string{mitte, "br_*"})),
		"a critical extension":     forgeWith(t, secret, "crit", []string{"exp"}),
		"no critical extension":    forgeWith(t, secret, "crit", nil),
		"a role that is no text":   forge(t, hs, secret, good("role", 7)),
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.tb = t
			before := len(s.store.All())
			a := s.ask("", http.MethodPost, "/api/bookings", wish(11), "Authorization", "Bearer "+token)
			s.refused(a, before, http.StatusUnauthorized, "UNAUTHENTICATED")
			if a.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("WWW-Authenticate: %q", a.header.Get("WWW-Authenticate"))
			}
			for _, secret := range []string{token, sealing} {
				if secret != "" && strings.Contains(string(a.body)+s.log.String(), secret) {
					t.Error("a secret was shown")
				}
			}
		})
	}
	plain := forgeWith(t, secret, "x-note", "no extension")
	s.ask("", http.MethodGet, "/api/bookings", "", "Authorization", "Bearer "+plain).want(http.StatusOK)
	s.refused(s.ask("", http.MethodGet, "/api/bookings", "", "Authorization", "Basic YTpi"), len(s.store.All()),
		http.StatusUnauthorized, "UNAUTHENTICATED")
}

func TestACookieIsGoodHereAndNotFromAnotherSite(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	send := func(method, path, body string, headers ...string) answer {
		r := httptest.NewRequestWithContext(t.Context(), method, "https://salon.example"+path, strings.NewReader(body))
		r.AddCookie(&http.Cookie{Name: "session", Value: session(t, ada)})
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return s.send(r)
	}
	before := len(s.store.All())
	for name, headers := range map[string][]string{
		"another site":             {"Sec-Fetch-Site", "cross-site"},
		"a sibling site":           {"Sec-Fetch-Site", "same-site"},
		"another origin":           {"Origin", "https://evil.example"},
		"an origin with no name":   {"Origin", "null"},
		"a form that can be plain": {"Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"},
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.tb = t
			a := send(http.MethodPost, "/api/bookings", wish(11), headers...)
			a.tb = t
			s.refused(a, before, http.StatusForbidden, "FORBIDDEN")
		})
	}
	send(http.MethodGet, "/api/bookings", "").want(http.StatusOK)
	send(http.MethodGet, "/api/bookings", "", "Sec-Fetch-Site", "cross-site").want(http.StatusForbidden)
	send(http.MethodPost, "/api/bookings", wish(11), "Sec-Fetch-Site", "same-origin").want(http.StatusCreated)
	send(http.MethodPost, "/api/bookings", wish(12), "Origin", "https://salon.example").want(http.StatusCreated)
	// A token in a header was put there by a program on purpose, wherever it runs.
	s.post(ada, "/api/bookings", wish(13), "Sec-Fetch-Site", "cross-site").want(http.StatusCreated)
}

func TestTheSessionSaysWhoTheCallerIs(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	if a := s.get(ada, "/api/session").want(http.StatusOK); a.text("userId") != ada || a.text("name") != "Ada Lovelace" ||
		a.text("role") != string(domain.RoleCustomer) {
		t.Errorf("session: %s", a.body)
	}
	if a := s.get(worker, "/api/session").want(http.StatusOK); a.text("staffId") != asha {
		t.Errorf("session: %s", a.body)
	}
}

func TestAShortSecretIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := httpapi.NewSecretSessions([]byte("short"), time.Now); err == nil {
		t.Error("a secret of 5 bytes was accepted")
	}
}
