package subscription

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
)

// ErrTermOver is what every *TermOverError is.
var ErrTermOver = errors.New("the term is over")

// TermOverError says that somebody else owns what the context's lease was for, or nobody does: what was to be written is no
// longer this process's to write. Trying again is useless; the transaction must fail with it.
type TermOverError struct {
	Name string // of the lease
	Term int64  // the one that is over
}

// Error names the lease and the term.
func (e *TermOverError) Error() string {
	return fmt.Sprintf("term %d of lease %q is over", e.Term, e.Name)
}

// Unwrap returns ErrTermOver.
func (*TermOverError) Unwrap() error { return ErrTermOver }

// tenureKey marks the lease in the context of its owner.
type tenureKey struct{}

// tenure is one ownership.
type tenure struct {
	name, owner string
	term        int64
	lost        <-chan struct{} // closed when the lease may be lost
	since       time.Time       // when the lease was taken
	held        *atomic.Int64   // for how many nanoseconds since then it is surely held; nil: for ever
}

func withTenure(ctx context.Context, t tenure) context.Context {
	return context.WithValue(ctx, tenureKey{}, t)
}

func tenureOf(ctx context.Context) (tenure, bool) {
	t, ok := ctx.Value(tenureKey{}).(tenure)
	return t, ok
}

// Term returns the term of the lease in the context, 0 without one.
func Term(ctx context.Context) int64 {
	t, _ := tenureOf(ctx)
	return t.term
}

// lost is closed when the context's lease may be lost; nil, which never happens, without one.
func lost(ctx context.Context) <-chan struct{} {
	t, _ := tenureOf(ctx)
	return t.lost
}

// Lost returns a channel that is closed when the context's lease may be lost; nil, which is never closed, without one. What still
// runs when its context has ended, because it may finish, ends with it.
func Lost(ctx context.Context) <-chan struct{} { return lost(ctx) }

// Trust returns a function that tells for how long from now the context's lease is surely held: zero or less when another may have
// it. Whoever does what no database can refuse, such as a call to a service, asks before each, and lets none take longer. A
// lease that is not renewed is held for ever, and so is none.
func Trust(ctx context.Context) func() time.Duration {
	t, _ := tenureOf(ctx)
	if t.held == nil {
		return func() time.Duration { return math.MaxInt64 }
	}
	return func() time.Duration { return time.Duration(t.held.Load()) - time.Since(t.since) }
}

// CheckTerm fails with a *TermOverError when the lease in the context is another's by now, and returns nil without a lease.
// tx must be the transaction that writes: until it ends nobody can take the lease.
func CheckTerm(ctx context.Context, tx bun.IDB) error {
	t, ok := tenureOf(ctx)
	if !ok {
		return nil
	}
	row, err := readLease(ctx, tx, t.name, lockClause(tx, forKeyShare))
	if err != nil {
		return fmt.Errorf("check term: %w", err)
	}
	if row.Term != t.term || row.Owner != t.owner {
		return &TermOverError{Name: t.name, Term: t.term}
	}
	return nil
}
