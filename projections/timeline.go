package projections

import (
	"context"

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
	return &timelineFold{model: m, bookings: newRowCache((*timelineBookingRow).id)}
}

// timelineBookingRow is what a booking was after its last step: a step is told from what it has changed.
type timelineBookingRow struct {
	bun.BaseModel `bun:"alias:tb"`

	BookingID string        `bun:"booking_id,pk"`
	Status    domain.Status `bun:"status"`
	StartAt   instant       `bun:"start_at"`
	EndAt     instant       `bun:"end_at"`
	Segments  segmentTuples `bun:"segments,type:json"`
	// StreamRevision is that of the last event, fences included.
	StreamRevision eventstore.Revision `bun:"stream_revision"`
}

func (r *timelineBookingRow) id() string { return r.BookingID }

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
	bookings rowCache[timelineBookingRow]
	steps    []timelineRow
}

func (f *timelineFold) prepare(ctx context.Context, from lookup, events []eventstore.Recorded) error {
	var ids []string
	for _, e := range events {
		if fact, ok := e.Event.(domain.BookingEvent); ok {
			ids = append(ids, domain.BookingOf(fact))
		}
	}
	return f.bookings.fetch(ctx, from.db, f.model.bookings(), "booking_id", ids)
}

func (f *timelineFold) add(e eventstore.Recorded) error {
	fact, ok := e.Event.(domain.BookingEvent)
	if !ok {
		return nil
	}
	id := domain.BookingOf(fact)
	booking := f.bookings.rows[id]
	if booking == nil {
		if is, err := isFirst(e, fact); !is {
			return err
		}
		booking = f.bookings.begin(timelineBookingRow{BookingID: id, StreamRevision: e.Revision - 1})
	}
	row := &booking.row
	if is, err := follows(e, row.StreamRevision); !is {
		return err
	}
	f.bookings.change(booking)
	row.StreamRevision = e.Revision
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
	fresh, stored := f.bookings.take(w)
	if err := add(ctx, w, f.model.bookings(), fresh); err != nil {
		return err
	}
	if err := rewrite(ctx, w, f.model.bookings(), stored); err != nil {
		return err
	}
	if err := add(ctx, w, f.model.steps(), f.steps); err != nil {
		return err
	}
	f.steps = nil
	return nil
}

func (f *timelineFold) pending() int { return len(f.steps) + len(f.bookings.changed) }

func (f *timelineFold) known() int { return len(f.bookings.rows) }

func (f *timelineFold) forget(all bool) {
	f.bookings.forget(func(r *timelineBookingRow) bool { return all || !r.Status.Open() })
}
