package ablylocal

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// wildcardClient is the client id of credentials that may act for any client.
const wildcardClient = "*"

// identity is who a request or a connection acts for, after its credentials have
// been checked.
type identity struct {
	clientID      string // "" anonymous, "*" anyone, else fixed
	capability    Capability
	issued        time.Time // zero for a key
	expires       time.Time // zero for a key
	revocationKey string    // names a group of tokens that are revoked together; "" none
	resources     []string  // what the token's capability names, as it does; nil for a key
}

// mayBe tells whether the credentials allow acting as a client.
func (i identity) mayBe(clientID string) bool {
	return clientID == "" || i.clientID == wildcardClient || i.clientID == clientID
}

// apiKey is the one key of the endpoint.
type apiKey struct {
	app        string
	name       string // app.keyId
	secret     string
	capability Capability
}

// parseKey takes a key apart and checks the capability that goes with it.
func parseKey(text, capability string) (apiKey, error) {
	name, secret, found := strings.Cut(text, ":")
	if !found || secret == "" {
		return apiKey{}, &KeyError{"want appId.keyId:secret"}
	}
	app, id, found := strings.Cut(name, ".")
	if !found || app == "" || id == "" {
		return apiKey{}, &KeyError{"want appId.keyId:secret"}
	}
	c, err := ParseCapability(capability)
	if err != nil {
		return apiKey{}, err
	}
	return apiKey{app: app, name: name, secret: secret, capability: c}, nil
}

// credential is what a request brings: a key or a token, not yet checked.
type credential struct {
	key   string
	token string
}

// credentialOf finds the credential of a request: the Authorization header, else
// the query, where browsers have to put it.
func credentialOf(r *http.Request) (credential, *ErrorInfo) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, value, _ := strings.Cut(header, " ")
		value = strings.TrimSpace(value)
		switch strings.ToLower(scheme) {
		case "basic":
			raw, err := base64.StdEncoding.DecodeString(value)
			if err != nil {
				return credential{}, refuse(CodeInvalidCredential, "invalid credential: not base64")
			}
			return credential{key: string(raw)}, nil
		case "bearer":
			return credential{token: decodeBearer(value)}, nil
		}
		return credential{}, refuse(CodeInvalidCredential, "invalid credential: unknown scheme %q", scheme)
	}
	query := r.URL.Query()
	if key := query.Get("key"); key != "" {
		return credential{key: key}, nil
	}
	for _, name := range []string{"access_token", "accessToken"} {
		if token := query.Get(name); token != "" {
			return credential{token: token}, nil
		}
	}
	return credential{}, refuse(CodeWrongCredentials, "invalid credentials: none given")
}

// decodeBearer undoes the base64 in which the clients send tokens. A raw token is
// taken too: it holds a dot, which base64 never does.
func decodeBearer(value string) string {
	if strings.Contains(value, ".") {
		return value
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if raw, err := enc.DecodeString(value); err == nil {
			return string(raw)
		}
	}
	return value
}
