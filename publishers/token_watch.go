package publishers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

const (
	// watchName identifies the token watch in checkpoints, leases and logs.
	watchName = "token-watch"
	// saveEvery is how often the watch notes where it stands while nobody loses anything. What it reads twice costs nothing.
	saveEvery = 5 * time.Second
	// seenWithin is how long the watch waits for the read models, from which tokens are made, to see what was lost.
	seenWithin = 10 * time.Second
)

// TokenWatchConfig says what a TokenWatch works with. Revoker, DB, StoreID and Head are required.
type TokenWatchConfig struct {
	Revoker *Revoker
	// DB holds the checkpoint (migrations.Publisher), StoreID is the identity of the event store, and Head the end of its log, where the
	// first start begins.
	DB      *database.DB
	StoreID string
	Head    func(ctx context.Context) (eventstore.Position, error)
	// Seen returns once no token is made any more of what was there before this position. Nil: at once.
	Seen   func(ctx context.Context, at eventstore.Position) error
	Logger *slog.Logger
}

// TokenWatch revokes the tokens of staff who lose access, such as one who is unassigned from a booking. It is a consumer of the log of its
// own (internal/subscription.Handler), so that a service which does not answer holds up nothing but other revocations; its
// checkpoint passes an event only when the tokens are revoked, or have ended. One runner calls its methods.
type TokenWatch struct {
	TokenWatchConfig

	loaded bool
	term   int64
	at     eventstore.Position
	saved  time.Time
}

// NewTokenWatch makes one.
func NewTokenWatch(cfg TokenWatchConfig) (*TokenWatch, error) {
	if cfg.Revoker == nil || cfg.DB == nil || cfg.StoreID == "" || cfg.Head == nil {
		return nil, errors.New("a token watch needs a revoker, a database, the identity of its event store and the end of the log")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &TokenWatch{TokenWatchConfig: cfg}, nil
}

// Name returns "token-watch".
func (w *TokenWatch) Name() string { return watchName }

// Checkpoint returns the position after which the watch wants events: the end of the log the first time, because what was lost before
// has ended, or will soon.
func (w *TokenWatch) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	term := subscription.Term(ctx)
	if w.loaded && w.term == term {
		return w.at, nil
	}
	at, err := subscription.LoadCheckpoint(ctx, w.DB.Read, watchName, w.StoreID)
	if err != nil {
		return 0, err
	}
	// A checkpoint at the beginning of what was an empty log is one.
	begun, err := w.DB.Read.NewSelect().Model((*checkpointRow)(nil)).Where("name = ?", watchName).Exists(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for the token watch's checkpoint: %w", err)
	}
	if !begun {
		if at, err = w.Head(ctx); err != nil {
			return 0, fmt.Errorf("find the end of the log: %w", err)
		}
		if err := w.save(ctx, at); err != nil {
			return 0, err
		}
	}
	w.loaded, w.term, w.at, w.saved = true, term, at, time.Time{}
	return at, nil
}

// Handle revokes what the events take away.
func (w *TokenWatch) Handle(ctx context.Context, b subscription.Batch) error {
	if _, err := w.Checkpoint(ctx); err != nil {
		return err
	}
	lost := w.lost(b.Events)
	if len(lost) > 0 {
		if err := w.revoke(ctx, lost); err != nil {
			return err
		}
	}
	if b.Position <= w.at {
		return nil
	}
	if now := w.Revoker.now(); len(lost) > 0 || now.Sub(w.saved) >= saveEvery {
		if err := w.save(ctx, b.Position); err != nil {
			return err
		}
		w.saved = now
	}
	w.at = b.Position
	return nil
}

func (w *TokenWatch) save(ctx context.Context, at eventstore.Position) error {
	return w.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return subscription.SaveCheckpoint(ctx, tx, watchName, w.StoreID, at)
	})
}

// loss is that a member of staff lost access by an event.
type loss struct {
	staffID string
	by      eventstore.Recorded
}

// lost lists the losses whose tokens may still be good, one for each member: the last.
func (w *TokenWatch) lost(events []eventstore.Recorded) (lost []loss) {
	// The store's clock, and that of the instance which issued a token, may be behind ours.
	oldest := w.Revoker.now().Add(-TokenTTL - time.Minute)
	for _, e := range events {
		if e.Position <= w.at || e.Created.Before(oldest) {
			continue
		}
		for _, id := range losesAccess(e.Event) {
			lost = append(slices.DeleteFunc(lost, func(l loss) bool { return l.staffID == id }), loss{id, e})
		}
	}
	return lost
}

// revoke ends the tokens, and returns an error only when ctx ends before: what cannot be revoked ends by itself.
func (w *TokenWatch) revoke(ctx context.Context, lost []loss) error {
	w.awaitSeen(ctx, lost)
	ids := make([]string, len(lost))
	for i, l := range lost {
		ids[i] = l.staffID
	}
	trying, cancel := context.WithTimeout(ctx, TokenTTL)
	defer cancel()
	before, err := w.Revoker.nextSecond(trying)
	if err == nil {
		err = w.Revoker.revokeStaff(trying, before, ids)
	}
	if ctx.Err() != nil && err != nil {
		return context.Cause(ctx)
	}
	for _, l := range lost {
		why := []any{
			slog.String("staff", l.staffID), slog.String("because", l.by.Event.EventType()), slog.String("event", l.by.ID.String()),
			slog.Time("issued_before", before),
		}
		if err != nil {
			w.Logger.ErrorContext(ctx, "realtime tokens not revoked: they end by themselves", append(why,
				slog.Time("until", before.Add(TokenTTL)), slog.String("error", err.Error()))...)
			continue
		}
		w.Logger.InfoContext(ctx, "realtime tokens revoked", why...)
	}
	return nil
}

// awaitSeen waits until a token that is issued from now on cannot hold what was lost. Where that takes too long the older tokens are
// revoked all the same.
func (w *TokenWatch) awaitSeen(ctx context.Context, lost []loss) {
	if w.Seen == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, seenWithin)
	defer cancel()
	if err := w.Seen(ctx, lost[len(lost)-1].by.Position); err != nil {
		w.Logger.WarnContext(ctx, "realtime tokens may still be issued for what was lost", slog.String("error", err.Error()))
	}
}
