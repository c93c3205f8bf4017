package claimkeeper

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/commands/internal/staffdays"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// fenceAttempts bounds how often a booking is read again because it changed under a fence.
const fenceAttempts = 5

// errMoving says that a booking changed so often that its strays could not be fenced.
var errMoving = errors.New("booking is changing too often")

// history is a booking with all claims that it ever named or barred.
type history struct {
	booking       domain.Booking
	named, fenced []string
}

// Evolve folds one fact.
func (h history) Evolve(e domain.BookingEvent) history {
	before := h.booking.Claims
	h.booking = h.booking.Evolve(e)
	// A claim is noted once: most facts change none, and a booking may have thousands.
	if added, _ := domain.DiffClaims(before, h.booking.Claims); len(added) > 0 {
		h.named = append(slices.Clip(h.named), ids(added)...)
	}
	switch e := e.(type) { //nolint:gochecksumtype // only fences bar claims
	case domain.BookingClaimFenced:
		h.fenced = append(slices.Clip(h.fenced), e.ClaimIDs...)
	case domain.BookingAbandoned:
		h.fenced = append(slices.Clip(h.fenced), e.ClaimIDs...)
	}
	return h
}

// sort divides claims into those that the booking names, those that it can never name again, and those of which a command
// that is under way may still hold the ids.
func (h history) sort(claims []domain.Claim) (kept, gone, stray []domain.Claim) {
	for _, c := range claims {
		switch {
		case slices.ContainsFunc(h.booking.Claims, func(n domain.Claim) bool { return n.ClaimID == c.ClaimID }):
			kept = append(kept, c)
		case slices.Contains(h.named, c.ClaimID), slices.Contains(h.fenced, c.ClaimID):
			gone = append(gone, c)
		default:
			stray = append(stray, c)
		}
	}
	return kept, gone, stray
}

// settler looks at claims and releases those that no booking names or can come to name.
type settler struct {
	store aggregate.Store
	days  staffdays.Days
	now   func() time.Time
}

// settle brings the claims of one booking to an end. The stream alone decides; what the caller believes of the claims does
// not matter, and neither does how old they are.
func (s settler) settle(ctx context.Context, bookingID string, claims []domain.Claim) (Report, error) {
	for range fenceAttempts {
		at, err := aggregate.Load[history, domain.BookingEvent](ctx, s.store, domain.BookingStream(bookingID))
		if err != nil {
			return Report{}, err
		}
		kept, gone, stray := at.State.sort(claims)
		if err := s.fence(ctx, bookingID, at, stray); aggregate.Conflicted(err) {
			continue // the booking has changed; it may name them now
		} else if err != nil {
			return Report{}, err
		}
		err = errors.Join(
			s.release(ctx, bookingID, gone, domain.ReleaseDropped),
			s.release(ctx, bookingID, stray, domain.ReleaseFenced),
		)
		return Report{Kept: len(kept), Released: len(gone) + len(stray), Fenced: len(stray)}, err
	}
	return Report{}, errMoving
}

// fence bars claims at the revision that was read: a command that loaded the booking before can append nothing any more.
func (s settler) fence(ctx context.Context, bookingID string, at aggregate.Loaded[history], stray []domain.Claim) error {
	facts := at.State.booking.Fence(bookingID, ids(stray))
	if len(facts) == 0 {
		return nil
	}
	events := make([]domain.Event, 0, len(facts))
	for _, f := range facts {
		events = append(events, f)
	}
	_, err := aggregate.Append(ctx, s.store, eventstore.Append{
		Stream: at.Stream, Expected: at.Revision, Events: events, Metadata: s.metadata("fence", bookingID, stray),
	})
	return err
}

func (s settler) release(ctx context.Context, bookingID string, claims []domain.Claim, why domain.ReleaseReason) error {
	if err := s.days.Release(ctx, claims, why, s.metadata("release", bookingID, claims)); err != nil {
		return fmt.Errorf("release claims of %s: %w", bookingID, err)
	}
	return nil
}

// metadata gives what the keeper does an identity that is the same whenever it is done.
func (s settler) metadata(verb, bookingID string, claims []domain.Claim) eventstore.Metadata {
	sum := sha256.Sum256([]byte(Name + "\x00" + verb + "\x00" + bookingID + "\x00" + strings.Join(ids(claims), "\x00")))
	id := hex.EncodeToString(sum[:])
	return eventstore.Metadata{
		SchemaVersion: domain.SchemaVersion,
		CorrelationID: id, CausationID: id, CommandID: id,
		Actor: domain.Actor{Role: domain.RoleSystem}, OccurredAt: s.now().UTC(),
	}
}

func ids(claims []domain.Claim) []string {
	out := make([]string, 0, len(claims))
	for _, c := range claims {
		out = append(out, c.ClaimID)
	}
	return out
}
