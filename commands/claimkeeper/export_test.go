package claimkeeper

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/commands/internal/staffdays"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Instant is the keeper without a database and without patience: it folds what it is given and settles all of it at once.
type Instant struct{ rows ledger }

// Fold takes events of the log, in order.
func (i *Instant) Fold(events []eventstore.Recorded) {
	if i.rows == nil {
		i.rows = ledger{}
	}
	for _, e := range events {
		i.rows.apply(e, time.Time{}.Add(1), graces{})
	}
}

// Settle settles what is not settled as far as the rows know; all settles the named claims as well, as a sweep does.
func (i *Instant) Settle(ctx context.Context, store aggregate.Store, all bool) (Report, error) {
	s := settler{store: store, now: func() time.Time { return time.Unix(0, 0) }, days: staffdays.Days{
		Loader: staffdays.NewLoader(store), Log: slog.New(slog.DiscardHandler),
		Pause: func(ctx context.Context, _ int) error { return ctx.Err() },
	}}
	byBooking := map[string]ledger{}
	var order []string
	for _, c := range i.rows.claims(func(r row) bool { return all || r.state != named }) {
		for k, r := range i.rows {
			if k.claimID != c.ClaimID {
				continue
			}
			if byBooking[r.bookingID] == nil {
				byBooking[r.bookingID], order = ledger{}, append(order, r.bookingID)
			}
			byBooking[r.bookingID][k] = r
		}
	}
	var total Report
	for _, id := range order {
		report, err := s.settle(ctx, id, byBooking[id].claims(func(row) bool { return true }))
		total = total.plus(report)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// Named folds facts and lists the claims that the booking has named.
func Named(facts []domain.BookingEvent) []string {
	var h history
	for _, f := range facts {
		h = h.Evolve(f)
	}
	return h.named
}

// Rows lists what the fold knows, sorted; Due is 0 where nothing is due.
func (i *Instant) Rows() []string { return i.rows.describe() }

// Rows lists what the keeper's table holds, in the same form.
func (k *Keeper) Rows(ctx context.Context) ([]string, error) {
	bookings, err := readBookings(ctx, k.db.Read, "", 1000)
	if err != nil {
		return nil, err
	}
	l, err := readLedger(ctx, k.db.Read, bookings)
	return l.describe(), err
}

func (l ledger) describe() []string {
	out := make([]string, 0, len(l))
	for k, r := range l {
		out = append(out, fmt.Sprint(k.claimID, k.day, r.Claim, r.day, r.bookingID, r.state, r.due.IsZero()))
	}
	slices.Sort(out)
	return out
}
