package commands

import (
	"context"
	"errors"
	"log/slog"

	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/commands/internal/staffdays"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// maxAttempts bounds how often a command decides when others change the same aggregate.
const maxAttempts = 5

// edit is a command on its way through the one flow that all share: load, decide, claim, append, release.
type edit[S aggregate.State[S, E], E domain.Event] struct {
	command
	id     string // of the aggregate; the receipt names it
	stream string
	// admit refuses callers to whom the aggregate is not there; nil lets pass whoever has come this far.
	admit func(S) error
	// decide returns the facts. It may run several times.
	decide func(context.Context, S) ([]E, error)
	// claims are those that the aggregate names; nil for aggregates that name none.
	claims func(S) []domain.Claim
	// behalf names the customer for whom the desk acts; nil if it never does.
	behalf func(S) string
	// instead reports whether decide knows someone else for a claim that was refused; nil if it never does.
	instead func(*staffdays.Taken) bool
}

// run brings the edit to its end: a receipt or a refusal.
func run[S aggregate.State[S, E], E domain.Event](ctx context.Context, s *Service, e edit[S, E]) (Receipt, error) {
	// The appends are children of this span.
	ctx, span := s.tracer.Start(ctx, "handle "+e.name, about(e.command, e.id))
	defer span.End()
	receipt, err := repeatedly(ctx, s, e)
	tell(span, err)
	return receipt, err
}

// repeatedly attempts the edit until it is through, refused, or has met too many conflicts.
func repeatedly[S aggregate.State[S, E], E domain.Event](ctx context.Context, s *Service, e edit[S, E]) (Receipt, error) {
	// Half a command leaves claims behind, so that one which has begun does not end with the caller's patience.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.deadline)
	defer cancel()
	for n := range maxAttempts {
		if n > 0 {
			if err := s.pause(ctx, n); err != nil {
				return Receipt{}, s.unavailable(ctx, e.command, err)
			}
		}
		receipt, err := attempt(ctx, s, e)
		if !aggregate.Conflicted(err) {
			return receipt, s.settle(ctx, e.command, err)
		}
	}
	return Receipt{}, errChangesTooFast()
}

// settle turns what the store or the clock did into a refusal; refusals and faults pass.
func (s *Service) settle(ctx context.Context, c command, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, eventstore.ErrInDoubt), errors.Is(err, eventstore.ErrUnavailable),
		errors.Is(err, eventstore.ErrClosed), errors.Is(err, staffdays.ErrBusy),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return s.unavailable(ctx, c, err)
	}
	return err
}

// attempt is one pass of the flow. A *eventstore.ConflictError asks for another.
func attempt[S aggregate.State[S, E], E domain.Event](ctx context.Context, s *Service, e edit[S, E]) (Receipt, error) {
	before, err := aggregate.Load[S, E](ctx, s.store, e.stream)
	if err != nil {
		return Receipt{}, err
	}
	if e.admit != nil {
		if err := e.admit(before.State); err != nil {
			return Receipt{}, err
		}
	}
	if mark, done := before.Find(e.command.id); done {
		return e.repeat(mark)
	}
	if e.ifMatch != nil && *e.ifMatch != before.Visible {
		return Receipt{}, errStale(before.Visible)
	}
	for {
		receipt, err := decideAndAppend(ctx, s, e, before)
		if taken, ok := errors.AsType[*staffdays.Taken](err); ok {
			if e.instead != nil && e.instead(taken) {
				continue
			}
			return Receipt{}, domain.ErrSlotUnavailable()
		}
		return receipt, err
	}
}

// repeat answers a command that has been here before, without deciding again.
func (e edit[S, E]) repeat(m aggregate.Mark) (Receipt, error) {
	if m.Hash != e.hash {
		return Receipt{}, errKeyReused()
	}
	return Receipt{ID: e.id, Revision: m.Revision, Position: m.Position}, nil
}

// decideAndAppend is the claim protocol, step by step. Its order is what keeps bookings apart: claims stand before a booking
// names them, and until it has ceased to.
func decideAndAppend[S aggregate.State[S, E], E domain.Event](
	ctx context.Context, s *Service, e edit[S, E], before aggregate.Loaded[S],
) (Receipt, error) {
	// 1. Decide. Ids of claims are new each time this is done.
	facts, err := e.decide(ctx, before.State)
	if err != nil {
		return Receipt{}, err
	}
	if len(facts) == 0 {
		return Receipt{ID: e.id, Revision: before.Visible, Position: before.Position}, nil
	}
	events, place, drop := e.outcome(before.State, facts)
	// 2. Claim.
	meta := s.metadata(e.command)
	if e.behalf != nil {
		meta.Actor.OnBehalfOf = e.behalf(before.State)
	}
	if err := s.days.Place(ctx, e.id, place, meta); err != nil {
		return Receipt{}, err
	}
	// 3. Append the facts, which name the claims.
	got, err := aggregate.Append(ctx, s.store, eventstore.Append{
		Stream: e.stream, Expected: before.Revision, Events: events, Metadata: meta,
	})
	if err != nil {
		// A doubt may yet become a fact that names these claims: then only the keeper may touch them.
		if aggregate.NotWritten(err) {
			s.release(ctx, e.id, place, domain.ReleaseRefused, meta)
		}
		return Receipt{}, err
	}
	// 4. Release what the facts no longer name.
	s.release(ctx, e.id, drop, domain.ReleaseDropped, meta)
	return Receipt{ID: e.id, Revision: got.Revision, Position: got.Position}, nil
}

// outcome folds the facts and compares the claims.
func (e edit[S, E]) outcome(before S, facts []E) (events []domain.Event, place, drop []domain.Claim) {
	after := before
	for _, f := range facts {
		after = after.Evolve(f)
		events = append(events, f)
	}
	if e.claims != nil {
		place, drop = domain.DiffClaims(e.claims(before), e.claims(after))
	}
	return events, place, drop
}

// release frees claims as well as it can. The command's answer stands either way; the keeper finishes.
func (s *Service) release(
	ctx context.Context, bookingID string, claims []domain.Claim, why domain.ReleaseReason, meta eventstore.Metadata,
) {
	if err := s.days.Release(ctx, claims, why, meta); err != nil {
		s.log.WarnContext(ctx, "claims left to the keeper", slog.String("booking_id", bookingID), slog.Any("error", err))
	}
}
