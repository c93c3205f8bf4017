// Package staffdays places and releases claims on the streams that own the staff's time.
//
// It promises to take the streams in sorted order, to append at exact revisions only, and to leave nothing behind that it
// can take back. What it cannot (a crash, a doubt, a store that is away) is the claim keeper's. It never asks whether a
// release is safe: its callers know.
package staffdays

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

const (
	// attempts bounds how often one staff-day is decided again when others write to it.
	attempts = 5
	// releases bounds the same for a clean-up, which nobody waits for and which spares the keeper a fence.
	releases = 20
	// releaseTime bounds a clean-up: it runs on time of its own, because the command's may be used up.
	releaseTime = 2 * time.Second
)

// ErrBusy says that a staff-day changed so often that a claim could not be placed or released.
var ErrBusy = errors.New("staff-day is busy")

// Taken says that another booking holds time that a claim needs.
type Taken struct{ Claim domain.Claim }

// Error names the claim's member and segment.
func (t *Taken) Error() string {
	return "time of " + t.Claim.StaffID + " for " + t.Claim.SegmentID + " is taken"
}

// Days appends to staff-days.
type Days struct {
	Store aggregate.Store
	// Pause waits before the given repeat (from 1), or fails when ctx ends first.
	Pause func(ctx context.Context, repeat int) error
	// Log gets what Place could not take back; nobody else hears of it.
	Log *slog.Logger
}

// part is what of some claims stands on one staff-day.
type part struct {
	staffID, day string
	claims       []domain.Claim
}

func (p part) stream() string { return domain.StaffDayStream(p.staffID, p.day) }

func (p part) ids() []string {
	ids := make([]string, 0, len(p.claims))
	for _, c := range p.claims {
		ids = append(ids, c.ClaimID)
	}
	return ids
}

// split sorts claims by the streams on which they stand. One order for all keeps two commands from chasing one another.
func split(claims []domain.Claim) []part {
	var parts []part
	for _, c := range claims {
		for _, day := range c.Days() {
			i := slices.IndexFunc(parts, func(p part) bool { return p.staffID == c.StaffID && p.day == day })
			if i < 0 {
				i = len(parts)
				parts = append(parts, part{staffID: c.StaffID, day: day})
			}
			parts[i].claims = append(parts[i].claims, c)
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.stream(), b.stream()) })
	return parts
}

// Place puts all claims of a booking on their days, or none: after a failure it takes back what it has placed. It fails with
// *Taken, ErrBusy, or the store's error. A claim whose append is in doubt is left to the keeper.
func (d Days) Place(ctx context.Context, bookingID string, claims []domain.Claim, meta eventstore.Metadata) error {
	parts := split(claims)
	for i, p := range parts {
		err := d.change(ctx, p, meta, attempts, func(day domain.StaffDay) ([]domain.StaffDayEvent, error) {
			return place(day, bookingID, p)
		})
		if err != nil {
			if left := d.release(ctx, parts[:i], domain.ReleaseRefused, meta); left != nil {
				d.Log.WarnContext(ctx, "claims left to the keeper", slog.String("booking_id", bookingID), slog.Any("error", left))
			}
			return err
		}
	}
	return nil
}

func place(day domain.StaffDay, bookingID string, p part) ([]domain.StaffDayEvent, error) {
	var facts []domain.StaffDayEvent
	for _, c := range p.claims {
		placed, err := day.Place(bookingID, p.day, []domain.Claim{c})
		if err != nil {
			return nil, &Taken{Claim: c}
		}
		facts = append(facts, placed...)
	}
	return facts, nil
}

// Release frees the claims, by id, on every day on which they stand. It works on its own time even when ctx has ended, goes
// on past a day that fails, and frees nothing twice.
func (d Days) Release(ctx context.Context, claims []domain.Claim, why domain.ReleaseReason, meta eventstore.Metadata) error {
	return d.release(ctx, split(claims), why, meta)
}

func (d Days) release(ctx context.Context, parts []part, why domain.ReleaseReason, meta eventstore.Metadata) error {
	if len(parts) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	var failed error
	for _, p := range parts {
		failed = errors.Join(failed, d.change(ctx, p, meta, releases, func(day domain.StaffDay) ([]domain.StaffDayEvent, error) {
			return day.Release(p.day, p.ids(), why), nil
		}))
	}
	return failed
}

// change decides and appends on one staff-day, again when another was faster.
func (d Days) change(
	ctx context.Context, p part, meta eventstore.Metadata, times int,
	decide func(domain.StaffDay) ([]domain.StaffDayEvent, error),
) error {
	for n := range times {
		if n > 0 {
			if err := d.Pause(ctx, n); err != nil {
				return fmt.Errorf("%w: %w", ErrBusy, err)
			}
		}
		err := d.attempt(ctx, p.stream(), meta, decide)
		if !aggregate.Conflicted(err) {
			return err
		}
	}
	return ErrBusy
}

func (d Days) attempt(
	ctx context.Context, stream string, meta eventstore.Metadata, decide func(domain.StaffDay) ([]domain.StaffDayEvent, error),
) error {
	day, err := aggregate.Load[domain.StaffDay, domain.StaffDayEvent](ctx, d.Store, stream)
	if err != nil {
		return err
	}
	facts, err := decide(day.State)
	if err != nil || len(facts) == 0 {
		return err
	}
	events := make([]domain.Event, 0, len(facts))
	for _, f := range facts {
		events = append(events, f)
	}
	_, err = aggregate.Append(ctx, d.Store, eventstore.Append{
		Stream: stream, Expected: day.Revision, Events: events, Metadata: meta,
	})
	return err
}
