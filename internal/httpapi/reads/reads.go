// Package reads joins the read models and the availability index into what commands ask of them. The three do not know one
// another; this is where they meet.
package reads

import (
	"context"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/projections/availability"
)

// Reads is what commands ask of the read models.
type Reads struct {
	queries *projections.Queries
	index   *availability.Index
}

// Commands can be made with it.
var _ commands.Reads = (*Reads)(nil)

// New returns the reads over both.
func New(queries *projections.Queries, index *availability.Index) *Reads {
	return &Reads{queries: queries, index: index}
}

// Index returns an empty index that loads itself from the read models; see availability.New.
func Index(queries *projections.Queries, now func() time.Time) *availability.Index {
	return availability.New(availability.Config{Now: now, Load: func(ctx context.Context, since time.Time) (availability.Snapshot, error) {
		return load(ctx, queries, since)
	}})
}

func load(ctx context.Context, q *projections.Queries, since time.Time) (s availability.Snapshot, err error) {
	if s.Branches, s.Staff, s.Catalogue, err = q.Catalogue(ctx); err != nil {
		return s, err
	}
	busy, err := q.Busy(ctx, since)
	if err != nil {
		return s, err
	}
	s.Schedule = busy.Position
	for _, slot := range busy.Slots {
		s.Slots = append(s.Slots, availability.Slot{
			BookingID: slot.BookingID, SegmentID: slot.SegmentID, StaffID: slot.StaffID, Interval: slot.Interval,
		})
	}
	for _, b := range busy.Blocks {
		s.Blocks = append(s.Blocks, availability.Block{
			LeaveID: b.LeaveID, StaffID: b.StaffID, Interval: b.Interval, Days: len(b.Days),
		})
	}
	return s, nil
}

// StaffFor asks the index.
func (r *Reads) StaffFor(ctx context.Context, branchID, serviceID string, busy []domain.Interval) ([]string, error) {
	return r.index.StaffFor(ctx, branchID, serviceID, busy)
}

// Doubted asks the index.
func (r *Reads) Doubted(_ context.Context, branchID string, segments []domain.Segment) (doubted []string, _ error) {
	for _, s := range segments {
		if !r.index.Performs(branchID, s.ServiceID, s.StaffID) {
			doubted = append(doubted, s.StaffID)
		}
	}
	return doubted, nil
}

// SeenBookings waits for the bookings.
func (r *Reads) SeenBookings(ctx context.Context, at eventstore.Position) error {
	return r.queries.SeenBookings(ctx, at)
}

// ActiveBookings asks the bookings.
func (r *Reads) ActiveBookings(ctx context.Context, customerID string) (int, error) {
	return r.queries.ActiveBookings(ctx, customerID)
}

// NeedsApproval asks the customers.
func (r *Reads) NeedsApproval(ctx context.Context, customerID string) (bool, error) {
	return r.queries.NeedsApproval(ctx, customerID)
}

// Overlapping asks the bookings.
func (r *Reads) Overlapping(ctx context.Context, customerID string, during domain.Interval, except string) (bool, error) {
	return r.queries.Overlapping(ctx, customerID, during.StartAt, during.EndAt, except)
}

// OwnTime asks the bookings.
func (r *Reads) OwnTime(ctx context.Context, customerID, except string) (own []domain.Interval, err error) {
	visits, err := r.queries.OpenVisits(ctx, customerID)
	for _, v := range visits {
		if v.BookingID != except {
			own = append(own, v.Interval)
		}
	}
	return own, err
}

// ClosureConflicts asks the bookings.
func (r *Reads) ClosureConflicts(ctx context.Context, branchID string, during domain.Interval) ([]string, error) {
	return r.queries.ClosureConflicts(ctx, branchID, during.StartAt, during.EndAt)
}

// OnShift asks the index.
func (r *Reads) OnShift(ctx context.Context, branchID string, during domain.Interval) ([]string, error) {
	return r.index.OnShift(ctx, branchID, during)
}

// Nearest asks the index.
func (r *Reads) Nearest(ctx context.Context, w commands.Wanted) ([]commands.Alternative, error) {
	found, err := r.index.Nearest(ctx, availability.Nearby{
		BranchID: w.BranchID, Segments: w.Segments, ExceptBookingID: w.ExceptBookingID, Policy: w.Policy, Limit: w.Limit,
	})
	alternatives := make([]commands.Alternative, 0, len(found))
	for _, f := range found {
		alternatives = append(alternatives, commands.Alternative{
			StartAt: f.StartAt, EndAt: f.EndAt, LocalDate: f.LocalDate, LocalStart: f.LocalStart, StaffIDs: f.StaffIDs,
		})
	}
	return alternatives, err
}
