package httpapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/royalglow/booking/domain"
)

// Session is who makes a request, as his token says.
type Session struct {
	UserID string
	Role   domain.Role
	// StaffID is set for members of staff.
	StaffID string
	// BranchIDs are those that the desk works for; owners and developers have all without being listed.
	BranchIDs []string
}

// claims are what a user's token carries.
type claims struct {
	jwt.RegisteredClaims
	Role      string   `json:"role"`
	StaffID   string   `json:"staffId,omitempty"`
	BranchIDs []string `json:"branchIds,omitempty"`
}

// keySource finds the key that a token must be signed with.
type keySource interface {
	// methods lists the signature algorithms that are taken. A token never chooses outside this list.
	methods() []string
	key(ctx context.Context, token *jwt.Token) (any, error)
}

// errNoKeys says that the keys of the tokens could not be had; the caller's token may be good.
var errNoKeys = errors.New("session keys unavailable")

// Sessions checks user tokens. Make one with NewSecretSessions or NewJWKSSessions.
type Sessions struct {
	keys keySource
	now  func() time.Time
}

// minSecret is the least length of a shared secret in bytes: that of the digest it keys.
const minSecret = 32

// NewSecretSessions takes tokens that are signed with HS256 and a secret of at least 32 bytes. now tells the time for
// expiry.
func NewSecretSessions(secret []byte, now func() time.Time) (*Sessions, error) {
	if len(secret) < minSecret {
		return nil, fmt.Errorf("session secret has %d bytes: use at least %d", len(secret), minSecret)
	}
	return &Sessions{keys: secretKey(slices.Clone(secret)), now: now}, nil
}

// NewJWKSSessions takes tokens that are signed with one of the keys of a set. Only asymmetric algorithms are taken: a
// public key must never pass for a shared secret.
func NewJWKSSessions(keys *JWKS, now func() time.Time) *Sessions {
	return &Sessions{keys: keys, now: now}
}

type secretKey []byte

func (k secretKey) methods() []string { return []string{jwt.SigningMethodHS256.Alg()} }

func (k secretKey) key(context.Context, *jwt.Token) (any, error) { return []byte(k), nil }

// Verify returns who a token is for. It refuses (Unauthenticated) a token that is forged, expired or without an expiry,
// unsigned, or whose claims do not make sense; it says no more than that about which.
func (s *Sessions) Verify(ctx context.Context, token string) (Session, error) {
	parser := jwt.NewParser(
		jwt.WithValidMethods(s.keys.methods()), jwt.WithExpirationRequired(), jwt.WithTimeFunc(s.now))
	var c claims
	_, err := parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		// It names extensions without which the token is not to be understood (RFC 7515 4.1.11). We know none.
		if _, critical := t.Header["crit"]; critical {
			return nil, jwt.ErrTokenUnverifiable
		}
		return s.keys.key(ctx, t)
	})
	switch {
	case errors.Is(err, errNoKeys):
		return Session{}, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "sign-in cannot be checked right now")
	case errors.Is(err, jwt.ErrTokenExpired):
		return Session{}, unauthenticated("the session has expired")
	case err != nil:
		return Session{}, unauthenticated("the session is not valid")
	}
	return c.session()
}

// session checks the claims themselves: an id that is not of its form could widen a realtime token later.
func (c claims) session() (Session, error) {
	role, ok := domain.ParseRole(c.Role)
	if !ok {
		return Session{}, unauthenticated("the session has an unknown role")
	}
	if !domain.ValidID(domain.UserPrefix, c.Subject) {
		return Session{}, unauthenticated("the session has a malformed user id")
	}
	if (c.StaffID != "" || role == domain.RoleStaff) && !domain.ValidID(domain.StaffPrefix, c.StaffID) {
		return Session{}, unauthenticated("the session has a malformed staff id")
	}
	for _, id := range c.BranchIDs {
		if !domain.ValidID(domain.BranchPrefix, id) {
			return Session{}, unauthenticated("the session has a malformed branch id")
		}
	}
	return Session{UserID: c.Subject, Role: role, StaffID: c.StaffID, BranchIDs: c.BranchIDs}, nil
}

func unauthenticated(message string) *domain.Refusal {
	return domain.Refuse(domain.Unauthenticated, domain.CodeUnauthenticated, "%s", message)
}

// SignSession makes the token of a session, for the demo, for tests and for tools that hold the secret. It is valid for
// the given time from now.
func SignSession(secret []byte, s Session, now time.Time, valid time.Duration) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: s.UserID, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(valid)),
		},
		Role: string(s.Role), StaffID: s.StaffID, BranchIDs: s.BranchIDs,
	})
	signed, err := token.SignedString(secret)
	if err != nil {
		return "", fmt.Errorf("sign session: %w", err)
	}
	return signed, nil
}
