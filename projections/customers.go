package projections

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// customers is the read model of the customers' standing.
type customers struct{ spec }

func (m customers) customers() bun.Ident { return m.table("customers") }
func (m customers) counts() bun.Ident    { return m.table("customer_counts") }

// customerRow is a standing as the table holds it.
type customerRow struct {
	bun.BaseModel `bun:"alias:cu"`

	CustomerID    string              `bun:"customer_id,pk"`
	NeedsApproval bool                `bun:"needs_approval"`
	RequiredAt    instant             `bun:"required_at,nullzero"`
	RequiredFor   string              `bun:"required_for"`
	Cleared       *Clearing           `bun:"cleared,type:json,nullzero"`
	ErasedAt      instant             `bun:"erased_at,nullzero"`
	Revision      eventstore.Revision `bun:"revision"`
	Position      eventstore.Position `bun:"position"`

	changed bool
}

// countKind says what a booking counts as.
type countKind string

const (
	countNoShow     countKind = "no_show"
	countLateCancel countKind = "late_cancellation"
)

// countRow is a booking that counts.
type countRow struct {
	bun.BaseModel `bun:"alias:cc"`

	CustomerID string    `bun:"customer_id,pk"`
	Kind       countKind `bun:"kind,pk"`
	BookingID  string    `bun:"booking_id,pk"`
	At         instant   `bun:"at"`
}

// customerFold is a batch as it is folded in memory. Counts that were withdrawn are nil.
type customerFold struct {
	customers map[string]*customerRow
	counts    map[countRow]*countRow // by key: without the time
}

func (customers) tables() []table {
	return []table{
		{part: "customers", row: rowOf[customerRow]()},
		{part: "customer_counts", row: rowOf[countRow](), clustered: true},
	}
}

func (m customers) begin() fold { return &batched{model: m} }

func (m customers) apply(ctx context.Context, tx bun.Tx, events []eventstore.Recorded) error {
	fold := customerFold{customers: map[string]*customerRow{}, counts: map[countRow]*countRow{}}
	var ids []string
	for _, e := range events {
		if fact, ok := e.Event.(domain.CustomerEvent); ok {
			ids = append(ids, domain.CustomerOf(fact))
		}
	}
	rows, err := load[*customerRow](ctx, tx, m.customers(), idKeys("customer_id", ids))
	if err != nil {
		return err
	}
	for _, r := range rows {
		fold.customers[r.CustomerID] = r
	}
	for _, e := range events {
		if fact, ok := e.Event.(domain.CustomerEvent); ok {
			if err := fold.add(e, fact); err != nil {
				return err
			}
		}
	}
	return m.write(ctx, tx, fold)
}

// add folds one event. Whether bookings need approval follows from the domain's own fold.
func (f customerFold) add(e eventstore.Recorded, fact domain.CustomerEvent) error {
	id := domain.CustomerOf(fact)
	row := f.customers[id]
	if row == nil {
		row = &customerRow{CustomerID: id, Revision: eventstore.NoStream}
		f.customers[id] = row
	}
	if is, err := follows(e, row.Revision); !is {
		return err
	}
	state := domain.Customer{
		CustomerID: id, NeedsApproval: row.NeedsApproval, RequiredAt: row.RequiredAt.time(),
	}.Evolve(fact)
	row.NeedsApproval, row.RequiredAt = state.NeedsApproval, toInstant(state.RequiredAt)
	row.changed, row.Revision, row.Position = true, e.Revision, e.Position
	f.parts(e, fact, row)
	return nil
}

// parts notes what counts, and what the domain's state does not hold.
func (f customerFold) parts(e eventstore.Recorded, fact domain.CustomerEvent, row *customerRow) {
	switch fact := fact.(type) {
	case domain.CustomerNoShowCounted:
		f.count(countRow{CustomerID: fact.CustomerID, Kind: countNoShow, BookingID: fact.BookingID}, toInstant(fact.At), fact.Withdrawn)
	case domain.CustomerLateCancellationCounted:
		f.count(countRow{CustomerID: fact.CustomerID, Kind: countLateCancel, BookingID: fact.BookingID}, toInstant(fact.At), fact.Withdrawn)
	case domain.CustomerApprovalRequired:
		row.RequiredFor = fact.BookingID
	case domain.CustomerApprovalCleared:
		row.RequiredFor = ""
		row.Cleared = &Clearing{At: fact.At, By: fact.By, Actor: e.Metadata.Actor, Reason: fact.Reason}
	case domain.CustomerErased:
		row.ErasedAt = toInstant(fact.At)
	}
}

func (f customerFold) count(key countRow, at instant, withdrawn bool) {
	if withdrawn {
		f.counts[key] = nil
		return
	}
	row := key
	row.At = at
	f.counts[key] = &row
}

func (m customers) write(ctx context.Context, tx bun.Tx, f customerFold) error {
	var changed []*customerRow
	for _, id := range slices.Sorted(maps.Keys(f.customers)) {
		if r := f.customers[id]; r.changed {
			changed = append(changed, r)
		}
	}
	if err := insert(ctx, tx, m.customers(), changed, "(customer_id) DO UPDATE"); err != nil {
		return err
	}
	withdrawn := keys{columns: "(customer_id, kind, booking_id)"}
	var counted []*countRow
	for _, k := range slices.SortedFunc(maps.Keys(f.counts), countRow.compare) {
		if r := f.counts[k]; r != nil {
			counted = append(counted, r)
		} else {
			withdrawn.add(k.CustomerID, k.Kind, k.BookingID)
		}
	}
	if err := remove(ctx, writer{tx: tx}, m.counts(), withdrawn); err != nil {
		return err
	}
	return insert(ctx, tx, m.counts(), counted, "(customer_id, kind, booking_id) DO UPDATE")
}

func (r countRow) compare(o countRow) int {
	return cmp.Or(cmp.Compare(r.CustomerID, o.CustomerID), cmp.Compare(r.Kind, o.Kind), cmp.Compare(r.BookingID, o.BookingID))
}
