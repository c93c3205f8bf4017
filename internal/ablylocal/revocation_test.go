package ablylocal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ably/ably-go/ably"
	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/internal/ablylocal"
)

// revoked is the answer to a revocation, as a client declares it.
type revoked struct {
	SuccessCount, FailureCount int
	Results                    []struct {
		Target                  string
		IssuedBefore, AppliesAt int64
		Error                   *struct{ Code, StatusCode int }
	}
}

// revoke revokes and fails the test unless the request as a whole is taken.
func revoke(t *testing.T, s *ablylocal.Server, body frame) (out revoked) {
	t.Helper()
	got := call(t, s, "POST", "/keys/app.key/revokeTokens", body, "X-Ably-Version", "5")
	if err := json.Unmarshal(got.body, &out); err != nil || got.status != 201 {
		t.Fatalf("revoke: %d %s, %v", got.status, got.body, err)
	}
	return out
}

// jwtOf is a token of an age.
func jwtOf(t *testing.T, clientID string, age time.Duration, more jwt.MapClaims) string {
	t.Helper()
	c := jwtClaims(`{"*":["*"]}`, clientID, 30*time.Minute)
	c["iat"] = time.Now().Add(-age).Unix()
	maps.Copy(c, more)
	return signJWT(t, c)
}

func TestRevokedTokensAreRefusedAndLaterOnesAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, ablylocal.Config{Revocable: true})
		old, other := jwtOf(t, "u1", time.Second, nil), jwtOf(t, "u2", time.Second, nil)
		group := jwtOf(t, "u3", time.Second, jwt.MapClaims{"x-ably-revocation-key": "g"})
		use := func(token string) int {
			return call(t, s, "POST", "/channels/c/messages", frame{"name": "n"}, "Authorization", "Bearer "+token).code()
		}
		for _, token := range []string{old, other, group} {
			if code := use(token); code != 0 {
				t.Fatalf("before: code %d", code)
			}
		}
		now := time.Now().UnixMilli()
		out := revoke(t, s, frame{"targets": []string{"clientId:u1", "revocationKey:g"}})
		if out.SuccessCount != 2 || out.Results[0].Target != "clientId:u1" || out.Results[0].IssuedBefore != now || out.Results[0].AppliesAt != now {
			t.Errorf("answer %+v", out)
		}
		for token, want := range map[string]int{old: 40141, group: 40141, other: 0, jwtOf(t, "u1", 0, nil): 0} {
			if code := use(token); code != want {
				t.Errorf("after: code %d, want %d", code, want)
			}
		}
		// Tokens that the endpoint makes are told apart to the millisecond.
		details := call(t, s, "POST", "/keys/app.key/requestToken", frame{"clientId": "u1"})
		var token struct{ Token string }
		if err := json.Unmarshal(details.body, &token); err != nil || use(token.Token) != 0 {
			t.Errorf("a token of after the revocation: %s, %v", details.body, err)
		}
		<-time.After(time.Millisecond)
		revoke(t, s, frame{"targets": []string{"clientId:u1"}})
		if code := use(token.Token); code != 40141 {
			t.Errorf("revoked a millisecond after it was issued: code %d", code)
		}
		// What was revoked stays so until it has expired by itself.
		<-time.After(50 * time.Second)
		revoke(t, s, frame{"targets": []string{"clientId:nobody"}})
		if code := use(old); code != 40141 {
			t.Errorf("later: code %d", code)
		}
	})
}

func TestRevocationDisconnectsWhomItConcerns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{Revocable: true})
		connect := func(clientID string) *wire {
			w, _ := v.connect(t, url.Values{"access_token": {jwtOf(t, clientID, 5*time.Second, nil)}})
			return w
		}
		gone, stays := connect("u1"), connect("u2")
		issuedBefore := time.Now().Add(-6 * time.Second).UnixMilli()
		revoke(t, v.Server, frame{"targets": []string{"clientId:u1"}, "issuedBefore": issuedBefore})
		gone.send(frame{"action": 0})
		gone.want(0) // its token is younger than that
		revoke(t, v.Server, frame{"targets": []string{"clientId:u1"}})
		if f := gone.want(6); f.code() != 40141 || f["error"].(map[string]any)["statusCode"] != 401.0 || gone.next() != nil {
			t.Errorf("told %v", f)
		}
		stays.send(frame{"action": 0})
		stays.want(0)
		if n := v.Stats().Revoked; n != 1 {
			t.Errorf("%d connections are counted as ended", n)
		}
		// Coming again with the same token is refused for good reason, which lets a client renew it.
		again := v.dial(t, url.Values{"access_token": {jwtOf(t, "u1", 5*time.Second, nil)}})
		if f := again.next(); f["action"] != 9.0 || f.code() != 40141 || f["channel"] != nil {
			t.Errorf("told %v", f)
		}
	})
}

