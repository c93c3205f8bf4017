package subscription

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
)

// resignTime bounds how long an owner that stops tries to say so. Others get the lease without it, only later.
const resignTime = 5 * time.Second

// own calls fn for as long as the lease is surely held, and gives it back. rest says that fn has failed by itself.
func (l *Lease) own(ctx context.Context, g grant, fn func(ctx context.Context) error) (rest bool) {
	if !l.Exclusive && time.Since(g.since) >= l.window() {
		l.resign(ctx, g.term) // taking it has taken so long that it is no use any more
		return false
	}
	l.Logger.LogAttrs(ctx, l.level(), "lease taken", slog.Int64("term", g.term))
	// The lease outlives ctx: what fn has in hand when it is told to stop is still protected.
	trust, lose := context.WithCancelCause(context.WithoutCancel(ctx))
	defer lose(nil)
	var held *atomic.Int64
	if !l.Exclusive {
		held = &atomic.Int64{}
		held.Store(int64(l.window()))
	}
	work, stop := context.WithCancelCause(withTenure(ctx, tenure{
		name: l.Name, owner: l.Owner, term: g.term, lost: trust.Done(), since: g.since, held: held,
	}))
	defer stop(nil)
	unlink := context.AfterFunc(trust, func() { stop(context.Cause(trust)) })
	defer unlink()
	var renewing sync.WaitGroup
	if !l.Exclusive {
		renewing.Go(func() { l.keep(trust, g, held, lose) })
	}
	err := fn(work)
	lost := context.Cause(trust)
	stop(nil) // whatever fn has left behind must know before anybody else begins
	lose(nil)
	renewing.Wait()
	if lost != nil {
		l.Logger.WarnContext(ctx, "lease lost", slog.Int64("term", g.term), slog.Any("error", lost))
	}
	if !errors.Is(lost, ErrTermOver) && !errors.Is(err, ErrTermOver) {
		l.resign(ctx, g.term)
	}
	if err == nil || lost != nil || ctx.Err() != nil || errors.Is(err, ErrTermOver) {
		return false
	}
	l.Logger.WarnContext(ctx, "owner failed", slog.Int64("term", g.term), slog.Duration("rest", l.Rest), slog.Any("error", err))
	return true
}

// keep renews the lease until trust ends, and ends trust itself when the lease may be lost. The time that counts is the own
// clock's since the last renewal that succeeded was begun: the row cannot run out before it says so.
func (l *Lease) keep(trust context.Context, g grant, held *atomic.Int64, lose context.CancelCauseFunc) {
	window := l.window()
	deadline := time.AfterFunc(time.Until(g.since.Add(window)), func() {
		lose(fmt.Errorf("%w: it was not renewed for %v", ErrLeaseLost, window))
	})
	defer deadline.Stop()
	wait, failures := l.spread(l.TTL/renewals), 0
	for {
		sleep(trust, wait)
		if trust.Err() != nil {
			return
		}
		began := time.Now()
		ours, err := l.renew(trust, g.term)
		switch {
		case trust.Err() != nil:
			return
		case err != nil:
			if failures++; failures == 1 {
				l.Logger.WarnContext(trust, "lease not renewed", slog.Any("error", err))
			}
			wait = l.spread(l.TTL / (renewals * marginParts))
		case !ours:
			lose(fmt.Errorf("%w: %w", ErrLeaseLost, &TermOverError{Name: l.Name, Term: g.term}))
			return
		case !deadline.Stop():
			return // too late
		default:
			held.Store(int64(began.Add(window).Sub(g.since)))
			deadline.Reset(time.Until(began.Add(window)))
			wait, failures = l.spread(l.TTL/renewals), 0
		}
	}
}

// window is for how long an owner trusts in a lease that he has taken or renewed.
func (l *Lease) window() time.Duration { return l.TTL - l.TTL/marginParts }

// renew prolongs the lease; ours is false when the term is over. An attempt that hangs leaves time for another.
func (l *Lease) renew(ctx context.Context, term int64) (ours bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.TTL/renewals)
	defer cancel()
	return l.update(ctx, term, l.Owner, l.expiry)
}

// resign makes the lease free for others, unless it is another's already.
func (l *Lease) resign(ctx context.Context, term int64) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), resignTime)
	defer cancel()
	ours, err := l.update(bounded, term, "", func(now time.Time) *int64 {
		at := now.UnixMicro()
		return &at
	})
	switch {
	case err != nil:
		l.Logger.WarnContext(ctx, "lease not resigned: others wait until it runs out",
			slog.Int64("term", term), slog.Any("error", err))
	case ours:
		l.Logger.LogAttrs(ctx, l.level(), "lease resigned", slog.Int64("term", term))
	}
}

// update changes the row of a term that is not over.
func (l *Lease) update(ctx context.Context, term int64, owner string, expiry func(now time.Time) *int64) (ours bool, err error) {
	err = l.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := l.Now(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the database's clock: %w", err)
		}
		n, err := affected(tx.ExecContext(ctx, `UPDATE leases SET owner = ?, expires_at = ?
			WHERE name = ? AND owner = ? AND term = ?`, owner, expiry(now), l.Name, l.Owner, term))
		ours = n == 1
		return err
	})
	return ours, err
}

// level is that of an ordinary change of hands. Where there is nobody else there is nothing to tell.
func (l *Lease) level() slog.Level {
	if l.Exclusive {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}
