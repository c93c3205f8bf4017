package httpapi

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/royalglow/booking/domain"
)

// tokenWish is what a client may say of the token that it asks for.
type tokenWish struct {
	BookingID *string `json:"bookingId,omitempty" pattern:"^bkg_[0-9A-Za-z]{6,40}$" doc:"A booking that the token must cover, whatever else fits in."`
	ClientID  *string `json:"clientId,omitempty" doc:"The caller's user id, which Ably's clients repeat when they renew a token. Another is refused."`
	TTL       *int64  `json:"ttl,omitempty" doc:"Ignored. Ably's clients send how long they would like the token to last."`
	Timestamp *int64  `json:"timestamp,omitempty" doc:"Ignored. Ably's clients may send the time."`
}

const (
	bookingNotID   = "is not an id of the form bkg_…"
	clientNotOwn   = "is not the caller's user id"
	bookingIDField = "bookingId"
	clientIDField  = "clientId"
	ttlField       = "ttl"
	timestampField = "timestamp"
)

// tokenInput is a wish in a body.
type tokenInput struct {
	Accept      string `header:"Accept" hidden:"true"`
	ContentType string `header:"Content-Type" hidden:"true"`
	Rnd         string `query:"rnd" pattern:"^[0-9A-Za-z._-]{1,64}$" doc:"Ignored. Ably's clients send it so that nothing on the way answers from what it has kept."`
	BodyInput
}

// tokenQuery is a wish in a query, as Ably's clients make it.
type tokenQuery struct {
	Accept    string `header:"Accept" hidden:"true"`
	BookingID string `query:"bookingId" pattern:"^bkg_[0-9A-Za-z]{6,40}$" doc:"A booking that the token must cover, whatever else fits in."`
	ClientID  string `query:"clientId" doc:"The caller's user id, which Ably's clients repeat when they renew a token. Another is refused."`
	Rnd       string `query:"rnd" pattern:"^[0-9A-Za-z._-]{1,64}$" doc:"Ignored. Ably's clients send it so that nothing on the way answers from what it has kept."`
	TTL       string `query:"ttl" pattern:"^[0-9]{1,18}$" doc:"Ignored. Ably's clients send how long they would like the token to last."`
	Timestamp string `query:"timestamp" pattern:"^[0-9]{1,18}$" doc:"Ignored. Ably's clients may send the time."`
}

// wish reads the query.
func (in *tokenQuery) wish(ctx context.Context, s *server) (wish tokenWish, err error) {
	p := s.parameters(ctx)
	if in.BookingID != "" {
		wish.BookingID = &in.BookingID
	}
	if in.ClientID != "" {
		wish.ClientID = &in.ClientID
	}
	wish.check(ctx, p.wrong)
	checkRnd(p, in.Rnd)
	wish.TTL, wish.Timestamp = ignored(in.TTL, ttlField, p.wrong), ignored(in.Timestamp, timestampField, p.wrong)
	return wish, p.err()
}

// wish reads the body, which may be missing.
func (in *tokenInput) wish(ctx context.Context, s *server) (wish tokenWish, err error) {
	p := s.parameters(ctx)
	checkRnd(p, in.Rnd)
	faults, more := p.faults, []Field(nil)
	switch {
	case len(in.RawBody) == 0:
	case isForm(in.ContentType):
		wish, more, err = tokenForm(in.RawBody)
	default:
		wish, more, err = decodeAll[tokenWish](in.RawBody, shape{})
	}
	if faults, err = setAside(append(faults, more...), err); err != nil {
		return wish, err
	}
	wish.check(ctx, func(name, message string) {
		if !named(faults, "/"+name) {
			faults = append(faults, Field{Pointer: "/" + name, Message: message})
		}
	})
	if len(faults) > 0 {
		return wish, wrongRequest(faults)
	}
	return wish, nil
}

// tokenForm reads a form in which every field is there once.
func tokenForm(body []byte) (wish tokenWish, faults []Field, err error) {
	wrong := func(name, message string) {
		faults = append(faults, Field{Pointer: "/" + name, Message: message})
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return wish, nil, domain.Refuse(domain.Invalid, domain.CodeValidation, "the body is not a well-formed form")
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		switch values := form[name]; {
		case len(values) > 1:
			wrong(name, "is there twice")
		case name == bookingIDField:
			wish.BookingID = &values[0]
		case name == clientIDField:
			wish.ClientID = &values[0]
		case name == ttlField:
			wish.TTL = ignored(values[0], name, wrong)
		case name == timestampField:
			wish.Timestamp = ignored(values[0], name, wrong)
		default:
			wrong(name, "is not a field here")
		}
	}
	return wish, faults, nil
}

// check tells what is wrong with the wish.
func (w tokenWish) check(ctx context.Context, wrong func(name, message string)) {
	if w.BookingID != nil && !domain.ValidID(domain.BookingPrefix, *w.BookingID) {
		wrong(bookingIDField, bookingNotID)
	}
	if w.ClientID != nil && *w.ClientID != sessionOf(ctx).UserID {
		wrong(clientIDField, clientNotOwn)
	}
}

// ignored reads a number that changes nothing: what is none is a mistake all the same.
func ignored(text, name string, wrong func(name, message string)) *int64 {
	if text == "" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || len(text) > 18 || strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		wrong(name, "must be milliseconds")
	}
	return &n
}

// checkRnd checks what Ably's clients send against caches: digits, so far.
func checkRnd(p *parameters, text string) {
	if len(text) > maxKey || strings.ContainsFunc(text, func(r rune) bool { return r != '.' && notKeyRune(r) }) {
		p.wrong("rnd", "must be 1 to 64 of A-Z, a-z, 0-9, ., _ and -")
	}
}
