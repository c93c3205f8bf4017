package ablylocal_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/internal/ablylocal"
)

// tokens are JWTs and what each is answered: a code, or 0 when it is good.
func tokens(t *testing.T) map[string]struct {
	token string
	code  int
} {
	t.Helper()
	claims := func(change jwt.MapClaims) jwt.MapClaims {
		c := jwtClaims(`{"*":["*"]}`, "u", time.Hour)
		maps.Copy(c, change)
		return c
	}
	sign := func(method jwt.SigningMethod, secret any, header map[string]any, c jwt.MapClaims) string {
		token := jwt.NewWithClaims(method, c)
		maps.Copy(token.Header, header)
		text, err := token.SignedString(secret)
		if err != nil {
			t.Fatalf("sign: %v", err)
		}
		return text
	}
	now := time.Now().Unix()
	kid := map[string]any{"kid": "app.key"}
	hs256 := jwt.SigningMethodHS256
	return map[string]struct {
		token string
		code  int
	}{
		"good":                      {sign(hs256, []byte("secret"), kid, claims(nil)), 0},
		"expired":                   {sign(hs256, []byte("secret"), kid, claims(jwt.MapClaims{"iat": now - 7200, "exp": now - 1})), 40142},
		"expired and forged":        {sign(hs256, []byte("guess"), kid, claims(jwt.MapClaims{"iat": now - 7200, "exp": now - 1})), 40144},
		"forged":                    {sign(hs256, []byte("guess"), kid, claims(nil)), 40144},
		"no kid":                    {sign(hs256, []byte("secret"), nil, claims(nil)), 40144},
		"another key":               {sign(hs256, []byte("secret"), map[string]any{"kid": "app.other"}, claims(nil)), 40144},
		"another algorithm":         {sign(jwt.SigningMethodHS512, []byte("secret"), kid, claims(nil)), 40144},
		"no algorithm":              {sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, kid, claims(nil)), 40144},
		"no expiry":                 {sign(hs256, []byte("secret"), kid, claims(jwt.MapClaims{"exp": nil})), 40144},
		"no issue time":             {sign(hs256, []byte("secret"), kid, claims(jwt.MapClaims{"iat": nil})), 40144},
		"expires before issued":     {sign(hs256, []byte("secret"), kid, claims(jwt.MapClaims{"iat": now + 7200})), 40144},
		"longer than a day":         {sign(hs256, []byte("secret"), kid, claims(jwt.MapClaims{"exp": now + 86_401})), 40003},
		"a day":                     {sign(hs256, []byte("secret"), kid, claims(jwt.MapClaims{"exp": now + 86_400})), 0},
		"capability is no text":     {sign(hs256, []byte("secret"), kid, claims(jwt.MapClaims{"x-ably-capability": map[string]any{"*": []string{"*"}}})), 40144},
		"capability is no json":     {sign(hs256, []byte("secret"), kid, claims(jwt.MapClaims{"x-ably-capability": "*"})), 40144},
		"capability grants nothing": {sign(hs256, []byte("secret"), kid, claims(jwt.MapClaims{"x-ably-capability": "{}"})), 40160},
		"nonsense":                  {"nonsense", 40144},
		"too many parts":            {"a.b.c.d", 40144},
	}
}

func TestTokensByREST(t *testing.T) {
	s := newServer(t, ablylocal.Config{})
	for name, c := range tokens(t) {
		for form, header := range map[string]string{
			"base64": "Bearer " + base64.StdEncoding.EncodeToString([]byte(c.token)),
			"raw":    "Bearer " + c.token,
		} {
			got := call(t, s, "POST", "/channels/c/messages", frame{"name": "n"}, "Authorization", header)
			if got.code() != c.code || c.code/100 == 401 && got.status != 401 {
				t.Errorf("%s, %s: status %d, %s, want code %d", name, form, got.status, got.body, c.code)
			}
		}
		if got := call(t, s, "POST", "/channels/c/messages?access_token="+url.QueryEscape(c.token), frame{"name": "n"}, "Authorization", ""); got.code() != c.code {
			t.Errorf("%s, query: %s, want code %d", name, got.body, c.code)
		}
	}
}

func TestTokensByWebSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		for name, c := range tokens(t) {
			w := v.dial(t, url.Values{"access_token": {c.token}})
			first := w.next()
			switch c.code {
			case 0, 40160: // a capability is looked at when a channel is
				if first["action"] != 4.0 {
					t.Errorf("%s: %v", name, first)
				}
			default:
				if first["action"] != 9.0 || first.code() != c.code || w.next() != nil {
					t.Errorf("%s: %v", name, first)
				}
			}
		}
	})
}

func TestKeys(t *testing.T) {
	s := newServer(t, ablylocal.Config{})
	basic := func(key string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(key)) }
	for header, code := range map[string]int{
		basic(testKey):          0,
		basic("app.key:guess"):  40101,
		basic("app.other:x"):    40101,
		basic("other.key:x"):    40400,
		basic("no colon"):       40005,
		basic("nodot:x"):        40005,
		"Basic ***":             40005,
		"Digest x":              40005,
		"":                      40101,
		"Bearer app.bm90aGluZw": 40145,
	} {
		if got := call(t, s, "POST", "/channels/c/messages", frame{"name": "n"}, "Authorization", header); got.code() != code {
			t.Errorf("%q: %d %s, want code %d", header, got.status, got.body, code)
		}
	}
}

func TestMalformedKeysAreRefusedAtTheStart(t *testing.T) {
	for _, key := range []string{"x", "app.key", "app:secret", "app.key:", ".key:secret", "app.:secret"} {
		if _, err := ablylocal.New(ablylocal.Config{Key: key}); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("key %q: %v", key, err)
		}
	}
	if _, err := ablylocal.New(ablylocal.Config{KeyCapability: "x"}); err == nil {
		t.Error("a malformed capability was taken")
	}
	one, other := newServer(t, ablylocal.Config{Key: ""}), newServer(t, ablylocal.Config{})
	if one.Key() != testKey || other.Key() != testKey {
		t.Error("the key is not the configured one")
	}
}

// signed makes a signed token request; change edits it after signing.
func signed(request map[string]any, change map[string]any) map[string]any {
	text := func(v any) string {
		if v == nil {
			return ""
		}
		return fmt.Sprint(v)
	}
	mac := hmac.New(sha256.New, []byte("secret"))
	for _, field := range []string{"keyName", "ttl", "capability", "clientId", "timestamp", "nonce"} {
		mac.Write([]byte(text(request[field]) + "\n"))
	}
	out := maps.Clone(request)
	out["mac"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	maps.Copy(out, change)
	return out
}

func TestTokenRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, ablylocal.Config{})
		nonce := 0
		request := func(change map[string]any) map[string]any {
			nonce++
			r := map[string]any{"keyName": "app.key", "timestamp": time.Now().UnixMilli(), "nonce": fmt.Sprintf("nonce-%020d", nonce)}
			maps.Copy(r, change)
			return r
		}
		post := func(body any) answer {
			return call(t, s, "POST", "/keys/app.key/requestToken", body, "Authorization", "")
		}
		replayed := signed(request(nil), nil)
		for _, c := range []struct {
			name string
			body any
			code int
		}{
			{"plain", signed(request(nil), nil), 0},
			{"first use", replayed, 0},
			{"second use", replayed, 40105},
			{"ttl as text", signed(request(map[string]any{"ttl": "5000"}), nil), 0},
			{"ttl as number", signed(request(map[string]any{"ttl": 5000}), nil), 0},
			{"ttl of a day", signed(request(map[string]any{"ttl": 86_400_000}), nil), 0},
			{"ttl over a day", signed(request(map[string]any{"ttl": 86_400_001}), nil), 40003},
			{"negative ttl", signed(request(map[string]any{"ttl": -1}), nil), 40003},
			{"ttl is no number", signed(request(map[string]any{"ttl": "soon"}), nil), 40003},
			{"ttl is a list", signed(request(nil), map[string]any{"ttl": []int{1}}), 40003},
			{"old", signed(request(map[string]any{"timestamp": time.Now().Add(-121 * time.Second).UnixMilli()}), nil), 40104},
			{"of the future", signed(request(map[string]any{"timestamp": time.Now().Add(121 * time.Second).UnixMilli()}), nil), 40104},
			{"short nonce", signed(request(map[string]any{"nonce": "short"}), nil), 40003},
			{"edited after signing", signed(request(nil), map[string]any{"clientId": "someone"}), 40101},
			{"mac is no base64", signed(request(nil), map[string]any{"mac": "***"}), 40101},
			{"unsigned, without the key", request(nil), 40101},
			{"of another key", signed(request(map[string]any{"keyName": "app.other"}), nil), 40102},
			{"capability is no json", signed(request(map[string]any{"capability": "x"}), nil), 40003},
			{"capability of nothing", signed(request(map[string]any{"capability": "{}"}), nil), 40160},
			{"no json", "x", 40001},
		} {
			if got := post(c.body); got.code() != c.code {
				t.Errorf("%s: %d %s, want code %d", c.name, got.status, got.body, c.code)
			}
		}
		if got := call(t, s, "POST", "/keys/app.key/requestToken", "{}"); got.status != 201 {
			t.Errorf("unsigned, with the key: %d %s", got.status, got.body)
		}
		if got := call(t, s, "POST", "/keys/app.other/requestToken", "{}"); got.code() != 40400 {
			t.Errorf("unknown key: %d %s", got.status, got.body)
		}

		var details struct {
			Token   string
			Expires int64
		}
		got := post(signed(request(map[string]any{"ttl": 5000, "clientId": "u", "capability": `{"c":["publish"]}`}), nil))
		if err := json.Unmarshal(got.body, &details); err != nil {
			t.Fatal(err)
		}
		use := func(token string) answer {
			return call(t, s, "POST", "/channels/c/messages", frame{"name": "n"}, "Authorization", "Bearer "+token)
		}
		if got := use(details.Token); got.status != 201 {
			t.Errorf("fresh token: %d %s", got.status, got.body)
		}
		if got := use(details.Token[:len(details.Token)-3] + "AAA"); got.code() != 40145 {
			t.Errorf("edited token: %d %s", got.status, got.body)
		}
		<-time.After(5 * time.Second)
		if got := use(details.Token); got.code() != 40142 || details.Expires != time.Now().UnixMilli() {
			t.Errorf("token at its expiry: %d %s", got.status, got.body)
		}
	})
}

