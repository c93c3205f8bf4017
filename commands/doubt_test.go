package commands_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/internal/claimtest"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// appends fails the appends to booking streams as told, for the given number of times.
func (s *salon) appends(op string, times int, err error) {
	s.store.Hook = func(at, stream string) error {
		if at != op || !strings.HasPrefix(stream, "booking-") || times == 0 {
			return nil
		}
		times--
		return err
	}
}

func TestADoubtThatARepeatResolves(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"before append", "after append"} {
		s := newSalon(t)
		s.appends(op, 1, eventstore.ErrInDoubt)
		if _, err := s.request(carla, anna, opening); err != nil {
			t.Errorf("in doubt %s: %v", op, err)
		}
		s.mustStand()
	}
}

func TestADoubtThatStaysKeepsItsClaims(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"before append", "after append"} {
		s := newSalon(t)
		s.appends(op, -1, eventstore.ErrInDoubt)
		o := s.key()
		_, err := s.RequestBooking(t.Context(), carla, o, wish(anna, opening))
		wantRefusal(t, err, domain.Unavailable, domain.CodeUnavailable)
		if n := len(s.claims(anna, "2026-06-16")); n != 1 {
			t.Errorf("in doubt %s: %d claims stand, want 1 until the keeper has looked", op, n)
		}
		if err := claimtest.Check(s.store.All(), false); err != nil {
			t.Error(err)
		}
		// The repeat under the same key finds out what came of it, or does it.
		s.store.Hook = nil
		r, err := s.RequestBooking(t.Context(), carla, o, wish(anna, opening))
		if err != nil || s.booking(r.ID).Status != domain.StatusPending {
			t.Errorf("in doubt %s, repeated: %v", op, err)
		}
	}
}

func TestADoubtAndThenAStoreThatIsAwayIsADoubt(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	answers := []error{eventstore.ErrInDoubt, eventstore.ErrUnavailable}
	s.store.Hook = func(op, stream string) error {
		if op != "before append" || !strings.HasPrefix(stream, "booking-") || len(answers) == 0 {
			return nil
		}
		err := answers[0]
		answers = answers[1:]
		return err
	}
	_, err := s.request(carla, anna, opening)
	wantRefusal(t, err, domain.Unavailable, domain.CodeUnavailable)
	if n := len(s.claims(anna, "2026-06-16")); n != 1 || len(answers) != 0 {
		t.Errorf("%d claims stand, want 1: the first try may yet be written", n)
	}
}

func TestAStoreThatIsAwayBeforeTheFactsGetsItsClaimsBack(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.appends("before append", 1, eventstore.ErrUnavailable)
	_, err := s.request(carla, anna, opening)
	wantRefusal(t, err, domain.Unavailable, domain.CodeUnavailable)
	s.mustStand()
}

func TestAReleaseThatFailsDoesNotFailTheCommand(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r := s.mustRequest(carla, anna, opening)
	s.store.Hook = func(op, stream string) error {
		if op == "before append" && strings.HasPrefix(stream, "staffday-") {
			return eventstore.ErrUnavailable
		}
		return nil
	}
	_, err := s.CancelBooking(t.Context(), carla, s.key(), commands.CancelBooking{BookingID: r.ID})
	s.must(err)
	if n := len(s.claims(anna, "2026-06-16")); n != 1 {
		t.Errorf("%d claims stand; the keeper should have one left to release", n)
	}
}

func TestConflictsWithoutEndAreGivenUp(t *testing.T) {
	t.Parallel()
	for prefix, code := range map[string]domain.Code{
		"booking-": domain.CodeConflict, "staffday-": domain.CodeUnavailable,
	} {
		s := newSalon(t)
		tries := 0
		s.store.Hook = func(op, stream string) error {
			if op == "before append" && strings.HasPrefix(stream, prefix) && tries < 5 {
				tries++
				return &eventstore.ConflictError{Stream: stream}
			}
			return nil
		}
		_, err := s.request(carla, anna, opening)
		if !isRefusal(err, code) || tries != 5 {
			t.Errorf("conflicts on %s: %v after %d tries", prefix, err, tries)
		}
		s.mustStand()
	}
}

func TestACommandEndsAtItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSalon(t, func(c *commands.Config) {
			c.Jitter = func(limit time.Duration) time.Duration { return 1000 * limit } // far too patient
		})
		s.store.Hook = func(op, stream string) error {
			if op == "before append" && strings.HasPrefix(stream, "staffday-") {
				return &eventstore.ConflictError{Stream: stream}
			}
			return nil
		}
		began := time.Now()
		_, err := s.request(carla, anna, opening)
		wantRefusal(t, err, domain.Unavailable, domain.CodeUnavailable)
		if took := time.Since(began); took != commands.DefaultDeadline {
			t.Errorf("it took %v", took)
		}
	})
}

func TestACommandThatHasBegunOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.store.Hook = func(op, stream string) error {
		if op == "after append" && strings.HasPrefix(stream, "staffday-") {
			cancel()
		}
		return nil
	}
	_, err := s.RequestBooking(ctx, carla, s.key(), wish(anna, opening))
	s.must(err)
	if ctx.Err() == nil {
		t.Fatal("the caller has not left")
	}
	s.mustStand()
}
