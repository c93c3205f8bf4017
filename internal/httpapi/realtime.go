package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/publishers"
)

// tokenBookings is how many bookings are offered to a token; its size limit lets fewer in.
const tokenBookings = 200

// jwtType is the media type of a token without anything around it.
const jwtType = "application/jwt"

func (s *server) realtimeRoutes() {
	register(s, operation{
		id: "createAblyToken", method: http.MethodPost, path: "/api/ably/token", tag: "Realtime", body: tokenWish{},
		bodyOptional: true, summary: "Get a realtime token", response: TokenView{}, mediaType: jwtType,
		detail: "A short-lived token that allows the caller to subscribe to what his role may hear, and nothing else. With " +
			"Accept: " + jwtType + " the answer is the token alone. Without realtime the answer is 503.",
	}, s.createToken)
}

type tokenWish struct {
	BookingID *string `json:"bookingId,omitempty" pattern:"^bkg_[0-9A-Za-z]{6,40}$" doc:"A booking that the token must cover, whatever else fits in."`
}

type tokenInput struct {
	Accept string `header:"Accept" hidden:"true"`
	BodyInput
}

// TokenView is a realtime token and what it allows. Issued and Expires make it an Ably TokenDetails as well.
type TokenView struct {
	Token      string              `json:"token" doc:"An Ably JWT."`
	ClientID   string              `json:"clientId" doc:"The caller's user id."`
	ExpiresAt  time.Time           `json:"expiresAt" doc:"When it ends; half an hour after it was issued at the latest."`
	Issued     int64               `json:"issued" doc:"Milliseconds since 1970."`
	Expires    int64               `json:"expires" doc:"Milliseconds since 1970."`
	Capability map[string][]string `json:"capability" doc:"Channels and what may be done there: subscribe."`
	Truncated  bool                `json:"truncated,omitempty" doc:"Not all bookings fitted in; ask again for one that is opened."`
}

type tokenOutput struct {
	ContentType  string `header:"Content-Type" doc:"JSON, or the token's own type where that was asked for."`
	CacheControl string `header:"Cache-Control" doc:"Tokens are not to be kept."`
	// Body is a TokenView, or the token's bytes.
	Body any
}

func (s *server) createToken(ctx context.Context, in *tokenInput) (*tokenOutput, error) {
	wish, err := in.wish()
	if err != nil {
		return nil, err
	}
	grant, err := s.grant(ctx, wish)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	token, err := s.Tokens.Issue(now, grant)
	if err != nil {
		return nil, err
	}
	out := &tokenOutput{ContentType: "application/json", CacheControl: "no-store", Body: TokenView{
		Token: token.Token, ClientID: token.ClientID, ExpiresAt: token.ExpiresAt.UTC(),
		Issued: now.UnixMilli(), Expires: token.ExpiresAt.UnixMilli(),
		Capability: token.Capability, Truncated: token.Truncated,
	}}
	if strings.Contains(in.Accept, jwtType) {
		out.ContentType, out.Body = jwtType, []byte(token.Token)
	}
	return out, nil
}

// wish reads the body, which may be missing.
func (in *tokenInput) wish() (wish tokenWish, err error) {
	if len(in.RawBody) == 0 {
		return wish, nil
	}
	wish, faults, err := decodeAll[tokenWish](in.RawBody, shape{})
	if err != nil {
		return wish, err
	}
	if wish.BookingID != nil && !named(faults, "/bookingId") && !domain.ValidID(domain.BookingPrefix, *wish.BookingID) {
		faults = append(faults, Field{Pointer: "/bookingId", Message: "is not an id of the form bkg_…"})
	}
	if len(faults) > 0 {
		return wish, wrongFields(faults)
	}
	return wish, nil
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
