package publishers

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/royalglow/booking/internal/subscription"
)

// Run sends what Handle has planned, and what waits in durable queues, until ctx ends; it must outlast the last Handle. What is on
// its way then is waited for. Under a lease (see subscription.Owned) it fails when the term is over. It also fails when it is not known
// whether a plan was committed: run again, it begins with what the database has.
func (p *Publisher) Run(ctx context.Context) error {
	if !p.Configured() {
		return ErrNotConfigured
	}
	trust := subscription.Trust(ctx)
	p.trust.Store(&trust)
	d := &dispatcher{
		sender: p.sender, limits: p.limits, jitter: p.jitter, spans: p.spans, board: &p.board, state: p.state, timeout: p.timeout,
		trust: trust, plans: p.plans, replays: p.replays, held: p.held.Load, forgets: p.forgets.Load, forgot: p.forgets.Load(),
		poke: p.poke, due: newChores(), byChannel: map[string]*lane{},
	}
	for failures := 1; ; failures++ {
		err := d.load(ctx)
		if err == nil {
			break
		}
		if failures == 1 {
			p.board.log.WarnContext(ctx, "queues not read", slog.Any("error", err))
		}
		select {
		case <-time.After(backoff(failures, 0, p.jitter())):
		case <-ctx.Done():
			return nil
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var replays sync.WaitGroup
	if p.log != nil {
		replays.Go(func() { p.replayAll(ctx) })
	}
	defer replays.Wait()
	defer stop()
	return d.run(ctx)
}

// Hold holds back what waits in durable queues, and replays, or lets them go on. What Handle has in hand is finished; whoever calls
// Handle is paused as well (see Operator.Follow).
func (p *Publisher) Hold(hold bool) {
	if p.held.Swap(hold) != hold {
		p.wake()
	}
}

// wake lets Run look again.
func (p *Publisher) wake() {
	select {
	case p.poke <- struct{}{}:
	default:
	}
}

// trusted is for how long the lease of the present term is surely held.
func (p *Publisher) trusted() time.Duration {
	if trust := p.trust.Load(); trust != nil {
		return (*trust)()
	}
	return math.MaxInt64
}
