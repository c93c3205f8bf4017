package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/publishers"
)

const (
	// tokenBookings is how many bookings are offered to a token; its size limit lets fewer in.
	tokenBookings = 200

	// A user may have a burst of tokens, for as many pages as he may open at once, and then one a second. A page needs one in half
	// an hour, and one for each booking that the desk of one of several branches opens.
	tokenEvery = time.Second
	tokenBurst = 60
	// tokenUsers is how many users' limits are kept, at some 200 bytes each.
	tokenUsers = 20_000

	tokenPath = "/api/ably/token"
	// jwtType is the media type of a token without anything around it.
	jwtType  = "application/jwt"
	jsonType = "application/json"
)

func (s *server) realtimeRoutes() {
	s.tokenLimits = newUserLimits(tokenEvery, tokenBurst, tokenUsers)
	const detail = "A short-lived token that allows the caller to subscribe to what his role may hear, and nothing else. Where the " +
		"Accept header prefers " + jwtType + " the answer is the token alone. Ably's clients renew it by themselves when this is their " +
		"authUrl. Without realtime the answer is 503; a user who asks too often gets 429."
	register(s, operation{
		id: "createAblyToken", method: http.MethodPost, path: tokenPath, tag: "Realtime", body: tokenWish{},
		bodyOptional: true, forms: true, summary: "Get a realtime token", response: TokenView{}, mediaType: jwtType,
		detail: detail + " The body may be a form as well, as Ably's clients send it.",
	}, func(ctx context.Context, in *tokenInput) (*tokenOutput, error) {
		return s.createToken(ctx, in.Accept, in.wish)
	})
	register(s, operation{
		id: "getAblyToken", method: http.MethodGet, path: tokenPath, tag: "Realtime",
		summary: "Get a realtime token, as Ably's clients ask for it", response: TokenView{}, mediaType: jwtType, detail: detail,
	}, func(ctx context.Context, in *tokenQuery) (*tokenOutput, error) {
		return s.createToken(ctx, in.Accept, in.wish)
	})
}

// TokenView is a realtime token and what it allows. It is an Ably TokenDetails as well: hence Issued, Expires and the text in Capability,
// without which clients that are stricter than the browser's cannot read it.
type TokenView struct {
	Token      string    `json:"token" doc:"An Ably JWT."`
	ClientID   string    `json:"clientId" doc:"The caller's user id."`
	ExpiresAt  time.Time `json:"expiresAt" doc:"When it ends; half an hour after it was issued at the latest."`
	Issued     int64     `json:"issued" doc:"Milliseconds since 1970."`
	Expires    int64     `json:"expires" doc:"Milliseconds since 1970."`
	Capability string    `json:"capability" doc:"JSON text: an object of channels and what may be done there, which is to subscribe." example:"{\"customer:usr_ada00001:*\":[\"subscribe\"]}"`
	Truncated  bool      `json:"truncated,omitempty" doc:"Not all bookings fitted in; ask again for one that is opened."`
}

type tokenOutput struct {
	ContentType  string `header:"Content-Type" doc:"JSON, or the token's own type where that is preferred."`
	CacheControl string `header:"Cache-Control" doc:"Tokens are not to be kept."`
	Sniff        string `header:"X-Content-Type-Options" doc:"A token is no script, whatever page may include it as one."`
	// Body is a TokenView, or the token's bytes.
	Body any
}

// createToken issues a token, or refuses to, and notes either.
func (s *server) createToken(
	ctx context.Context, accept string, read func(ctx context.Context, s *server) (tokenWish, error),
) (*tokenOutput, error) {
	// Taken before anything is looked up: whatever the caller loses later than that, a revocation finds this token by its age.
	now := s.Now()
	wish, err := read(ctx, s)
	if err == nil {
		err = s.tokenLimits.take(sessionOf(ctx).UserID, now)
	}
	var token publishers.Token
	if err == nil {
		token, err = s.issueToken(ctx, now, wish)
	}
	if err != nil {
		s.noteRefusedToken(ctx, err)
		return nil, err
	}
	capability, err := json.Marshal(token.Capability)
	if err != nil {
		return nil, fmt.Errorf("encode capability: %w", err)
	}
	s.noteToken(ctx, token)
	out := &tokenOutput{ContentType: jsonType, CacheControl: "no-store", Sniff: "nosniff", Body: TokenView{
		Token: token.Token, ClientID: token.ClientID, ExpiresAt: token.ExpiresAt.UTC(),
		Issued: now.UnixMilli(), Expires: token.ExpiresAt.UnixMilli(),
		Capability: string(capability), Truncated: token.Truncated,
	}}
	if prefers(accept, jwtType, jsonType) {
		out.ContentType, out.Body = jwtType, []byte(token.Token)
	}
	return out, nil
}

func (s *server) issueToken(ctx context.Context, now time.Time, wish tokenWish) (publishers.Token, error) {
	grant, err := s.grant(ctx, wish)
	if err != nil {
		return publishers.Token{}, err
	}
	return s.Tokens.Issue(now, grant)
}

// grant says what the caller may hear. A booking that he asks for by id must be his to see; otherwise it is not there.
func (s *server) grant(ctx context.Context, wish tokenWish) (publishers.Grant, error) {
	session := sessionOf(ctx)
	grant := publishers.Grant{
		UserID: session.UserID, Role: session.Role, StaffID: session.StaffID, BranchIDs: session.BranchIDs,
	}
	if wish.BookingID != nil {
		booking, _, err := s.visibleBooking(ctx, *wish.BookingID, "")
		if err != nil {
			return grant, err
		}
		grant.BookingID = booking.ID
	}
	var err error
	switch session.Role {
	case domain.RoleCustomer:
		grant.BookingIDs, err = s.Queries.OwnBookingIDs(ctx, session.UserID, tokenBookings)
	case domain.RoleStaff:
		grant.BookingIDs, err = s.Queries.AssignedBookingIDs(ctx, session.StaffID, tokenBookings)
	case domain.RoleReceptionist, domain.RoleManager, domain.RoleOwner, domain.RoleDeveloper:
		grant.Scoped, err = s.scoped(ctx, session)
	case domain.RoleSystem:
	}
	return grant, err
}

// scoped reports whether a desk token must name branches: always, but where there is one branch only and it is the desk's.
func (s *server) scoped(ctx context.Context, session Session) (bool, error) {
	if session.Role.AllBranches() {
		return false, nil
	}
	list, err := s.Queries.Branches(ctx, projections.EveryBranch(), 0)
	if err != nil {
		return false, err
	}
	return len(list.Branches) != 1 || !session.runsBranch(list.Branches[0].ID), nil
}
