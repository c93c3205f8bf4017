package projections

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// timeline is the read model for audits: every step in the life of every booking, with who took it, when and why.
type timeline struct{ spec }

func (m timeline) steps() bun.Ident    { return m.table("timeline") }
func (m timeline) bookings() bun.Ident { return m.table("timeline_bookings") }

func (timeline) tables() []table {
	return []table{
		{part: "timeline", row: rowOf[timelineRow](), appended: true},
		{part: "timeline_bookings", row: rowOf[timelineBookingRow]()},
	}
}

func (m timeline) begin() fold {
	return &timelineFold{model: m, bookings: map[string]*timelineBookingRow{}}
}

// timelineBookingRow is what a booking was after its last step: a step is told from what it has changed.
type timelineBookingRow struct {
	bun.BaseModel `bun:"alias:tb"`

	BookingID string           `bun:"booking_id,pk"`
	Status    domain.Status    `bun:"status"`
	StartAt   instant          `bun:"start_at"`
	EndAt     instant          `bun:"end_at"`
	Segments  []domain.Segment `bun:"segments,type:json"`
	// StreamRevision is that of the last event, fences included.
	StreamRevision eventstore.Revision `bun:"stream_revision"`

	changed bool
	stored  bool                // the table has the row
	was     *timelineBookingRow // as the table has it, if it does and the row has changed
}

// remember keeps the row as it is before it changes.
func (r *timelineBookingRow) remember() {
	if r.stored {
		was := *r
		r.was = &was
	}
}

// state returns as much of the booking as steps are told from.
func (r *timelineBookingRow) state() domain.Booking {
	return domain.Booking{
		BookingRef: domain.BookingRef{BookingID: r.BookingID}, Status: r.Status,
		Plan: domain.Plan{Segments: r.Segments, StartAt: r.StartAt.time(), EndAt: r.EndAt.time()},
	}
}

func (r *timelineBookingRow) take(b domain.Booking) {
	r.Status, r.Segments, r.StartAt, r.EndAt = b.Status, b.Segments, toInstant(b.StartAt), toInstant(b.EndAt)
}

// timelineFold is the steps since the last write, and the bookings that they are of.
type timelineFold struct {
	model    timeline
	bookings map[string]*timelineBookingRow
	changed  []*timelineBookingRow
	steps    []timelineRow
}

func (f *timelineFold) prepare(ctx context.Context, db lookup, events []eventstore.Recorded) error {
	var ids []string
	for _, e := range events {
		if fact, ok := e.Event.(domain.BookingEvent); ok {
			if id := domain.BookingOf(fact); f.bookings[id] == nil {
				ids = append(ids, id)
			}
		}
	}
	rows, err := lookUp[*timelineBookingRow](ctx, db, f.model.bookings(), idKeys("booking_id", ids))
	for _, r := range rows {
		r.stored = true
		f.bookings[r.BookingID] = r
	}
	return err
}

func (f *timelineFold) add(e eventstore.Recorded) error {
	fact, ok := e.Event.(domain.BookingEvent)
	if !ok {
		return nil
	}
	id := domain.BookingOf(fact)
	row := f.bookings[id]
	if row == nil {
		if domain.IsFence(fact) {
			return nil // the booking does not exist, and does not by this
		}
		if !begins(fact) {
			return errCannotApply(e, "the booking was never requested")
		}
		row = &timelineBookingRow{BookingID: id, StreamRevision: e.Revision - 1}
		f.bookings[id] = row
	}
	if is, err := follows(e, row.StreamRevision); !is {
		return err
	}
	if !row.changed {
		f.changed = append(f.changed, row)
		row.remember()
	}
	row.changed, row.StreamRevision = true, e.Revision
	if domain.IsFence(fact) {
		return nil
	}
	before := row.state()
	after := before.Evolve(fact)
	row.take(after)
	f.steps = append(f.steps, newTimelineRow(e, fact, before, after))
	return nil
}

func (f *timelineFold) write(ctx context.Context, w writer) error {
	var fresh []*timelineBookingRow
	var stored []change[timelineBookingRow]
	slices.SortFunc(f.changed, func(a, b *timelineBookingRow) int { return cmp.Compare(a.BookingID, b.BookingID) })
	for _, r := range f.changed {
		if r.stored {
			stored = append(stored, change[timelineBookingRow]{was: r.was, now: owned(w, r)})
		} else {
			fresh = append(fresh, owned(w, r))
		}
	}
	if err := add(ctx, w, f.model.bookings(), fresh); err != nil {
		return err
	}
	if err := rewrite(ctx, w, f.model.bookings(), stored); err != nil {
		return err
	}
	if err := add(ctx, w, f.model.steps(), f.steps); err != nil {
		return err
	}
	for _, r := range f.changed {
		r.changed, r.stored, r.was = false, true, nil
	}
	f.changed, f.steps = nil, nil
	return nil
}

func (f *timelineFold) pending() int { return len(f.steps) + len(f.changed) }

func (f *timelineFold) known() int { return len(f.bookings) }

func (f *timelineFold) forget(all bool) {
	maps.DeleteFunc(f.bookings, func(_ string, r *timelineBookingRow) bool { return all || !r.Status.Open() })
}
