package projections

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
)

// scratch is a generation in memory, in a database of its own: what is folded there is in nobody's way, whichever database the
// others are in. Rows are the same in every kind of database.
type scratch struct {
	spec  spec
	model model
	db    *bun.DB
	tx    bun.Tx
}

func newScratch(ctx context.Context, p *Projection) (_ *scratch, err error) {
	s := &scratch{spec: p.spec, model: p.make(p.spec)}
	if s.db, err = database.OpenMemory(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open scratch: %w", err), s.close())
		}
	}()
	if s.tx, err = s.db.BeginTx(ctx, nil); err != nil {
		return nil, err
	}
	for _, t := range s.model.tables() {
		if err := t.create(ctx, s.tx, s.spec); err != nil {
			return nil, err
		}
		if err := t.index(ctx, s.tx, s.spec); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// fold returns the rows that events make of a unit. It leaves none behind.
func (s *scratch) fold(ctx context.Context, u unit, events []eventstore.Recorded) (rows []unitTable, err error) {
	err = foldIn(ctx, s.model.begin(), writer{tx: s.tx}, events)
	if err == nil {
		rows, err = u.load(ctx, s.tx, s.model, s.spec)
	}
	_, clearErr := u.clear(ctx, s.tx, s.spec)
	return rows, errors.Join(err, clearErr)
}

func (s *scratch) close() error {
	if s.tx.Tx != nil {
		_ = s.tx.Rollback() // it may have ended with its context
	}
	return s.db.Close()
}
