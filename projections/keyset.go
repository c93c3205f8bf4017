package projections

import "github.com/uptrace/bun"

// keyset is an order by start and id whose pages begin after a given pair, so that an index finds them.
type keyset struct {
	start, id string // columns
	falling   bool
}

// page orders q, lets it begin after the cursor, and asks for one row more than the limit.
func (k keyset) page(q *bun.SelectQuery, after Cursor, limit int) (*bun.SelectQuery, error) {
	compare, direction := ">", "ASC"
	if k.falling {
		compare, direction = "<", "DESC"
	}
	if after != "" {
		start, id, err := after.parse()
		if err != nil {
			return nil, err
		}
		q = q.Where("(?, ?) ? (?, ?)", bun.Ident(k.start), bun.Ident(k.id), bun.Safe(compare), start, id)
	}
	return q.OrderExpr("? ?, ? ?", bun.Ident(k.start), bun.Safe(direction), bun.Ident(k.id), bun.Safe(direction)).
		Limit(int64(limit) + 1), nil
}
