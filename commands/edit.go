package commands

import (
	"context"
	"errors"
	"log/slog"
	"slices"

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
	loader *aggregate.Loader[S, E]
	// creates: the stream is new as a rule, so that it is not read before there is a reason to.
	creates bool
	// admit refuses callers to whom the aggregate is not there; nil lets pass whoever has come this far.
	admit func(S) error
	// decide returns the facts. It may run several times.
	decide func(context.Context, S) ([]E, error)
	// claims are those that the aggregate names; nil for aggregates that name none.
	claims func(S) (domain.BookingRef, []domain.Claim)
	// behalf names the customer for whom the desk acts; nil if it never does.
	behalf func(S) string
	// instead reports whether decide knows someone else for a claim that was refused; nil if it never does.
	instead func(*staffdays.Taken) bool
	// nearest finds other times where there was none for what the aggregate would have become; nil if there is nothing to offer.
	nearest func(ctx context.Context, after S) []Alternative
	// named are the members whom the caller named; of others a customer is not told.
	named []string
	// warn returns what the caller should know of a command that is accepted all the same.
	warn func() []Warning
}

// run brings the edit to its end: a receipt or a refusal.
func run[S aggregate.State[S, E], E domain.Event](ctx context.Context, s *Service, e edit[S, E]) (Receipt, error) {
	// The appends are children of this span.
	ctx, span := s.tracer.Start(ctx, "handle "+e.name, about(e.command, e.id))
	defer span.End()
	receipt, err := repeatedly(ctx, s, e)
	tell(span, err)
	return receipt, e.discreet(err)
}

// discreet keeps from customers who was held for them: all that they read keeps it, too. The segment says what is in the way.
func (e edit[S, E]) discreet(err error) error {
	const key = "staffId"
	refusal, ok := errors.AsType[*domain.Refusal](err)
	if !ok || e.actor.Role != domain.RoleCustomer {
		return err
	}
	id, told := refusal.Details[key].(string)
	if !told || slices.Contains(e.named, id) {
		return err
	}
	return refusal.Without(key)
}

