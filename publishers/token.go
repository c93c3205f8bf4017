package publishers

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/domain"
)

const (
	// TokenTTL is how long a client's token is valid. What a role may hear changes with it only, so it is short.
	TokenTTL = 30 * time.Minute
	// MaxTokenBytes is how long a token may be: it travels in a header line.
	MaxTokenBytes = 8 << 10
)

// TokenIssuer signs the tokens with which clients listen. It holds the key; nobody else needs it to hear.
type TokenIssuer struct {
	// Key is the API key, "appId.keyId:secret". Empty: realtime is off, and Issue says so.
	Key string
	// Revocable says that the key's tokens can be revoked: those of staff then name whom they are for, so that they can be found.
	Revocable bool
}

// Token is what a client gets. It allows subscribing and nothing else.
type Token struct {
	// Token is an Ably JWT (HS256).
	Token     string
	ClientID  string // the user's id
	ExpiresAt time.Time
	// Capability maps channels to operations, as it stands in the token.
	Capability map[string][]string
	// Truncated says that not everything granted fitted in; a client asks again for a booking that it opens.
	Truncated bool
}

// Issue signs a token for the grant. It returns a *domain.Refusal when a part of the grant is malformed (Unauthenticated
// for what comes from the user's own token, Invalid for booking ids) or when there is no key (Unavailable).
func (i TokenIssuer) Issue(now time.Time, grant Grant) (Token, error) {
	if i.Key == "" {
		return Token{}, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "realtime is not configured")
	}
	name, secret, err := SplitKey(i.Key)
	if err != nil {
		return Token{}, err
	}
	items, err := grant.items()
	if err != nil {
		return Token{}, err
	}
	issued := now.Truncate(time.Second)
	token := Token{ClientID: grant.UserID, ExpiresAt: issued.Add(TokenTTL)}
	revocationKey := ""
	if i.Revocable && grant.Role == domain.RoleStaff {
		revocationKey = grant.StaffID // the log says who loses access by this id, and never by the user's
	}
	sign := func(n int) error {
		token.Capability = capability(items[:n])
		token.Token, err = signToken(name, secret, issued, token, revocationKey)
		return err
	}
	// The items are in order of priority, and a token grows with each of them: the longest beginning that fits is wanted.
	if err := sign(len(items)); err != nil || len(token.Token) <= MaxTokenBytes {
		return token, err
	}
	token.Truncated = true
	tooLong := sort.Search(len(items), func(n int) bool {
		return sign(n+1) != nil || len(token.Token) > MaxTokenBytes
	})
	return token, sign(tooLong)
}

func signToken(name, secret string, issued time.Time, t Token, revocationKey string) (string, error) {
	text, err := json.Marshal(t.Capability)
	if err != nil {
		return "", fmt.Errorf("encode capability: %w", err)
	}
	claims := jwt.MapClaims{
		"iat": issued.Unix(), "exp": t.ExpiresAt.Unix(),
		"x-ably-capability": string(text), "x-ably-clientId": t.ClientID,
	}
	if revocationKey != "" {
		claims["x-ably-revocation-key"] = revocationKey
	}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	unsigned.Header["kid"] = name
	signed, err := unsigned.SignedString([]byte(secret))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return signed, nil
}

// errKey does not show what was given: it may be most of a secret.
var errKey = errors.New(`the Ably key must have the form "appId.keyId:secret"`)

// SplitKey returns the public name ("appId.keyId") and the secret of an API key.
func SplitKey(key string) (name, secret string, err error) {
	name, secret, _ = strings.Cut(key, ":")
	app, id, _ := strings.Cut(name, ".")
	if app == "" || id == "" || secret == "" || strings.ContainsAny(key, " \t\r\n") {
		return "", "", errKey
	}
	return name, secret, nil
}
