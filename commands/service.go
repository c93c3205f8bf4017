package commands

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/commands/internal/staffdays"
)

// DefaultDeadline is how long a command may take unless the Config says otherwise. The claim keeper's grace follows from it.
const DefaultDeadline = 10 * time.Second

// minSecret is the least length of Config.Secret in bytes.
const minSecret = 16

// Store is the log as commands need it; *eventstore.Store is one.
type Store = aggregate.Store

// Proposer names members of staff who could do a service, the best first. It may be behind or wrong: whoever it names is
// checked against the streams.
type Proposer interface {
	StaffFor(ctx context.Context, branchID, serviceID string, start, end time.Time) (staffIDs []string, err error)
}

// Active counts a customer's bookings that are still ahead. The cap that it serves is a soft one: the count may be behind.
type Active interface {
	ActiveBookings(ctx context.Context, customerID string) (int, error)
}

// Config is what a Service needs. The first four fields are required; the zero values of the others work.
type Config struct {
	Store    Store
	Proposer Proposer
	Active   Active
	// Secret keys command ids and the ids of created things, at least 16 bytes. With another secret a repeat is no longer
	// recognised, so it outlives restarts.
	Secret []byte

	Deadline time.Duration // of one command; DefaultDeadline
	Logger   *slog.Logger  // discards
	// Tracer makes the spans; nil records nothing.
	Tracer trace.TracerProvider

	Now func() time.Time // the engine's clock; time.Now
	// NewClaimID returns a fresh, unguessable id at each call. Double bookings are possible if it ever repeats itself.
	NewClaimID func() string
	// Jitter returns a duration in [0, limit); random. It spreads repeats after a conflict.
	Jitter func(limit time.Duration) time.Duration
}

// Service runs commands. Its methods may be called concurrently. Its commands are OpenBranch, OfferService, JoinStaff,
// RequestBooking, ApproveBooking, RejectBooking, CancelBooking and AssignStaff; each is in a file of its own.
type Service struct {
	store    Store
	proposer Proposer
	active   Active
	secret   []byte
	deadline time.Duration
	log      *slog.Logger
	tracer   trace.Tracer
	now      func() time.Time
	claimID  func() string
	jitter   func(time.Duration) time.Duration
	days     staffdays.Days
	inputs   *inputs
}

// New returns a Service, or says what the Config lacks.
func New(c Config) (*Service, error) {
	switch {
	case c.Store == nil || c.Proposer == nil || c.Active == nil:
		return nil, errors.New("commands need a store, a proposer and a count of active bookings")
	case len(c.Secret) < minSecret:
		return nil, errors.New("commands need a secret of at least 16 bytes")
	}
	inputs, err := newInputs()
	if err != nil {
		return nil, err
	}
	s := &Service{
		store: c.Store, proposer: c.Proposer, active: c.Active, secret: c.Secret,
		deadline: c.Deadline, log: c.Logger,
		now: c.Now, claimID: c.NewClaimID, jitter: c.Jitter, inputs: inputs,
	}
	s.fillIn(c.Tracer)
	s.days = staffdays.Days{Store: s.store, Pause: s.pause, Log: s.log}
	return s, nil
}

func (s *Service) fillIn(tracers trace.TracerProvider) {
	if s.deadline <= 0 {
		s.deadline = DefaultDeadline
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if tracers == nil {
		tracers = noop.NewTracerProvider()
	}
	s.tracer = tracers.Tracer(scopeName)
	if s.now == nil {
		s.now = time.Now
	}
	if s.claimID == nil {
		s.claimID = func() string { return "clm_" + rand.Text() }
	}
	if s.jitter == nil {
		s.jitter = func(limit time.Duration) time.Duration { return mathrand.N(limit) }
	}
}

// pause waits up to 10 ms before the first repeat and up to twice as long before each further one.
func (s *Service) pause(ctx context.Context, repeat int) error {
	return aggregate.Pause(ctx, s.jitter(10*time.Millisecond<<min(repeat-1, 4)))
}
