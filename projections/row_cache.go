package projections

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"
)

// rowCache holds rows of a table that has one row for each of something, such as a booking, as events have made them since they
// were last written.
type rowCache[R any] struct {
	id      func(*R) string
	rows    map[string]*cachedRow[R]
	changed []*cachedRow[R]
	// written are the rows that a plan writes at the moment, or wrote last. The table may not have them yet.
	written map[string]*R
}

// cachedRow is a row in memory.
type cachedRow[R any] struct {
	row     R
	changed bool
	stored  bool // the table has the row
	was     *R   // as the table has it, if it does and the row has changed
}

func newRowCache[R any](id func(*R) string) rowCache[R] {
	return rowCache[R]{id: id, rows: map[string]*cachedRow[R]{}}
}

// begin puts a new row in.
func (c *rowCache[R]) begin(row R) *cachedRow[R] {
	r := &cachedRow[R]{row: row}
	c.rows[c.id(&row)] = r
	return r
}

// change notes that a row is about to change.
func (c *rowCache[R]) change(r *cachedRow[R]) {
	if r.changed {
		return
	}
	r.changed = true
	c.changed = append(c.changed, r)
	if r.stored {
		was := r.row
		r.was = &was
	}
}

// fetch makes rows known that are there. It does not wait for what is being written: that it has in memory.
func (c *rowCache[R]) fetch(ctx context.Context, db bun.IDB, table bun.Ident, column string, ids []string) error {
	var missing []string
	for _, id := range ids {
		if c.rows[id] != nil {
			continue
		}
		if row := c.written[id]; row != nil {
			c.rows[id] = &cachedRow[R]{row: *row, stored: true}
			continue
		}
		missing = append(missing, id)
	}
	rows, err := load[*R](ctx, db, table, idKeys(column, missing))
	for _, row := range rows {
		c.rows[c.id(row)] = &cachedRow[R]{row: *row, stored: true}
	}
	return err
}

// take returns what is to be written of all rows that have changed, in the order of their ids: those that the table lacks, and those
// that it has. They count as written, and stay known.
func (c *rowCache[R]) take(w writer) (fresh []*R, stored []change[R]) {
	picked := c.changed
	c.changed = nil
	return c.handOver(w, picked, func(r *cachedRow[R]) *R { return owned(w, &r.row) })
}

// takeSome is take for those rows that pick picks. The cache lets go of them.
func (c *rowCache[R]) takeSome(w writer, pick func(*R) bool) (fresh []*R, stored []change[R]) {
	var picked []*cachedRow[R]
	kept := c.changed[:0]
	for _, r := range c.changed {
		if pick(&r.row) {
			picked = append(picked, r)
		} else {
			kept = append(kept, r)
		}
	}
	clear(c.changed[len(kept):])
	c.changed = kept
	return c.handOver(w, picked, func(r *cachedRow[R]) *R {
		delete(c.rows, c.id(&r.row))
		return &r.row
	})
}

func (c *rowCache[R]) handOver(w writer, picked []*cachedRow[R], now func(*cachedRow[R]) *R) (fresh []*R, stored []change[R]) {
	slices.SortFunc(picked, func(a, b *cachedRow[R]) int { return cmp.Compare(c.id(&a.row), c.id(&b.row)) })
	c.written = nil
	if w.plan != nil {
		c.written = make(map[string]*R, len(picked))
	}
	for _, r := range picked {
		row := now(r)
		if r.stored {
			stored = append(stored, change[R]{was: r.was, now: row})
		} else {
			fresh = append(fresh, row)
		}
		if w.plan != nil {
			c.written[c.id(row)] = row
		}
		r.changed, r.stored, r.was = false, true, nil
	}
	return fresh, stored
}

// forget lets go of rows that need not be written.
func (c *rowCache[R]) forget(which func(*R) bool) {
	maps.DeleteFunc(c.rows, func(_ string, r *cachedRow[R]) bool { return !r.changed && which(&r.row) })
}
