package ablylocal

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// authenticate checks the credentials of a request.
func (s *Server) authenticate(r *http.Request) (identity, *ErrorInfo) {
	c, err := credentialOf(r)
	if err != nil {
		return identity{}, err
	}
	if c.token != "" {
		return s.identify(c.token)
	}
	return s.identifyKey(c.key)
}

// authenticateKey checks that a request brings the key itself.
func (s *Server) authenticateKey(r *http.Request) (identity, *ErrorInfo) {
	c, err := credentialOf(r)
	if err != nil {
		return identity{}, err
	}
	return s.identifyKey(c.key)
}

// identifyKey checks a key. An unknown application is told apart from a wrong
// secret, as the service does: the first is a configuration that names another
// account.
func (s *Server) identifyKey(text string) (identity, *ErrorInfo) {
	name, secret, found := strings.Cut(text, ":")
	app, _, dotted := strings.Cut(name, ".")
	switch {
	case !found || !dotted:
		return identity{}, refuse(CodeInvalidCredential, "invalid credential: want appId.keyId:secret")
	case app != s.key.app:
		return identity{}, refuse(CodeNotFound, "no application found with id %q", app)
	case name != s.key.name || subtle.ConstantTimeCompare([]byte(secret), []byte(s.key.secret)) != 1:
		return identity{}, refuse(CodeWrongCredentials, "invalid credentials")
	}
	return identity{clientID: wildcardClient, capability: s.key.capability}, nil
}

// identify checks a token of either kind: an Ably JWT has three parts, a token of
// this endpoint two.
func (s *Server) identify(token string) (identity, *ErrorInfo) {
	read := s.identifyJWT
	if strings.Count(token, ".") == 1 {
		read = s.openToken
	}
	id, err := read(token)
	if err == nil {
		err = s.revoked(id)
	}
	if err != nil {
		return identity{}, err
	}
	return id, nil
}

// claims are the claims of an Ably JWT. The capability is JSON within a string.
type claims struct {
	Capability *string `json:"x-ably-capability"`
	ClientID   string  `json:"x-ably-clientId"`
	Revocation string  `json:"x-ably-revocation-key"`
	jwt.RegisteredClaims
}

var errWrongKeyName = errors.New("kid does not name a key of this application")

// identifyJWT checks a token that the key's holder has signed. Without a capability
// it has the key's.
func (s *Server) identifyJWT(token string) (identity, *ErrorInfo) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		if kid, ok := t.Header["kid"].(string); !ok || kid != s.key.name {
			return nil, errWrongKeyName
		}
		return []byte(s.key.secret), nil
	},
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(s.cfg.Now),
	)
	switch {
	// An expired token with a wrong signature is an invalid one: expiry tells the
	// client to renew, which would not help.
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return identity{}, refuse(CodeTokenExpired, "token expired")
	case err != nil:
		return identity{}, refuse(CodeInvalidJWT, "invalid JWT: %v", err)
	case c.IssuedAt == nil:
		return identity{}, refuse(CodeInvalidJWT, "invalid JWT: no iat claim")
	case !c.IssuedAt.Before(c.ExpiresAt.Time):
		return identity{}, refuse(CodeInvalidJWT, "invalid JWT: expires before it is issued")
	case c.ExpiresAt.Sub(c.IssuedAt.Time) > s.longestTTL():
		return identity{}, refuse(CodeInvalidValue, "invalid ttl: a token lives at most %s", s.longestTTL())
	}
	granted, named := s.key.capability, s.key.capability
	if c.Capability != nil {
		asked, err := ParseCapability(*c.Capability)
		if err != nil {
			return identity{}, refuse(CodeInvalidJWT, "invalid JWT: %v", err)
		}
		granted, named = asked.Intersect(s.key.capability), asked
	}
	return identity{
		clientID: c.ClientID, capability: granted, revocationKey: c.Revocation, resources: named.resources(),
		issued: c.IssuedAt.Time, expires: c.ExpiresAt.Time,
	}, nil
}

// clientOf settles which client a request acts for, given the id that it claims.
func (i identity) clientOf(claimed string) (string, *ErrorInfo) {
	switch {
	case claimed == wildcardClient && i.clientID != wildcardClient:
		return "", refuse(CodeIncompatible, "incompatible credentials: the token has no wildcard clientId")
	case !i.mayBe(claimed) && claimed != wildcardClient:
		return "", refuse(CodeIncompatible, "incompatible credentials: the token is not for clientId %q", claimed)
	case claimed != "" && claimed != wildcardClient:
		return claimed, nil
	case i.clientID != wildcardClient:
		return i.clientID, nil
	}
	return "", nil
}

// expired tells whether the credentials have run out.
func (i identity) expired(now time.Time) bool { return !i.expires.IsZero() && !now.Before(i.expires) }
