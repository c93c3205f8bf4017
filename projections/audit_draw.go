package projections

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

// draw adds a sample of streams: half from what the tables have rows of, each table as often as the others, and half from the log,
// so that rows which are missing altogether are found as well.
func (a *auditing) draw(ctx context.Context, sample int) error {
	if sample <= 0 {
		return nil
	}
	var named []string
	var end eventstore.Position
	err := a.p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		if named, err = a.drawRows(ctx, tx, (sample+1)/2); err != nil {
			return err
		}
		_, end, err = a.p.reached(ctx, tx, a.spec.generation)
		return err
	})
	if err != nil {
		return err
	}
	for _, stream := range named {
		if err := a.choose(ctx, stream); err != nil {
			return err
		}
	}
	w := walk{log: a.log, model: a.model, rng: a.rng}
	if err := a.landmarks(ctx, &w, named); err != nil {
		return err
	}
	found, err := w.draw(ctx, sample-sample/2, end)
	for _, stream := range found {
		if err := a.choose(ctx, stream); err != nil {
			return err
		}
	}
	return err
}

// landmarkStreams is from how many streams a walk learns positions where it may begin.
const landmarkStreams = 20

// landmarks reads some streams for the positions of their events.
func (a *auditing) landmarks(ctx context.Context, w *walk, streams []string) error {
	w.known = []eventstore.Position{0}
	for _, i := range a.rng.Perm(len(streams))[:min(landmarkStreams, len(streams))] {
		r, err := a.read.stream(ctx, streams[i])
		if err != nil {
			return err
		}
		for _, e := range r.events {
			w.known = append(w.known, e.Position)
		}
	}
	slices.Sort(w.known)
	w.known = slices.Compact(w.known)
	return nil
}

// drawRows draws streams of which there are rows; all of them, where a table has few.
func (a *auditing) drawRows(ctx context.Context, tx bun.Tx, sample int) (streams []string, err error) {
	owners := a.model.owned()
	each := (sample + len(owners) - 1) / len(owners)
	for _, o := range owners {
		some, err := a.drawFrom(ctx, tx, o, each)
		if err != nil {
			return nil, fmt.Errorf("draw from %s: %w", a.spec.named(o.part), err)
		}
		streams = append(streams, some...)
	}
	slices.Sort(streams)
	return slices.Compact(streams), nil
}

// reach is among how many neighbours one is drawn.
const reach = 20

// drawFrom finds rows by their ids, which were drawn at random when they were minted: what follows an id that is made up is as likely
// to be one as another. Neighbours are drawn from for those that were not. So no table is ever counted or read as a whole.
func (a *auditing) drawFrom(ctx context.Context, tx bun.Tx, o owner, n int) (streams []string, err error) {
	list, err := a.owners(ctx, tx, o, "", int64(n)+1)
	if err != nil || len(list) <= n {
		return list, err
	}
	ids := strings.TrimPrefix(list[0], o.prefix)
	begin := ids[:strings.IndexByte(ids, '_')+1]
	for range n {
		near, err := a.owners(ctx, tx, o, begin+a.letters(6), reach)
		if err != nil {
			return nil, err
		}
		if len(near) == 0 {
			near = list[:min(n, reach)]
		}
		streams = append(streams, near[a.rng.IntN(len(near))])
	}
	return streams, nil
}

// letters draws characters of ids.
func (a *auditing) letters(n int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[a.rng.IntN(len(alphabet))]
	}
	return string(b)
}

// owners lists the first streams of which a table has rows, from an id on.
func (a *auditing) owners(ctx context.Context, tx bun.Tx, o owner, from string, limit int64) (streams []string, err error) {
	columns := strings.Join(o.columns, ", ")
	rows, err := tx.NewSelect().Distinct().ColumnExpr(columns).TableExpr("?", a.spec.table(o.part)).
		Where("? >= ?", bun.Ident(o.columns[0]), from).OrderExpr(columns).Limit(limit).Rows(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // the error of the iteration is checked
	values, targets := make([]string, len(o.columns)), make([]any, len(o.columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		streams = append(streams, o.stream(values))
	}
	return streams, rows.Err()
}
