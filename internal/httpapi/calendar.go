package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/royalglow/booking/domain"
)

const (
	calendarsTag = "Calendars"
	calendarPath = "/api/calendars/"
	// calendarEnding follows the secret in a calendar's path.
	calendarEnding = ".ics"
	calendarType   = "text/calendar; charset=utf-8"
)

// holdsSecret reports whether a path may have the secret of a calendar in it, as its route has it or as somebody has mistyped it.
func holdsSecret(path string) bool { return strings.Contains(strings.ToLower(path), "calendars/") }

func (s *server) calendarRoutes() {
	register(s, operation{
		id: "createCalendar", method: http.MethodPost, path: "/api/calendars", tag: calendarsTag, status: http.StatusCreated,
		summary: "Get a link to the caller's calendar",
		detail: "For calendar programs: a customer's bookings, or the work and leave of a member of staff. Whoever has the link can " +
			"read them, and nothing else. An earlier link of the caller's no longer works.",
	}, s.createCalendar)
	register(s, operation{
		id: "revokeCalendar", method: http.MethodDelete, path: "/api/calendars", tag: calendarsTag,
		summary: "Take the link to the caller's calendar back", detail: "Who has it can read nothing with it any more.",
	}, s.revokeCalendar)
	register(s, operation{
		id: "readCalendar", method: http.MethodGet, path: calendarPath + "{file}", tag: calendarsTag, public: true,
		summary: "Read a calendar (RFC 5545)", mediaType: calendarType,
		detail: "The secret in the path is the right to read. One that was replaced or taken back is answered as one that never was, " +
			"and so is that of a member of staff who works at no branch any more.",
	}, s.readCalendar)
}

type calendarOutput struct {
	CacheControl string `header:"Cache-Control" doc:"The link is not to be kept by anybody between."`
	Body         struct {
		Path string `json:"path" doc:"The link's path on this server. It is shown this once." example:"/api/calendars/….ics"`
	}
}

// calendarOwner is whose calendar a session has: the member's, if it is of one.
func (s Session) calendarOwner() (string, error) {
	switch {
	case s.StaffID != "":
		return s.StaffID, nil
	case s.Role == domain.RoleCustomer:
		return s.UserID, nil
	}
	return "", domain.Refuse(domain.Forbidden, domain.CodeForbidden, "calendars are of customers and members of staff")
}

func (s *server) createCalendar(ctx context.Context, _ *noInput) (*calendarOutput, error) {
	owner, err := sessionOf(ctx).calendarOwner()
	if err != nil {
		return nil, err
	}
	secret, err := s.Calendars.Replace(ctx, owner)
	if err != nil {
		return nil, err
	}
	out := &calendarOutput{CacheControl: "no-store"}
	out.Body.Path = calendarPath + secret + calendarEnding
	return out, nil
}

type revokedOutput struct {
	Body struct {
		Revoked bool `json:"revoked" doc:"Whether there was a link."`
	}
}

func (s *server) revokeCalendar(ctx context.Context, _ *noInput) (*revokedOutput, error) {
	owner, err := sessionOf(ctx).calendarOwner()
	if err != nil {
		return nil, err
	}
	out := &revokedOutput{}
	out.Body.Revoked, err = s.Calendars.Revoke(ctx, owner)
	return out, err
}

type calendarFileInput struct {
	File string `path:"file" doc:"The secret, followed by .ics."`
}

type calendarFileOutput struct {
	ContentType  string `header:"Content-Type" doc:"That of calendars."`
	CacheControl string `header:"Cache-Control" doc:"It is the reader's alone, and changes."`
	Body         []byte
}

// readCalendar needs no session: the secret is the right to read.
func (s *server) readCalendar(ctx context.Context, in *calendarFileInput) (*calendarFileOutput, error) {
	secret, ok := strings.CutSuffix(in.File, calendarEnding)
	if !ok {
		return nil, routeNotFound()
	}
	owner, ok, err := s.Calendars.Owner(ctx, secret)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errNoCalendar()
	}
	reader := Session{UserID: owner, Role: domain.RoleCustomer}
	if domain.ValidID(domain.StaffPrefix, owner) {
		reader = Session{StaffID: owner, Role: domain.RoleStaff}
		if err := s.stillWorks(ctx, owner); err != nil {
			return nil, err
		}
	}
	feed, err := s.feed(ctx, reader)
	if err != nil {
		return nil, err
	}
	return &calendarFileOutput{ContentType: calendarType, CacheControl: "private, no-cache", Body: []byte(feed)}, nil
}

func errNoCalendar() *domain.Refusal {
	return domain.Refuse(domain.NotFound, domain.CodeNotFound, "there is no such calendar")
}

// stillWorks hides the calendar of a member who works at no branch any more: the link, which nobody takes back, would go on to
// tell him customers' names.
func (s *server) stillWorks(ctx context.Context, staffID string) error {
	_, err := s.Queries.Staff(ctx, staffID, 0)
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok && refusal.Kind == domain.NotFound {
		return errNoCalendar()
	}
	return err
}
