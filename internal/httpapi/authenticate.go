package httpapi

import (
	"context"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/royalglow/booking/domain"
)

// sessionCookie is the cookie in which a page may bring its user's token.
const sessionCookie = "session"

// security marks the operations that need a session, in the code and in the description alike.
const security = "session"

type sessionKey struct{}

// sessionOf returns who makes the request; the zero Session, which may nothing, where an operation does without and there is
// none.
func sessionOf(ctx context.Context) Session {
	s, _ := ctx.Value(sessionKey{}).(Session)
	return s
}

// authenticate lets a request pass to an operation that needs a session when it brings a good one. Where a session is
// optional, one that is not good counts as none.
func (s *server) authenticate(ctx huma.Context, next func(huma.Context)) {
	needs := ctx.Operation().Security
	if len(needs) == 0 {
		next(ctx)
		return
	}
	optional := slices.ContainsFunc(needs, func(need map[string][]string) bool { return len(need) == 0 })
	r, w := humago.Unwrap(ctx)
	session, err := s.session(r)
	switch {
	case err == nil:
		next(huma.WithValue(ctx, sessionKey{}, session))
	case optional:
		next(ctx)
	default:
		writeProblem(w, s.problem(r.Context(), err))
	}
}

// session reads the token of a request: the header before the cookie. A header is set by a program on purpose; a cookie is
// sent by any page that the browser shows, so what another site asks for with it is refused.
func (s *server) session(r *http.Request) (Session, error) {
	if given := r.Header.Values("Authorization"); len(given) > 1 {
		return Session{}, unauthenticated("the Authorization header is there twice")
	}
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, ok := strings.Cut(header, " ")
		if !ok || !strings.EqualFold(scheme, "Bearer") {
			return Session{}, unauthenticated("the Authorization header must be: Bearer <token>")
		}
		return s.verify(r.Context(), strings.TrimSpace(token))
	}
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return Session{}, unauthenticated("sign in first")
	}
	// A read cannot be refused by its method: there the browser's own word for where it comes from decides.
	if s.crossOrigin.Check(r) != nil || r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return Session{}, domain.Refuse(domain.Forbidden, domain.CodeForbidden, "another site may not do this with your session")
	}
	return s.sessions.Verify(r.Context(), cookie.Value)
}

// OperatorID is the user that the log names for what an operator did from the command line of the engine's own machine.
const OperatorID = "usr_operatorOnThisMachine"

// verify takes the operator's token of this run, and users' tokens.
func (s *server) verify(ctx context.Context, token string) (Session, error) {
	if s.OpsToken != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.OpsToken)) == 1 {
		return Session{UserID: OperatorID, Role: domain.RoleDeveloper}, nil
	}
	return s.sessions.Verify(ctx, token)
}
