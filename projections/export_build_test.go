package projections

import (
	"context"
	"log/slog"

	"github.com/uptrace/bun"
)

// ErrGone says that a generation is not built any more.
var ErrGone = errGone

// Alter does something to a generation's tables as who builds it does.
func Alter(ctx context.Context, p *Projection, generation int64, do func(ctx context.Context, tx bun.Tx) error) error {
	b := &builder{p: p, row: &generationRow{Generation: generation}}
	return b.alter(ctx, do)
}

// RunBuild builds a generation alone, until it has joined the live one or is given up.
func RunBuild(ctx context.Context, p *Projection, generation int64) error {
	b := &builder{p: p, row: &generationRow{Generation: generation}, pace: newPace(nil), log: slog.New(slog.DiscardHandler)}
	return b.run(ctx)
}
