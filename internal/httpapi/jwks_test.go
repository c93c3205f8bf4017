package httpapi_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
)

// issuer is who signs users in elsewhere: it publishes keys, and may be away. It is reached without a network, so that
// its tests run in virtual time.
type issuer struct {
	mu      sync.Mutex
	keys    map[string]*ecdsa.PrivateKey
	away    bool
	delay   time.Duration // before an answer; hangs when it is longer than anybody waits
	fetched int
}

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	delay := i.delay
	i.fetched++
	i.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.away {
		return nil, errors.New("the issuer is away")
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	list := ""
	for id, key := range i.keys {
		if list != "" {
			list += ","
		}
		list += fmt.Sprintf(`{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":%q,"x":%q,"y":%q}`,
			id, coordinate(key.X), coordinate(key.Y))
	}
	// A shared secret in the set must not become a way to sign.
	_, err := fmt.Fprintf(w, `{"keys":[%s,{"kty":"oct","kid":"shared","alg":"HS256","k":%q}]}`, list,
		base64.RawURLEncoding.EncodeToString([]byte(sealing)))
	return w.Result(), err
}

func coordinate(n *big.Int) string {
	return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, 32)))
}

// rotate adds a key and returns it.
func (i *issuer) rotate(tb testing.TB, id string) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(tb, err)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys[id] = key
	return key
}

func (i *issuer) times() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetched
}

func (i *issuer) setAway(away bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.away = away
}

func (i *issuer) setDelay(delay time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.delay = delay
}

// followed runs a set of the issuer's keys, in a bubble, until the test ends, and returns what checks tokens.
func (i *issuer) followed(t *testing.T) (verify func(ctx context.Context, token string) string) {
	t.Helper()
	keys := httpapi.NewJWKS("https://issuer.example/keys", &http.Client{Transport: i}, slog.New(slog.DiscardHandler))
	sessions := httpapi.NewJWKSSessions(keys, time.Now)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- keys.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		check(t, <-done)
	})
	synctest.Wait()
	return func(ctx context.Context, token string) string {
		_, err := sessions.Verify(ctx, token)
		return kindOf(err)
	}
}

func signed(tb testing.TB, id string, key *ecdsa.PrivateKey) string {
	tb.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, good())
	token.Header["kid"] = id
	text, err := token.SignedString(key)
	check(tb, err)
	return text
}

func kindOf(err error) string {
	r, ok := errors.AsType[*domain.Refusal](err)
	if !ok {
		return fmt.Sprint(err)
	}
	return r.Kind.String()
}

func TestKeysOfAnIssuerAreFetchedAndFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := &issuer{keys: map[string]*ecdsa.PrivateKey{}, away: true}
		first := away.rotate(t, "one")
		keys := httpapi.NewJWKS("https://issuer.example/keys", &http.Client{Transport: away}, slog.New(slog.DiscardHandler))
		sessions := httpapi.NewJWKSSessions(keys, time.Now)
		verify := func(token string) string {
			_, err := sessions.Verify(t.Context(), token)
			return kindOf(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- keys.Run(ctx) }()
		synctest.Wait()

		if keys.Ready(t.Context()) == nil {
			t.Error("ready without keys")
		}
		if got := verify(signed(t, "one", first)); got != "unavailable" {
			t.Errorf("a token that cannot be checked: %s", got)
		}
		away.setAway(false)
		time.Sleep(15 * time.Second) // virtual: the next attempt is made by then
		synctest.Wait()
		if err := keys.Ready(t.Context()); err != nil {
			t.Errorf("not ready: %v", err)
		}
		if got := verify(signed(t, "one", first)); got != "<nil>" {
			t.Errorf("a good token: %s", got)
		}

		// A new key is found when a token names it, without waiting for the next round.
		time.Sleep(time.Minute)
		second := away.rotate(t, "two")
		if got := verify(signed(t, "two", second)); got != "<nil>" {
			t.Errorf("a token of a new key: %s", got)
		}
		before := away.times()
		for range 50 {
			if got := verify(signed(t, "made-up", second)); got != "unauthenticated" {
				t.Fatalf("a token of an unknown key: %s", got)
			}
		}
		if asked := away.times() - before; asked > 1 {
			t.Errorf("strangers made us ask the issuer %d times", asked)
		}
		shared := jwt.NewWithClaims(jwt.SigningMethodHS256, good())
		shared.Header["kid"] = "shared"
		text, err := shared.SignedString([]byte(sealing))
		check(t, err)
		if got := verify(text); got != "unauthenticated" {
			t.Errorf("a token signed with a published secret: %s", got)
		}

		// The issuer may go away again: the keys that are known stay good.
		away.setAway(true)
		time.Sleep(time.Hour)
		if got := verify(signed(t, "one", first)); got != "<nil>" {
			t.Errorf("a good token while the issuer is away: %s", got)
		}
		cancel()
		check(t, <-done)
	})
}