// repeatedly attempts the edit until it is through, refused, or has met too many conflicts.
func repeatedly[S aggregate.State[S, E], E domain.Event](ctx context.Context, s *Service, e edit[S, E]) (Receipt, error) {
	// Half a command leaves claims behind, so that one which has begun does not end with the caller's patience.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.deadline)
	defer cancel()
	unlock, err := e.loader.Lock(ctx, e.stream)
	if err != nil {
		return Receipt{}, s.unavailable(ctx, e.command, err)
	}
	defer unlock()
	receipt, err := onKept(ctx, s, e)
	for n := 1; n < maxAttempts && (errors.Is(err, errLookAgain) || aggregate.Conflicted(err)); n++ {
		if aggregate.Conflicted(err) && n > 1 {
			if err := s.pause(ctx, n-1); err != nil {
				return Receipt{}, s.unavailable(ctx, e.command, err)
			}
		}
		receipt, err = onFresh(ctx, s, e)
	}
	if aggregate.Conflicted(err) {
		return Receipt{}, errChangesTooFast()
	}
	if err == nil && e.warn != nil {
		receipt.Warnings = e.warn()
	}
	return receipt, s.settle(ctx, e.command, err)
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

// errLookAgain says that nothing can be answered from a state that may be behind its stream.
var errLookAgain = errors.New("the state may be behind")

// onKept attempts the edit on what is kept of the aggregate. Only an append may rest on that, because it fails where the
// stream has moved on; everything else is errLookAgain.
func onKept[S aggregate.State[S, E], E domain.Event](ctx context.Context, s *Service, e edit[S, E]) (Receipt, error) {
	before, ok := e.loader.Kept(e.stream)
	if !ok {
		if !e.creates {
			return Receipt{}, errLookAgain
		}
		before = aggregate.Loaded[S]{Stream: e.stream, Revision: eventstore.NoStream, Visible: eventstore.NoStream}
	}
	return attempt(ctx, s, e, before, false)
}

func onFresh[S aggregate.State[S, E], E domain.Event](ctx context.Context, s *Service, e edit[S, E]) (Receipt, error) {
	before, err := e.loader.Fresh(ctx, e.stream)
	if err != nil {
		return Receipt{}, err
	}
	return attempt(ctx, s, e, before, true)
}

// attempt is one pass of the flow. A *eventstore.ConflictError asks for another, as does errLookAgain, which only a state that
// is not fresh can give.
func attempt[S aggregate.State[S, E], E domain.Event](
	ctx context.Context, s *Service, e edit[S, E], before aggregate.Loaded[S], fresh bool,
) (Receipt, error) {
	if err := e.check(before); err != nil {
		return Receipt{}, unless(fresh, err)
	}
	if mark, done := before.Find(e.command.id); done {
		return e.repeat(mark) // what has been done stays done, however far behind the state is
	}
	if e.ifMatch != nil && *e.ifMatch != before.Visible {
		return Receipt{}, unless(fresh, errStale(before.Visible))
	}
	for {
		receipt, after, err := decideAndAppend(ctx, s, e, before, fresh)
		taken, isTaken := errors.AsType[*staffdays.Taken](err)
		switch {
		case isTaken && e.instead != nil && e.instead(taken):
			continue
		case isTaken && !fresh:
			return Receipt{}, errLookAgain
		case isTaken:
			return Receipt{}, e.elsewhere(ctx, domain.ErrSlotUnavailable(), after)
		}
		if refusal := forWantOfTime(err); refusal != nil {
			return Receipt{}, e.elsewhere(ctx, refusal, after)
		}
		return receipt, err
	}
}

// forWantOfTime returns the refusal that another time would avoid; nil for all others. A customer who has too many bookings has
// too many at any time, and what a booking's status or its policy does not allow it does not allow later either: these refusals
// name no other times.
func forWantOfTime(err error) *domain.Refusal {
	refusal, ok := errors.AsType[*domain.Refusal](err)
	if ok && (refusal.Code == domain.CodeSlotUnavailable || refusal.Code == domain.CodeOverlap) {
		return refusal
	}
	return nil
}

// check refuses callers to whom the aggregate is not there.
func (e edit[S, E]) check(before aggregate.Loaded[S]) error {
	if e.admit == nil {
		return nil
	}
	return e.admit(before.State)
}

// unless passes an answer on where the state is fresh.
func unless(fresh bool, err error) error {
	if fresh {
		return err
	}
	return errLookAgain
}

// elsewhere refuses for want of time, and says when there is some.
func (e edit[S, E]) elsewhere(ctx context.Context, no *domain.Refusal, after S) error {
	alternatives := []Alternative{}
	if e.nearest != nil {
		alternatives = append(alternatives, e.nearest(ctx, after)...)
	}
	return no.With("alternatives", alternatives)
}

// repeat answers a command that has been here before, without deciding again.
func (e edit[S, E]) repeat(m aggregate.Mark) (Receipt, error) {
	if m.Hash != e.hash {
		return Receipt{}, errKeyReused()
	}
	return Receipt{ID: e.id, Revision: m.Revision, Position: m.Position}, nil
}

// decideAndAppend is the claim protocol, step by step. Its order is what keeps bookings apart: claims stand before a booking
// names them, and until it has ceased to. It returns what the aggregate became, or would have become.
func decideAndAppend[S aggregate.State[S, E], E domain.Event](
	ctx context.Context, s *Service, e edit[S, E], before aggregate.Loaded[S], fresh bool,
) (_ Receipt, after S, _ error) {
	// 1. Decide. Ids of claims are new each time this is done.
	after = before.State
	facts, err := e.decide(ctx, before.State)
	if err != nil {
		return Receipt{}, after, unless(fresh || faulty(err), err)
	}
	if len(facts) == 0 {
		return Receipt{ID: e.id, Revision: before.Visible, Position: before.Position}, after, unless(fresh, nil)
	}
	for _, f := range facts {
		after = after.Evolve(f)
	}
	ref, place, drop := e.outcome(before.State, after)
	// 2. Claim.
	meta := s.metadata(e.command)
	if e.behalf != nil {
		meta.Actor.OnBehalfOf = e.behalf(before.State)
	}
	if err := s.days.Place(ctx, ref, place, meta); err != nil {
		return Receipt{}, after, err
	}
	// 3. Append the facts, which name the claims.
	got, err := e.loader.Append(ctx, before, facts, meta)
	if err != nil {
		// A doubt may yet become a fact that names these claims: then only the keeper may touch them.
		if aggregate.NotWritten(err) {
			s.release(ctx, e.id, place, domain.ReleaseRefused, meta)
		}
		return Receipt{}, after, err
	}
	// 4. Release what the facts no longer name.
	s.release(ctx, e.id, drop, domain.ReleaseDropped, meta)
	return Receipt{ID: e.id, Revision: got.Revision, Position: got.Position, appended: true}, after, nil
}

// faulty reports whether an error is none of the business's: looking again would not make it better.
func faulty(err error) bool {
	_, refused := errors.AsType[*domain.Refusal](err)
	return !refused
}

// outcome compares the claims before and after.
func (e edit[S, E]) outcome(before, after S) (ref domain.BookingRef, place, drop []domain.Claim) {
	if e.claims == nil {
		return ref, nil, nil
	}
	_, held := e.claims(before)
	ref, named := e.claims(after)
	place, drop = domain.DiffClaims(held, named)
	return ref, place, drop
}

// release frees claims as well as it can. The command's answer stands either way; the keeper finishes.
func (s *Service) release(
	ctx context.Context, bookingID string, claims []domain.Claim, why domain.ReleaseReason, meta eventstore.Metadata,
) {
	if err := s.days.Release(ctx, claims, why, meta); err != nil {
		s.log.WarnContext(ctx, "claims left to the keeper", slog.String("booking_id", bookingID), slog.Any("error", err))
	}
}
