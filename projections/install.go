package projections

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Install makes the first generation of each read model that has none in this version. In an empty database it is read at
// once, and follows the log. Where an older version is in use the first generation is built like a rebuild, and read when it is
// complete. Several instances may install at the same time.
func (m *Models) Install(ctx context.Context) error {
	for _, p := range m.all() {
		if err := p.install(ctx); err != nil {
			return fmt.Errorf("install %s: %w", p.spec.name, err)
		}
	}
	return nil
}

func (p *Projection) install(ctx context.Context) error {
	return p.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		older, err := tx.NewSelect().TableExpr("projections").Where("name = ?", p.spec.name).
			Where("version < ?", p.spec.version).Where("live IS NOT NULL").Exists(ctx)
		if err != nil {
			return err
		}
		row := &projectionRow{Name: p.spec.name, Version: p.spec.version, Last: 1}
		first := &generationRow{Generation: 1, State: GenerationBuilding, RequestedBy: "deploy", RequestedAt: p.micros()}
		if !older {
			row.Live, first.State, first.RequestedBy = 1, GenerationLive, "install"
		}
		added, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := added.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return p.addGeneration(ctx, tx, first, !older)
	})
}

// micros is the time as the tables of the generations hold it.
func (p *Projection) micros() int64 { return p.now().UnixMicro() }
