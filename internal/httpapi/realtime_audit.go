package httpapi

import (
	"context"
	"errors"
	"log/slog"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/publishers"
)

// Who was given which ears, and who was not, is in the log. The tokens themselves are not: who reads the log could listen.

func (s *server) noteToken(ctx context.Context, t publishers.Token) {
	s.log.InfoContext(ctx, "realtime token issued", append(who(ctx),
		slog.Int("channels", len(t.Capability)), slog.Bool("cut", t.Truncated), slog.Time("until", t.ExpiresAt))...)
}

func (s *server) noteRefusedToken(ctx context.Context, err error) {
	s.log.InfoContext(ctx, "realtime token refused", append(who(ctx), slog.String("code", string(codeOf(err))))...)
}

// who describes the caller.
func who(ctx context.Context) []any {
	session := sessionOf(ctx)
	about := []any{slog.String("user", session.UserID), slog.String("role", string(session.Role))}
	if session.StaffID != "" {
		about = append(about, slog.String("staff", session.StaffID))
	}
	if len(session.BranchIDs) > 0 {
		about = append(about, slog.Any("branches", session.BranchIDs))
	}
	return about
}

// codeOf is the code that an error is answered with, as far as it has one of its own.
func codeOf(err error) domain.Code {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Code
	}
	if r, ok := errors.AsType[*domain.Refusal](err); ok {
		return r.Code
	}
	return codeInternal
}
