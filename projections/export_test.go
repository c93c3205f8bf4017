package projections

import "context"

// AuditGeneration audits a generation that need not be the one that is read.
func AuditGeneration(ctx context.Context, p *Projection, log Log, generation int64, sample int) (AuditReport, error) {
	return p.auditGeneration(ctx, log, generation, sample)
}
