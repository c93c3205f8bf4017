package projections

import (
	"context"
	"sync"
	"time"
)

// Latency tells how long commands take at the moment: the 99th percentile of the last second. ok is false when too few were
// handled to tell.
type Latency func() (p99 time.Duration, ok bool)

// The share of the time in which a build within a budget works. It is found as TCP finds its rate: raised a little while
// commands are not slowed down by more than the budget, halved when they are, and from then on raised with care.
const (
	leastDuty  = 0.02
	firstDuty  = 0.2
	raiseDuty  = 0.02
	workAtOnce = 5 * time.Millisecond

	lookAtLatency = 100 * time.Millisecond
	// latencySpan is what the latency is of: what was changed shows in all of it only then.
	latencySpan = time.Second
)

// A build that hardly works may be held up for nothing: commands take longer than once for another reason. So it stops now and then
// for as long as the latency looks back, and learns how long they take without it.
const (
	hardlyDuty = 0.1
	learnAgain = 10 * time.Second
)

// pace makes a build give way to commands.
type pace struct {
	latency Latency

	mu       sync.Mutex
	duty     float64
	baseline time.Duration // how long commands take without the build
	look     time.Time     // not before
	careful  bool          // commands were slowed down before
	since    time.Time     // when the build last began to work
	learnt   time.Time     // when the baseline was last measured while the build stood still
}

func newPace(latency Latency) *pace {
	p := &pace{latency: latency, duty: firstDuty, since: time.Now(), learnt: time.Now()}
	p.observe()
	return p
}

// observe notes how long commands take while nothing is built.
func (p *pace) observe() {
	if p.latency == nil {
		return
	}
	if p99, ok := p.latency(); ok {
		p.baseline = p99
	}
	p.learnt = time.Now()
}

// observeIdle notes it only while nothing is built.
func (p *pace) observeIdle(is bool) {
	if is {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.observe()
	}
}

// begin is called before the first piece of work: what was before is no work.
func (p *pace) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since = time.Now()
}

// share is the share of the time in which the build works at the moment.
func (p *pace) share() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.duty
}

// after is called between two pieces of work. With a budget it waits as long as commands need.
func (p *pace) after(ctx context.Context, budget time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	worked := time.Since(p.since)
	if budget <= 0 || p.latency == nil || worked < workAtOnce {
		return
	}
	p.adjust(budget)
	wait(ctx, time.Duration(float64(worked)*(1-p.duty)/p.duty))
	if p.duty < hardlyDuty && time.Since(p.learnt) >= learnAgain {
		wait(ctx, latencySpan)
		p.observe()
	}
	p.since = time.Now()
}

// adjust looks at the latency, ten times a second until commands were slowed down for the first time, and once in the span of the
// latency from then on: one slow command is judged once.
func (p *pace) adjust(budget time.Duration) {
	now := time.Now()
	if now.Before(p.look) {
		return
	}
	p99, ok := p.latency()
	switch {
	case !ok:
		p.duty = min(1, p.duty*2) // nobody is slowed down
	case p.baseline == 0:
		p.baseline = p99
	case p99 > p.baseline+budget/2:
		p.duty, p.careful = max(leastDuty, p.duty/2), true
	default:
		// Commands that get faster were slowed down by something else before.
		p.baseline = min(p.baseline, p99)
		p.duty = min(1, p.duty+raiseDuty)
	}
	p.look = now.Add(lookAtLatency)
	if p.careful && ok {
		p.look = now.Add(latencySpan)
	}
}
