package subscription

import (
	"context"
	"errors"
	"sync"
)

// errPaused ends a subscription that is to be closed for a pause.
var errPaused = errors.New("the consumer is paused")

// gate holds a consumer back for as long as it is shut.
type gate struct {
	mu     sync.Mutex
	shut   bool
	opened chan struct{}           // closed and replaced when the gate opens
	expel  context.CancelCauseFunc // of who has passed; nil: nobody has
}

// enter returns a context that ends with errPaused when the gate is shut. While it is shut there is none, and opened tells when
// to ask again.
func (g *gate) enter(ctx context.Context) (open context.Context, opened <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return nil, g.opened
	}
	open, g.expel = context.WithCancelCause(ctx)
	return open, nil
}

// leave gives the context of enter back.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.expel(nil)
	g.expel = nil
}

func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.shut == shut:
		return
	case shut:
		if g.expel != nil {
			g.expel(errPaused)
		}
	default:
		close(g.opened)
		g.opened = make(chan struct{})
	}
	g.shut = shut
}

// Pause holds the consumer back until Resume: the batch in hand is finished, for as long as Drain, and the subscription
// closed. Status shows Paused once that is done. A halted consumer stays halted.
func (r *Runner) Pause() {
	r.prepare()
	r.gate.set(true)
}

// Resume ends a pause. The handler is asked again where it stands.
func (r *Runner) Resume() {
	r.prepare()
	r.gate.set(false)
}
