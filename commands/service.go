package commands

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/commands/internal/staffdays"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// DefaultDeadline is how long a command may take unless the Config says otherwise. The claim keeper's grace follows from it.
const DefaultDeadline = 10 * time.Second

// minSecret is the least length of Config.Secret in bytes.
const minSecret = 16

// Config is what a Service needs. The first four fields are required; the zero values of the others work.
type Config struct {
	Store Store
	Reads Reads
	Vault Vault
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

// Service runs commands. Its methods may be called concurrently. Each command is a type of the same name, in a file of its own;
// what people may ask for:
//
//   - a booking: RequestBooking, CreateWalkIn, ApproveBooking, RejectBooking, CancelBooking, RescheduleBooking, AssignStaff,
//     UnassignStaff, AddService, RemoveService, ChangeDuration, CheckIn, StartService, FinishService, CompleteBooking, MarkNoShow,
//     CorrectOutcome, AddNote, RedactNote
//   - a leave: RequestLeave, WithdrawLeave, ApproveLeave, RejectLeave, RevokeLeave, MarkStaffOff
//   - the catalogue: OpenBranch, SetPolicy, SetHours, DeclareClosure, LiftClosure, OfferService, WithdrawService, JoinStaff,
//     LeaveStaff, SetShifts
//   - a customer: ClearCustomer, EraseCustomer
//
// What the engine asks for by itself, each safe to do twice: SettleOverdue, AccountCustomer.
type Service struct {
	reads    Reads
	vault    Vault
	secret   []byte
	deadline time.Duration
	log      *slog.Logger
	tracer   trace.Tracer
	now      func() time.Time
	claimID  func() string
	jitter   func(time.Duration) time.Duration
	inputs   *inputs
	zones    zones

	bookings  *aggregate.Loader[domain.Booking, domain.BookingEvent]
	branches  *aggregate.Loader[domain.Branch, domain.BranchEvent]
	staff     *aggregate.Loader[domain.Staff, domain.StaffEvent]
	leaves    *aggregate.Loader[domain.Leave, domain.LeaveEvent]
	customers *aggregate.Loader[domain.Customer, domain.CustomerEvent]
	days      staffdays.Days
	// booked is where in the log the last requests of customers are.
	booked *lru.Cache[string, eventstore.Position]
}

// New returns a Service, or says what the Config lacks.
func New(c Config) (*Service, error) {
	switch {
	case c.Store == nil || c.Reads == nil || c.Vault == nil:
		return nil, errors.New("commands need a store, read models and a vault")
	case len(c.Secret) < minSecret:
		return nil, errors.New("commands need a secret of at least 16 bytes")
	}
	inputs, err := newInputs()
	if err != nil {
		return nil, err
	}
	booked, err := lru.New[string, eventstore.Position](keptCustomers)
	if err != nil {
		return nil, err
	}
	s := &Service{
		reads: c.Reads, vault: c.Vault, secret: c.Secret, deadline: c.Deadline, log: c.Logger,
		now: c.Now, claimID: c.NewClaimID, jitter: c.Jitter, inputs: inputs, booked: booked,
		bookings:  aggregate.NewLoader[domain.Booking, domain.BookingEvent](c.Store),
		branches:  aggregate.NewLoader[domain.Branch, domain.BranchEvent](c.Store),
		staff:     aggregate.NewLoader[domain.Staff, domain.StaffEvent](c.Store),
		leaves:    aggregate.NewLoader[domain.Leave, domain.LeaveEvent](c.Store),
		customers: aggregate.NewLoader[domain.Customer, domain.CustomerEvent](c.Store),
	}
	s.fillIn(c.Tracer)
	s.days = staffdays.Days{Loader: staffdays.NewLoader(c.Store), Pause: s.pause, Log: s.log}
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

// Faults names what is wrong with the form of a command of a caller, as running it would. It decides nothing.
func (s *Service) Faults(by Caller, command any) []FieldError {
	fields, err := s.inputs.faults(by, command)
	if err != nil {
		return nil // not a command: running it will tell
	}
	return fields
}
