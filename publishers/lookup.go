package publishers

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// lookUpTimeout bounds the look-ups of a plan, all together: they must never hold a message up.
const lookUpTimeout = 100 * time.Millisecond

// NameSource looks display names up. Ids that are not known are missing in the answer.
type NameSource interface {
	Names(ctx context.Context, ids ...string) (map[string]string, error)
}

// TextSource opens sealed texts. The answer maps the ids of their keys to the texts; those that cannot be opened any more are
// missing in it.
type TextSource interface {
	Open(ctx context.Context, sealed ...domain.Sealed) (map[string]string, error)
}

// lookUp asks once for everybody and everything that the messages of the events show. What does not answer in time is missing: the
// messages go out without it, and pages read the rest.
func (p *Publisher) lookUp(ctx context.Context, events []eventstore.Recorded) Directory {
	var (
		ids    []string
		sealed []domain.Sealed
	)
	for _, e := range events {
		ids = append(ids, People(e.Event)...)
		sealed = append(sealed, SealedTexts(e.Event)...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	slices.SortStableFunc(sealed, func(a, b domain.Sealed) int { return cmp.Compare(a.KeyID, b.KeyID) })
	sealed = slices.CompactFunc(sealed, func(a, b domain.Sealed) bool { return a.KeyID == b.KeyID })

	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	// Side by side, so that neither takes the other's time.
	var (
		known Directory
		both  sync.WaitGroup
	)
	if p.names != nil && len(ids) > 0 {
		both.Go(func() {
			var err error
			if known.Names, err = p.names.Names(ctx, ids...); err != nil {
				p.board.log.WarnContext(ctx, "directory does not answer", slog.String("error", err.Error()))
			}
		})
	}
	if p.texts != nil && len(sealed) > 0 {
		both.Go(func() {
			var err error
			if known.Texts, err = p.texts.Open(ctx, sealed...); err != nil {
				known.Unread = true
				p.board.log.WarnContext(ctx, "sealed texts cannot be opened", slog.String("error", err.Error()))
			}
		})
	}
	both.Wait()
	return known
}