// A stranger who names keys that do not exist makes us ask the issuer. Whose key is known must not notice, not even when the
// issuer does not answer.
func TestStrangersDoNotHoldUpThoseWhoseKeyIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{keys: map[string]*ecdsa.PrivateKey{}}
		key := i.rotate(t, "one")
		verify := i.followed(t)
		time.Sleep(time.Minute) // virtual
		i.setDelay(time.Hour)
		before, began := i.times(), time.Now()
		var strangers sync.WaitGroup
		for n := range 50 {
			strangers.Go(func() {
				if got := verify(t.Context(), signed(t, fmt.Sprintf("made-up-%d", n), key)); got != "unavailable" {
					t.Errorf("a token of a key that cannot be looked for: %s", got)
				}
			})
		}
		synctest.Wait()
		if asked := i.times() - before; asked != 1 {
			t.Fatalf("the issuer was asked %d times: nobody waits", asked)
		}
		for range 10 {
			if got := verify(t.Context(), signed(t, "one", key)); got != "<nil>" {
				t.Errorf("a good token: %s", got)
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("the known key took %v", took)
		}
		strangers.Wait()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("the strangers waited for %v", took)
		}
	})
}

// Strangers who ask and leave at once must not use up the attempts that a rotated key needs.
func TestACallerWhoLeavesDoesNotEndTheSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{keys: map[string]*ecdsa.PrivateKey{}}
		one := i.rotate(t, "one")
		verify := i.followed(t)
		time.Sleep(time.Minute) // virtual
		i.setDelay(100 * time.Millisecond)
		two := i.rotate(t, "two")
		before := i.times()
		for range 10 {
			gone, leave := context.WithTimeout(t.Context(), time.Millisecond)
			if got := verify(gone, signed(t, "made-up", one)); got != "unavailable" {
				t.Errorf("a caller who has left: %s", got)
			}
			leave()
		}
		if got := verify(t.Context(), signed(t, "two", two)); got != "<nil>" {
			t.Errorf("a token of the new key: %s", got)
		}
		if asked := i.times() - before; asked != 1 {
			t.Errorf("the issuer was asked %d times", asked)
		}
	})
}

// While the keys cannot be had nobody is told that his session is bad: he would sign in again, in vain.
func TestAnUnknownKeyIsNobodysFaultWhileTheIssuerIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{keys: map[string]*ecdsa.PrivateKey{}}
		i.rotate(t, "one")
		verify := i.followed(t)
		two := i.rotate(t, "two")
		i.setAway(true)
		time.Sleep(time.Minute) // virtual
		for range 3 {
			if got := verify(t.Context(), signed(t, "two", two)); got != "unavailable" {
				t.Errorf("a token of the new key: %s", got)
			}
		}
		i.setAway(false)
		time.Sleep(time.Minute) // virtual
		if got := verify(t.Context(), signed(t, "two", two)); got != "<nil>" {
			t.Errorf("once the issuer is back: %s", got)
		}
	})
}
