package claimkeeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/royalglow/booking/domain"
)

// Report counts what was done with claims.
type Report struct {
	Bookings int // looked at
	Kept     int // named by their booking
	Released int
	Fenced   int // of those released, how many no booking had named
}

func (r Report) plus(o Report) Report {
	return Report{
		Bookings: r.Bookings + o.Bookings, Kept: r.Kept + o.Kept,
		Released: r.Released + o.Released, Fenced: r.Fenced + o.Fenced,
	}
}

// SettleDue settles the claims that are due now, some hundred bookings at most. A booking that fails is tried again later and
// keeps no other waiting; the error joins all failures.
func (k *Keeper) SettleDue(ctx context.Context) (Report, error) {
	now := k.now().UTC()
	bookings, err := readDue(ctx, k.db.Read, now, perRound)
	if err != nil {
		return Report{}, err
	}
	return k.settleAll(ctx, bookings, now, func(r row) bool { return !r.due.IsZero() && !r.due.After(now) })
}

// Sweep settles every claim that the keeper knows, due or not, those included that bookings are believed to name. It may run
// at any time, beside commands and beside Run.
func (k *Keeper) Sweep(ctx context.Context) (Report, error) {
	var total Report
	var failed error
	for after := ""; ; {
		bookings, err := readBookings(ctx, k.db.Read, after, perRound)
		if err != nil || len(bookings) == 0 {
			return total, errors.Join(failed, err)
		}
		report, err := k.settleAll(ctx, bookings, k.now().UTC(), func(row) bool { return true })
		total, failed = total.plus(report), errors.Join(failed, err)
		if ctx.Err() != nil {
			return total, errors.Join(failed, ctx.Err())
		}
		after = bookings[len(bookings)-1]
	}
}

func (k *Keeper) settleAll(ctx context.Context, bookings []string, now time.Time, want func(row) bool) (Report, error) {
	var total Report
	var failed error
	rows, err := readLedger(ctx, k.db.Read, bookings)
	if err != nil {
		return Report{}, err
	}
	byBooking := map[string]ledger{}
	for key, r := range rows {
		if byBooking[r.bookingID] == nil {
			byBooking[r.bookingID] = ledger{}
		}
		byBooking[r.bookingID][key] = r
	}
	for _, id := range bookings {
		report, err := k.settleOne(ctx, id, byBooking[id].claims(want), now)
		if ctx.Err() != nil {
			return total, ctx.Err()
		}
		total = total.plus(report)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("settle claims of %s: %w", id, err))
		}
	}
	return total, failed
}

// settleOne settles and, whatever came of it, leaves the claims alone for a while: their rows go with the events that the
// release has made, which the keeper has yet to see.
func (k *Keeper) settleOne(ctx context.Context, id string, claims []domain.Claim, now time.Time) (Report, error) {
	if len(claims) == 0 {
		return Report{}, nil
	}
	report, err := k.settler.settle(ctx, id, claims)
	report.Bookings = 1
	return report, errors.Join(err, postpone(ctx, k.db.Write, id, now, now.Add(k.retry)))
}
