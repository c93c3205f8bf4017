package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

// Tokens issues realtime tokens, as publishers.TokenIssuer does.
type Tokens interface {
	Issue(now time.Time, grant publishers.Grant) (publishers.Token, error)
}

// Part is something that must work before the engine is ready.
type Part struct {
	// Name is what an operator calls it, such as "event store".
	Name string
	// Check returns nil when the part is ready, and otherwise what is wrong, in words for operators. Others get no more than
	// the Word of a *NotReadyError, or "unavailable".
	Check func(context.Context) error
}

// NotReadyError says why a part is not ready: in one word for everybody, and in full for operators.
type NotReadyError struct {
	Word string
	Err  error // may be nil
	// Wanted says that an operator wants it so: it is told, and the engine is ready all the same.
	Wanted bool
}

// Error returns the word and the cause.
func (e *NotReadyError) Error() string {
	if e.Err == nil {
		return e.Word
	}
	return e.Word + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *NotReadyError) Unwrap() error { return e.Err }

// Config is what the API is made of. All of the first group are required.
type Config struct {
	Commands     Commands
	Queries      Queries
	Availability Availability
	Directory    Directory
	Texts        Texts
	Erasures     Erasures
	Claims       Claims
	Calendars    Calendars
	Projections  Projections
	Deliveries   Deliveries
	Tokens       Tokens
	Sessions     *Sessions

	// OpsToken is a bearer token that makes its holder a developer: what the engine tells the commands of its own machine in
	// engine.json. Empty: there is none.
	OpsToken string
	// Revocations ends realtime tokens before their time. Nil without realtime.
	Revocations Revocations
	// Published returns the position up to which messages have been planned by any instance: what ?minPosition=published
	// waits for. Nil without realtime.
	Published func(ctx context.Context) (eventstore.Position, error)
	// Realtime says in one word how publishing is doing, such as "live", "circuit_open" or "not_configured"; it never makes the engine
	// unready. Nil: not configured.
	Realtime func() string
	// RealtimeDetail says what waits to be published and why, for developers; empty when nothing does. Nil: nothing is said.
	RealtimeDetail func() string
	// Parts are what /readyz looks at.
	Parts []Part
	// CommandTook is told how long each command took, whatever came of it. Nil: nobody is.
	CommandTook func(time.Duration)
	// Console serves every path that the API does not know with GET, such as the page. Nil: those are not found.
	Console http.Handler
	// DemoSignIn makes a token for a role of the demo, and /demo/sign-in exists. Never set it where strangers can call.
	DemoSignIn func(ctx context.Context, as string) (DemoIdentity, error)

	Logger *slog.Logger         // discards
	Tracer trace.TracerProvider // traces nothing
	Now    func() time.Time     // time.Now
}

func (c *Config) check() error {
	for _, part := range []struct {
		name    string
		missing bool
	}{
		{"commands", c.Commands == nil},
		{"queries", c.Queries == nil},
		{"availability", c.Availability == nil},
		{"a directory", c.Directory == nil},
		{"texts", c.Texts == nil},
		{"erasures", c.Erasures == nil},
		{"claims", c.Claims == nil},
		{"calendars", c.Calendars == nil},
		{"projections", c.Projections == nil},
		{"deliveries", c.Deliveries == nil},
		{"tokens", c.Tokens == nil},
		{"sessions", c.Sessions == nil},
	} {
		if part.missing {
			return errors.New("http api: the configuration lacks " + part.name)
		}
	}
	return nil
}
