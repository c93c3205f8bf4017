package eventstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
)

// ConnectError says why the store cannot be used, in one sentence without the password. It is ErrUnavailable where another try may
// fare better, and not where the server has refused who asks.
type ConnectError struct {
	Name   string // where the store is: host and port, of each node that is named
	Reason string // what to change
	Err    error  // what the client said: a paragraph
}

// Error tells the operator what to change.
func (e *ConnectError) Error() string {
	return fmt.Sprintf("the event store at %s cannot be used: %s", e.Name, e.Reason)
}

// Unwrap returns what the client said.
func (e *ConnectError) Unwrap() error { return e.Err }

// Connect makes sure that the store can be used before anything relies on it: it connects, and asks for the last event. What is wrong
// is a *ConnectError, unless the store has answered with something else.
func (s *Store) Connect(ctx context.Context) error {
	_, err := s.Head(ctx)
	if why, ok := errors.AsType[*ConnectError](err); ok {
		return why // that it was asked for its last event is of no interest
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return &ConnectError{Name: s.sup.server.name, Reason: tooSlow, Err: err}
	}
	return err
}

// server is what errors tell of a store.
type server struct {
	name, user string
	plain      bool // no TLS
}

func serverOf(conf esdb.Configuration) server {
	s := server{name: conf.Address, user: conf.Username, plain: conf.DisableTLS}
	for _, seed := range conf.GossipSeeds {
		s.name += ", " + seed.String()
	}
	s.name = strings.TrimPrefix(s.name, ", ")
	return s
}

// away is the error of who has waited for a connection in vain.
func (s server) away(cause error) *ConnectError {
	return &ConnectError{Name: s.name, Reason: s.reason(cause), Err: fmt.Errorf("%w: %w", errAway, cause)}
}

// legible puts what the client says of an answer into the words of the server. Errors that are not the client's pass.
func (s server) legible(err error) error {
	if _, done := errors.AsType[*ConnectError](err); done || !isClients(err) {
		return err
	}
	switch statusOf(err).Code() { //nolint:exhaustive // these are about who asks whom; the others about what was asked for
	case codes.Unauthenticated, codes.PermissionDenied, codes.Unimplemented:
		return &ConnectError{Name: s.name, Reason: s.reason(err), Err: err}
	}
	return &answerError{said: said(err), err: err}
}

const (
	tooSlow   = "it does not answer in time"
	notAStore = "what answers there is no EventStoreDB"
)

// reason says what to change, given why an attempt to connect has failed.
func (s server) reason(err error) string {
	text := said(err)
	if errors.Is(err, errConnecting) {
		return tooSlow
	}
	switch statusOf(err).Code() { //nolint:exhaustive // the text has to do for the others
	case codes.DeadlineExceeded:
		return tooSlow
	case codes.Unauthenticated:
		if s.user == "" {
			return "it asks for a user and a password, and its URL has none"
		}
		return fmt.Sprintf("it does not let user %q in with the password given", s.user)
	case codes.PermissionDenied:
		if s.user == "" {
			return "it does not allow this without a user, and its URL has none"
		}
		return fmt.Sprintf("it does not allow user %q to do this", s.user)
	case codes.Unimplemented:
		return notAStore
	case codes.Unavailable:
		return s.unreached(text)
	}
	switch {
	case strings.Contains(text, "unexpected content-type"): // not gRPC's
		return notAStore
	case strings.Contains(text, "candidate"): // the client's word for a node that it might use
		return "none of its nodes is up"
	}
	return text
}

// unreached tells what came between. gRPC knows it by its text alone, which is part of the pinned version; a test fails when it changes.
func (s server) unreached(text string) string {
	has := func(part string) bool { return strings.Contains(text, part) }
	switch {
	case has("no such host"), has("produced zero addresses"):
		return "there is no host of that name"
	case has("lookup "), has("name resolver error"):
		return fmt.Sprintf("its name cannot be looked up (%s)", lastPart(text))
	case has("Error while dialing"):
		return fmt.Sprintf("nothing answers there (%s)", lastPart(text))
	case has("first record does not look like a TLS handshake"):
		return "it does not speak TLS, and its URL does not say tls=false"
	case has("http2: frame too large"), has("ALPN"), has("no application protocol"):
		return notAStore
	case has("x509: "):
		_, why, _ := strings.Cut(text, "x509: ")
		why, _, _ = strings.Cut(why, " (possibly because of")
		return fmt.Sprintf("its certificate is not trusted (%s)", why)
	case has("authentication handshake failed: "), has("remote error: tls: "):
		return fmt.Sprintf("no agreement is reached on TLS (%s)", lastPart(text))
	case has("error reading server preface"), has("broken pipe"), has("connection reset"), has("EOF"):
		if s.plain {
			return "it hangs up, as one does that wants TLS: its URL says tls=false"
		}
		return "it hangs up: is that an EventStoreDB?"
	}
	return "it answers: " + text
}

// lastPart is what follows the last colon, or all where there is none.
func lastPart(text string) string {
	if _, last, ok := cutLast(text, ": "); ok {
		return last
	}
	return text
}