// TestRevocationWithAMarginAsksForAnotherTokenFirst: who brings one in time is not disconnected.
func TestRevocationWithAMarginAsksForAnotherTokenFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{Revocable: true})
		token := jwtOf(t, "u1", 5*time.Second, nil)
		renews, _ := v.connect(t, url.Values{"access_token": {token}})
		stays, _ := v.connect(t, url.Values{"access_token": {token}})
		began := time.Now()
		out := revoke(t, v.Server, frame{"targets": []string{"clientId:u1"}, "allowReauthMargin": true})
		if want := began.Add(30 * time.Second).UnixMilli(); out.Results[0].AppliesAt != want || out.Results[0].IssuedBefore != began.UnixMilli() {
			t.Errorf("answer %+v", out)
		}
		renews.want(17)
		stays.want(17)
		renews.send(frame{"action": 17, "auth": frame{"accessToken": jwtOf(t, "u1", 0, nil)}})
		renews.want(4)
		if code := call(t, v.Server, "GET", "/stats", nil, "Authorization", "Bearer "+token).code(); code != 0 {
			t.Errorf("within the margin: code %d", code)
		}
		// Somebody must read all the time, or the connection is given up.
		afterwards := make(chan frame, 1)
		go func() {
			f := renews.next()
			for f["action"] == 0.0 && time.Since(began) <= 31*time.Second {
				f = renews.next()
			}
			if f["action"] == 0.0 {
				f = nil // it was kept alive past the end of the margin
			}
			afterwards <- f
		}()
		for f := stays.next(); ; f = stays.next() {
			if f["action"] == 0.0 {
				continue // heartbeats
			}
			if f["action"] != 6.0 || f.code() != 40141 || time.Since(began) != 30*time.Second {
				t.Errorf("after %v: %v", time.Since(began), f)
			}
			break
		}
		if code := call(t, v.Server, "GET", "/stats", nil, "Authorization", "Bearer "+token).code(); code != 40141 {
			t.Errorf("after the margin: code %d", code)
		}
		if got := <-afterwards; got != nil {
			t.Errorf("who renewed was told %v", got)
		}
	})
}

// TestAblyGoRenewsARevokedTokenAndResumes: it needs nothing but another token.
func TestAblyGoRenewsARevokedTokenAndResumes(t *testing.T) {
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			e := start(t, ablylocal.Config{Revocable: true})
			issuer := e.rest(t, protocol)
			asked := make(chan struct{}, 10)
			client := e.realtime(t, protocol, ably.WithAuthCallback(func(ctx context.Context, _ ably.TokenParams) (ably.Tokener, error) {
				asked <- struct{}{}
				return issuer.Auth.RequestToken(ctx, &ably.TokenParams{ClientID: "u1", Capability: `{"c":["subscribe"]}`})
			}))
			reasons := make(chan *ably.ErrorInfo, 10)
			client.Connection.On(ably.ConnectionEventDisconnected, func(c ably.ConnectionStateChange) { reasons <- c.Reason })
			got := subscribe(t, client, "c")
			id := client.Connection.ID()
			receive(t, asked, "the first token")
			// The token must be older than the revocation by a millisecond.
			for issued := time.Now().UnixMilli(); time.Now().UnixMilli() <= issued; {
				<-time.After(time.Millisecond)
			}
			revoke(t, e.Server, frame{"targets": []string{"clientId:u1"}})
			receive(t, asked, "another token")
			publish(t, e.rest(t, protocol).Channels.Get("c"), "after")
			if name := receive(t, got, "message after the revocation"); name != "after" || client.Connection.ID() != id {
				t.Errorf("got %q on %q, was %q", name, client.Connection.ID(), id)
			}
			for len(reasons) > 0 {
				if reason := <-reasons; reason == nil || reason.Code != 40141 {
					t.Errorf("disconnected for %v", reason)
				}
			}
		})
	}
}

