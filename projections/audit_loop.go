package projections

import (
	"context"
	"time"
)

// AuditLoop audits, each time that the interval is over, the read models that this instance owns, one after the other, until ctx ends.
// It hands every report on and changes nothing: a drift is a mistake that somebody should look at. An audit that could not be carried
// out is a report with an Error.
func (m *Models) AuditLoop(ctx context.Context, log Log, every time.Duration, sample int, report func(AuditReport)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for _, p := range m.all() {
			if !p.owns() {
				continue
			}
			r, err := p.Audit(ctx, log, AuditOptions{Sample: sample})
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				r.Projection, r.Error = p.spec.name, err.Error()
			}
			report(r)
		}
	}
}

// owns reports whether this instance runs the read model.
func (p *Projection) owns() bool {
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	return p.run.owning
}
