package main

import (
	"context"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
)

// roomyOperator refuses to begin what a full disk would not let end.
type roomyOperator struct {
	*projections.Operator
	dir   string
	least uint64 // bytes
}

// Rebuild begins to build a new generation where there is room for one.
func (o roomyOperator) Rebuild(ctx context.Context, name string, r projections.Rebuild) (projections.Build, error) {
	if _, err := o.Models.ByName(name); err != nil {
		return projections.Build{}, err
	}
	if err := checkRoom(o.dir, o.least); err != nil {
		return projections.Build{}, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "there is no room for another generation: %v", err)
	}
	return o.Operator.Rebuild(ctx, name, r)
}
