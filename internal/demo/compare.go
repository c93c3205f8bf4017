package demo

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"
)

// comparePages holds every page that is open against what the API says now that everything has arrived. What a page did not hear
// or did not understand it shows wrongly.
func (t *town) comparePages(ctx context.Context) {
	t.mu.Lock()
	pages := slices.Clone(t.shown)
	t.mu.Unlock()
	var group errgroup.Group
	group.SetLimit(openers)
	for _, p := range pages {
		group.Go(func() error {
			t.comparePage(ctx, p)
			return nil
		})
	}
	_ = group.Wait() // none of them fails
}

// comparePage gives a page as long as the drain lasts: a read may be under way, and the engine's own doings may reach the API
// before the page.
func (t *town) comparePage(ctx context.Context, p *page) {
	var differences []string
	for {
		found, err := p.compare(ctx)
		switch {
		case err == nil && len(found) == 0:
			return
		case err == nil:
			differences = found
		case ctx.Err() == nil:
			differences = []string{err.Error()}
		}
		if pause(ctx, firstWait) != nil {
			break
		}
	}
	if len(differences) == 0 {
		return // the waiting was cut short before anything was known
	}
	t.books.Outdated(p.name)
	for _, d := range differences {
		t.Logger.ErrorContext(context.WithoutCancel(ctx), "page outdated", pageAttr(p.name), differenceAttr(d))
	}
}
