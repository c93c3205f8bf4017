package projections

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// entry is the place of a row in a list: lists are ordered by start and id.
type entry struct {
	StartAt instant `bun:"start_at"`
	ID      string  `bun:"id"`
}

func (e entry) compare(o entry) int {
	return cmp.Or(cmp.Compare(e.StartAt, o.StartAt), cmp.Compare(e.ID, o.ID))
}

// keyset is an order by start and id whose pages begin after a given entry, so that an index finds them.
type keyset struct {
	start, id string // columns
	falling   bool
}

// page orders q, lets it begin after the entry (unless it is zero), and asks for one row more than the limit.
func (k keyset) page(q *bun.SelectQuery, after entry, limit int) *bun.SelectQuery {
	compare, direction := ">", "ASC"
	if k.falling {
		compare, direction = "<", "DESC"
	}
	q = q.ColumnExpr("? AS start_at, ? AS id", bun.Ident(k.start), bun.Ident(k.id))
	if after != (entry{}) {
		q = q.Where("(?, ?) ? (?, ?)", bun.Ident(k.start), bun.Ident(k.id), bun.Safe(compare), after.StartAt, after.ID)
	}
	return q.OrderExpr("? ?, ? ?", bun.Ident(k.start), bun.Safe(direction), bun.Ident(k.id), bun.Safe(direction)).
		Limit(int64(limit) + 1)
}

// pageOf is what a list shows, and where the next page begins; empty when there is none.
type pageOf struct {
	ids  []string
	next Cursor
}

// merged runs queries that each find a part of a list by an index of their own, and takes the first entries of all: a query
// for several branches or statuses at once would have to sort everything that it finds.
func merged(ctx context.Context, parts []*bun.SelectQuery, falling bool, limit int) (page pageOf, err error) {
	var all []entry
	for _, q := range parts {
		var some []entry
		if err := q.Scan(ctx, &some); err != nil {
			return page, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b entry) int {
		if falling {
			a, b = b, a
		}
		return a.compare(b)
	})
	all = slices.Compact(all)
	if len(all) > limit {
		all = all[:limit]
		page.next = newCursor(all[limit-1])
	}
	for _, e := range all {
		page.ids = append(page.ids, e.ID)
	}
	return page, nil
}
