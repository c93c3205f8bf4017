package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/publishers"
)

// revokeTime is how long a caller waits for Ably at the most.
const revokeTime = 10 * time.Second

// Revocations ends realtime tokens before their time, as *publishers.Revoker does.
type Revocations interface {
	RevokeUser(ctx context.Context, userID string) (publishers.Revoked, error)
}

func (s *server) revocationRoutes() {
	register(s, operation{
		id: "revokeTokens", method: http.MethodPost, path: "/api/ops/users/{id}/revoke", tag: opsTag, checksParameters: true,
		summary: "End the realtime tokens of a user",
		detail: "For owners and developers. Pages that listen with one ask for another at once, and get what the user's session still allows: " +
			"take the role or the session away first. Where the Ably key is not revocable nothing is done, and the answer says when the last of " +
			"them ends. The answer takes about a second: tokens are revoked by the second that they were issued in, and it waits until that has passed. " +
			"Without realtime, or when Ably does not confirm in time, the answer is 503.",
	}, s.revokeTokens)
}

type revokeInput struct {
	ID string `path:"id" pattern:"^usr_[0-9A-Za-z]{6,40}$" doc:"The user's id."`
}

type revokeOutput struct{ Body RevocationView }

// RevocationView is what became of the tokens of a user.
type RevocationView struct {
	UserID  string    `json:"userId" doc:"Whose tokens they were."`
	Revoked bool      `json:"revoked" doc:"Whether they were ended; false where the key does not allow it."`
	EndsBy  time.Time `json:"endsBy" doc:"When the last token that was issued before this request has ended."`
}

func (s *server) revokeTokens(ctx context.Context, in *revokeInput) (*revokeOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	p := s.parameters(ctx)
	id := p.id("id", domain.UserPrefix, in.ID)
	if err := p.err(); err != nil {
		return nil, err
	}
	if s.Revocations == nil {
		return nil, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "realtime is not configured")
	}
	asking, cancel := context.WithTimeout(ctx, revokeTime)
	defer cancel()
	done, err := s.Revocations.RevokeUser(asking, id)
	about := append(who(ctx), slog.String("of", id), slog.Time("ends_by", done.EndsBy))
	if err != nil {
		s.log.WarnContext(ctx, "realtime tokens not revoked", append(about, slog.String("code", string(codeOf(err))), slog.Any("error", err))...)
		return nil, err
	}
	if done.Revoked {
		s.log.InfoContext(ctx, "realtime tokens revoked", about...)
	} else {
		s.log.InfoContext(ctx, "realtime tokens left to end by themselves", about...)
	}
	return &revokeOutput{Body: RevocationView{UserID: id, Revoked: done.Revoked, EndsBy: done.EndsBy.UTC()}}, nil
}
