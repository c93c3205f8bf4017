package subscription

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"
)

// grant is a lease that has been taken.
type grant struct {
	term  int64
	since time.Time // the own clock before it was asked for
}

// compete returns when the lease is taken. The error is a *ForeignStoreError, or the cause of ctx's end.
func (l *Lease) compete(ctx context.Context) (grant, error) {
	for failures := 0; ; {
		g := grant{since: time.Now()}
		held, err := l.attempt(ctx, &g)
		poll := min(l.TTL/renewals, longestPoll)
		switch {
		case g.term > 0:
			return g, nil // also when ctx has just ended: it has to be given back
		case ctx.Err() != nil:
			return grant{}, context.Cause(ctx)
		case errors.As(err, new(*ForeignStoreError)):
			return grant{}, err
		case err != nil:
			if failures++; failures == 1 {
				l.Logger.WarnContext(ctx, "lease not taken", slog.Any("error", err))
			}
		default:
			failures = 0
			l.Standby(held.LeaseStatus)
			poll = min(poll, held.left+time.Millisecond) // it runs out by then, unless it is renewed
		}
		sleep(ctx, l.spread(poll))
	}
}

// holding is a lease that another has.
type holding struct {
	LeaseStatus

	left time.Duration // until it runs out
}

// attempt takes the lease, if it is free, and notes the term; else it returns who has it. It looks before it locks: those who
// wait do so most of the time, and writers are not to wait for them.
func (l *Lease) attempt(ctx context.Context, g *grant) (held holding, err error) {
	if !l.Exclusive {
		var free bool
		if held, free, err = l.look(ctx, l.DB.Read, ""); err != nil || !free {
			return held, err
		}
	}
	term := int64(0)
	err = l.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		term = 0 // the transaction may run again
		var free bool
		// The lock waits for transactions that have checked the old term: none of them may commit after this one.
		held, free, err = l.look(ctx, tx, lockClause(tx, forUpdate))
		if err != nil || !free && !l.Exclusive {
			return err
		}
		term, err = l.write(ctx, tx, held.LeaseStatus)
		return err
	})
	if err != nil {
		return holding{}, fmt.Errorf("take lease: %w", err)
	}
	g.term = term
	return held, nil
}

// look returns the row, and whether it is free for this competitor.
func (l *Lease) look(ctx context.Context, db bun.IDB, lock string) (held holding, free bool, err error) {
	held.LeaseStatus, err = readLease(ctx, db, l.Name, lock)
	if err != nil {
		return held, false, fmt.Errorf("read lease: %w", err)
	}
	if held.Term > 0 && held.StoreID != l.StoreID {
		return held, false, &ForeignStoreError{Name: l.Name, Have: held.StoreID, Want: l.StoreID}
	}
	if held.Owner == "" {
		return held, true, nil
	}
	if held.ExpiresAt.IsZero() {
		held.left = l.TTL
		return held, false, nil
	}
	now, err := l.Now(ctx, db)
	if err != nil {
		return held, false, fmt.Errorf("read the database's clock: %w", err)
	}
	held.left = held.ExpiresAt.Sub(now)
	return held, held.left < 0, nil
}

// write begins the next term; it returns 0 when somebody was faster. The first one follows the term of the checkpoint, should
// the row have been removed.
func (l *Lease) write(ctx context.Context, tx bun.Tx, old LeaseStatus) (term int64, err error) {
	now, err := l.Now(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("read the database's clock: %w", err)
	}
	term = old.Term
	if term == 0 {
		err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(term), 0) FROM checkpoints WHERE name = ?`, l.Name).Scan(&term)
		if err != nil {
			return 0, err
		}
	}
	term++
	n, err := affected(tx.ExecContext(ctx, `INSERT INTO leases (name, store_id, owner, term, taken_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, term = excluded.term, taken_at = excluded.taken_at,
			expires_at = excluded.expires_at
		WHERE leases.term = ?`,
		l.Name, l.StoreID, l.Owner, term, now.UnixMicro(), l.expiry(now), old.Term))
	if err != nil || n == 0 {
		return 0, err
	}
	return term, nil
}

// expiry is what the row says of a lease that is taken or renewed now; NULL for one that does not end by time.
func (l *Lease) expiry(now time.Time) *int64 {
	if l.Exclusive {
		return nil
	}
	at := now.Add(l.TTL).UnixMicro()
	return &at
}
