package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/publishers"
)

// Commands is the write side, as *commands.Service is.
type Commands interface {
	OpenBranch(context.Context, commands.Caller, commands.Options, commands.OpenBranch) (commands.Receipt, error)
	OfferService(context.Context, commands.Caller, commands.Options, commands.OfferService) (commands.Receipt, error)
	JoinStaff(context.Context, commands.Caller, commands.Options, commands.JoinStaff) (commands.Receipt, error)
	RequestBooking(context.Context, commands.Caller, commands.Options, commands.RequestBooking) (commands.Receipt, error)
	ApproveBooking(context.Context, commands.Caller, commands.Options, commands.ApproveBooking) (commands.Receipt, error)
	RejectBooking(context.Context, commands.Caller, commands.Options, commands.RejectBooking) (commands.Receipt, error)
	CancelBooking(context.Context, commands.Caller, commands.Options, commands.CancelBooking) (commands.Receipt, error)
	AssignStaff(context.Context, commands.Caller, commands.Options, commands.AssignStaff) (commands.Receipt, error)
}

// Queries is the read side, as *projections.Queries is.
type Queries interface {
	BookingByID(ctx context.Context, id string, lowest eventstore.Position) (
		projections.Booking, eventstore.Position, error)
	Bookings(ctx context.Context, f projections.BookingFilter, lowest eventstore.Position) (projections.BookingPage, error)
	Timeline(ctx context.Context, bookingID string, lowest eventstore.Position) (
		[]projections.Step, eventstore.Position, error)
	Schedule(ctx context.Context, f projections.ScheduleFilter, lowest eventstore.Position) (
		projections.SchedulePage, error)
	Branches(ctx context.Context, scope projections.BranchScope, lowest eventstore.Position) (
		projections.BranchList, error)
	Branch(ctx context.Context, id string, lowest eventstore.Position) (projections.BranchDetail, error)
	OwnBookingIDs(ctx context.Context, customerID string, most int) ([]string, error)
	AssignedBookingIDs(ctx context.Context, staffID string, most int) ([]string, error)
}

// Directory gives and takes the names that are shown for ids, as *directory.Directory does.
type Directory interface {
	PutName(ctx context.Context, id, name string) error
	Names(ctx context.Context, ids ...string) (map[string]string, error)
}

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

// Config is what the API is made of. Commands, Queries, Directory, Tokens and Sessions are required.
type Config struct {
	Commands  Commands
	Queries   Queries
	Directory Directory
	Tokens    Tokens
	Sessions  *Sessions

	// OpsToken is a bearer token that makes its holder a developer: what the engine tells the commands of its own machine in
	// engine.json. Empty: there is none.
	OpsToken string
	// Published returns the position up to which messages have been planned: what ?minPosition=published waits for. Nil
	// without realtime.
	Published func() eventstore.Position
	// Realtime says in one word how publishing is doing, such as "live" or "not_configured"; it never makes the engine
	// unready. Nil: not configured.
	Realtime func() string
	// Parts are what /readyz looks at.
	Parts []Part
	// Console serves every path that the API does not know with GET, such as the page. Nil: those are not found.
	Console http.Handler
	// DemoSignIn makes a token for a role of the demo, and /demo/sign-in exists. Never set it where strangers can call.
	DemoSignIn func(ctx context.Context, as string) (DemoIdentity, error)

	Logger *slog.Logger         // discards
	Tracer trace.TracerProvider // traces nothing
	Now    func() time.Time     // time.Now
}

func (c *Config) check() error {
	if c.Commands == nil || c.Queries == nil || c.Directory == nil || c.Tokens == nil || c.Sessions == nil {
		return errors.New("http api: commands, queries, directory, tokens and sessions are required")
	}
	return nil
}