func TestClientIDsFollowTheCredentials(t *testing.T) {
	bearer := func(clientID string) []string {
		return []string{"Authorization", "Bearer " + signJWT(t, jwtClaims(`{"*":["*"]}`, clientID, time.Hour))}
	}
	var seen tap
	s := newServer(t, ablylocal.Config{OnMessage: seen.on})
	for _, c := range []struct {
		name    string
		message frame
		headers []string
		code    int
		want    string
	}{
		{"token fills it in", frame{"name": "n"}, bearer("u"), 0, "u"},
		{"token allows its own", frame{"clientId": "u"}, bearer("u"), 0, "u"},
		{"token refuses another", frame{"clientId": "v"}, bearer("u"), 40012, ""},
		{"anonymous token refuses any", frame{"clientId": "v"}, bearer(""), 40012, ""},
		{"wildcard allows any", frame{"clientId": "v"}, bearer("*"), 0, "v"},
		{"nobody is the wildcard", frame{"clientId": "*"}, bearer("*"), 40012, ""},
		{"key allows any", frame{"clientId": "v"}, nil, 0, "v"},
		{"key takes the header", frame{"name": "n"}, []string{"X-Ably-ClientId", "dQ=="}, 0, "u"},
		{"header is no base64", frame{"name": "n"}, []string{"X-Ably-ClientId", "***"}, 40004, ""},
		{"header against the token", frame{"name": "n"}, append(bearer("v"), "X-Ably-ClientId", "dQ=="), 40102, ""},
	} {
		got := call(t, s, "POST", "/channels/c/messages", c.message, c.headers...)
		if got.code() != c.code {
			t.Errorf("%s: %d %s, want code %d", c.name, got.status, got.body, c.code)
		}
		if last := len(seen.messages["c"]) - 1; c.code == 0 && seen.messages["c"][last].ClientID != c.want {
			t.Errorf("%s: published as %q, want %q", c.name, seen.messages["c"][last].ClientID, c.want)
		}
	}
}
