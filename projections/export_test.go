package projections

import (
	"context"
	"time"
)

// SetVersion makes the read model another version of itself, as a later program would have it.
func (p *Projection) SetVersion(v int) { p.spec.version = v }

// Pace is what makes a build give way, for tests in virtual time.
type Pace struct{ *pace }

// NewPace returns one.
func NewPace(latency Latency) Pace { return Pace{newPace(latency)} }

// After is called between two pieces of work.
func (p Pace) After(ctx context.Context, budget time.Duration) { p.after(ctx, budget) }

// Observe notes how long commands take without a build.
func (p Pace) Observe() { p.observeIdle(true) }

// AuditGeneration audits a generation that need not be the one that is read.
func AuditGeneration(ctx context.Context, p *Projection, log Log, generation int64, sample int) (AuditReport, error) {
	return p.auditGeneration(ctx, log, generation, sample)
}
