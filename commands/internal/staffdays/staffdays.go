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

// Loader loads staff-days.
type Loader = aggregate.Loader[domain.StaffDay, domain.StaffDayEvent]

// NewLoader returns a loader of staff-days over the store.
func NewLoader(store aggregate.Store) *Loader {
	return aggregate.NewLoader[domain.StaffDay, domain.StaffDayEvent](store)
}

// Days appends to staff-days.
type Days struct {
	Loader *Loader
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
func (d Days) Place(ctx context.Context, ref domain.BookingRef, claims []domain.Claim, meta eventstore.Metadata) error {
	parts := split(claims)
	for i, p := range parts {
		err := d.Change(ctx, p.stream(), meta, attempts, func(day domain.StaffDay) ([]domain.StaffDayEvent, error) {
			return place(day, ref, p)
		})
		if err != nil {
			if left := d.release(ctx, parts[:i], domain.ReleaseRefused, meta); left != nil {
				d.Log.WarnContext(ctx, "claims left to the keeper", slog.String("booking_id", ref.BookingID), slog.Any("error", left))
			}
			return err
		}
	}
	return nil
}

func place(day domain.StaffDay, ref domain.BookingRef, p part) ([]domain.StaffDayEvent, error) {
	var facts []domain.StaffDayEvent
	for _, c := range p.claims {
		placed, err := day.Place(ref, p.day, []domain.Claim{c})
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
		failed = errors.Join(failed, d.Change(ctx, p.stream(), meta, releases, func(day domain.StaffDay) ([]domain.StaffDayEvent, error) {
			return day.Release(p.day, p.ids(), why), nil
		}))
	}
	return failed
}

// Change decides and appends on one staff-day, again when another was faster, so many times at most. It fails with ErrBusy, the
// store's error, or what decide fails with on the day's latest state.
func (d Days) Change(
	ctx context.Context, stream string, meta eventstore.Metadata, times int,
	decide func(domain.StaffDay) ([]domain.StaffDayEvent, error),
) error {
	unlock, err := d.Loader.Lock(ctx, stream)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	defer unlock()
	for n := range times {
		if n > 0 {
			if err := d.Pause(ctx, n); err != nil {
				return fmt.Errorf("%w: %w", ErrBusy, err)
			}
		}
		err := d.attempt(ctx, stream, meta, n == 0, decide)
		if !aggregate.Conflicted(err) {
			return err
		}
	}
	return ErrBusy
}

// attempt decides once. A day that is kept may be behind: good enough to append to, because the store compares revisions, but
// not to refuse or to do nothing.
func (d Days) attempt(
	ctx context.Context, stream string, meta eventstore.Metadata, first bool,
	decide func(domain.StaffDay) ([]domain.StaffDayEvent, error),
) error {
	day, kept := d.Loader.Kept(stream)
	if kept && first {
		if facts, err := decide(day.State); err == nil && len(facts) > 0 {
			_, err := d.Loader.Append(ctx, day, facts, meta)
			return err
		}
	}
	day, err := d.Loader.Fresh(ctx, stream)
	if err != nil {
		return err
	}
	facts, err := decide(day.State)
	if err != nil || len(facts) == 0 {
		return err
	}
	_, err = d.Loader.Append(ctx, day, facts, meta)
	return err
}

// Conflicts lists the claims that a leave overlaps on all its days, each claim once, in the order of their time.
func (d Days) Conflicts(ctx context.Context, l domain.LeaveRef) ([]domain.LeaveConflict, error) {
	var conflicts []domain.LeaveConflict
	for _, date := range l.Days() {
		day, err := d.Loader.Fresh(ctx, domain.StaffDayStream(l.StaffID, date))
		if err != nil {
			return nil, err
		}
		for _, c := range day.State.Conflicts(l) {
			// One that crosses midnight stands on both days.
			if !slices.ContainsFunc(conflicts, func(have domain.LeaveConflict) bool { return have.ClaimID == c.ClaimID }) {
				conflicts = append(conflicts, c)
			}
		}
	}
	return conflicts, nil
}