func TestRevocationsThatAreRefused(t *testing.T) {
	s, fixed := newServer(t, ablylocal.Config{Revocable: true}), newServer(t, ablylocal.Config{})
	ms := func(age time.Duration) int64 { return time.Now().Add(-age).UnixMilli() }
	u1, many := []string{"clientId:u1"}, make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprint("clientId:u", i)
	}
	for name, c := range map[string]struct {
		server *ablylocal.Server
		path   string
		body   any
		header string
		code   int
	}{
		"the key is not revocable": {fixed, "", frame{"targets": u1}, "", 40164},
		"with a token":             {s, "", frame{"targets": u1}, "Bearer " + jwtOf(t, "u1", 0, nil), 40162},
		"with a wrong key":         {s, "", frame{"targets": u1}, "Basic YXBwLmtleTpndWVzcw==", 40101},
		"another key's tokens":     {s, "/keys/app.other/revokeTokens", frame{"targets": u1}, "", 40133},
		"no targets":               {s, "", frame{}, "", 40001},
		"too many targets":         {s, "", frame{"targets": many}, "", 40001},
		"not json":                 {s, "", "x", "", 40001},
		"of the future":            {s, "", frame{"targets": u1, "issuedBefore": ms(-time.Minute)}, "", 40003},
		"over an hour ago":         {s, "", frame{"targets": u1, "issuedBefore": ms(61 * time.Minute)}, "", 40003},
		"no time":                  {s, "", frame{"targets": u1, "issuedBefore": "soon"}, "", 40003},
		"a good one":               {s, "", frame{"targets": u1, "issuedBefore": ms(59 * time.Minute)}, "", 0},
	} {
		path := c.path
		if path == "" {
			path = "/keys/app.key/revokeTokens"
		}
		var headers []string
		if c.header != "" {
			headers = []string{"Authorization", c.header}
		}
		if got := call(t, c.server, "POST", path, c.body, headers...); got.code() != c.code {
			t.Errorf("%s: %d %s, want code %d", name, got.status, got.body, c.code)
		}
	}
	out := revoke(t, s, frame{"targets": []string{"clientId:u9", "clientId:", "channel:c", "u9"}})
	if out.SuccessCount != 1 || out.FailureCount != 3 {
		t.Fatalf("answer %+v", out)
	}
	for i, want := range []int{0, 40003, 40121, 40003} {
		if e := out.Results[i].Error; e == nil && want != 0 || e != nil && e.Code != want {
			t.Errorf("target %d: %+v, want code %d", i, e, want)
		}
	}
	if got := call(t, s, "POST", "/keys/app.key/revokeTokens", frame{"targets": u1}, "X-Ably-Version", "2"); got.body[0] != '[' {
		t.Errorf("old protocols get a list, not %s", got.body)
	}
}

// TestRevocationByChannelEndsTheTokensThatNameIt: by the text of their capability, and not by what that covers.
func TestRevocationByChannelEndsTheTokensThatNameIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, ablylocal.Config{Revocable: true, RevokeChannels: true, KeyCapability: `{"foo:*":["*"],"bar":["*"]}`})
		issued := func(capability string) string {
			c := jwtClaims(capability, "u1", time.Hour)
			if capability == "" {
				delete(c, "x-ably-capability")
			}
			return signJWT(t, c)
		}
		exact, inherited, other := issued(`{"foo:*":["subscribe"]}`), issued(""), issued(`{"foo:one":["subscribe"],"bar":["subscribe"]}`)
		details := call(t, s, "POST", "/keys/app.key/requestToken", frame{"capability": `{"foo:*":["subscribe"]}`})
		var made struct{ Token string }
		if err := json.Unmarshal(details.body, &made); err != nil {
			t.Fatal(err)
		}
		want := func(when string, codes map[string]int) {
			t.Helper()
			for token, code := range codes {
				if got := call(t, s, "GET", "/stats", nil, "Authorization", "Bearer "+token).code(); got != code {
					t.Errorf("%s: code %d, want %d", when, got, code)
				}
			}
		}
		<-time.After(time.Second)
		if out := revoke(t, s, frame{"targets": []string{"channel:*:*", "channel:*", "channel:foo:two", "channel:foo"}}); out.SuccessCount != 4 {
			t.Fatalf("answer %+v", out)
		}
		want("other texts", map[string]int{exact: 0, inherited: 0, other: 0, made.Token: 0})
		if out := revoke(t, s, frame{"targets": []string{"channel:foo:*", "channel:"}}); out.SuccessCount != 1 || out.FailureCount != 1 {
			t.Fatalf("answer %+v", out)
		}
		want("that text", map[string]int{exact: 40141, inherited: 40141, other: 0, made.Token: 40141})
		revoke(t, s, frame{"targets": []string{"channel:bar"}})
		want("another of its texts", map[string]int{other: 40141, issued(`{"bar":["subscribe"]}`): 0})
	})
}

func TestRevocableTokensLiveAnHourAtMost(t *testing.T) {
	s := newServer(t, ablylocal.Config{Revocable: true})
	const hour = 3_600_000
	for ttl, code := range map[int]int{hour: 0, hour + 1: 40003} {
		if got := call(t, s, "POST", "/keys/app.key/requestToken", frame{"ttl": ttl}); got.code() != code {
			t.Errorf("ttl %d: %s, want code %d", ttl, got.body, code)
		}
	}
	for ttl, code := range map[time.Duration]int{time.Hour: 0, time.Hour + time.Second: 40003} {
		token := signJWT(t, jwtClaims(`{"*":["*"]}`, "u", ttl))
		if got := call(t, s, "GET", "/stats", nil, "Authorization", "Bearer "+token); got.code() != code {
			t.Errorf("jwt of %v: %s, want code %d", ttl, got.body, code)
		}
	}
}
