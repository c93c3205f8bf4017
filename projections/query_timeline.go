package projections

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Step is one entry of a booking's timeline: who did what, when, why and on whose behalf. It is for the desk: it names people
// by id and gives internal reasons.
type Step struct {
	Revision eventstore.Revision `json:"revision"`
	Position eventstore.Position `json:"position"`
	Type     string              `json:"type"` // the event's name, such as "booking.confirmed"
	At       time.Time           `json:"at"`   // UTC
	Actor    domain.Actor        `json:"actor"`
	// FromStatus is empty for the first step; the two are equal when the status stayed.
	FromStatus domain.Status `json:"fromStatus,omitempty"`
	ToStatus   domain.Status `json:"toStatus"`
	ReasonCode string        `json:"reasonCode,omitempty"`
	Reason     string        `json:"reason,omitempty"`
	Details    Details       `json:"details"`
}

// Timeline returns a booking's steps, the oldest first, and the position of the read. It has none for a booking that does
// not exist; whether the reader may see the booking is for the caller to find out.
func (q *Queries) Timeline(
	ctx context.Context, bookingID string, lowest eventstore.Position,
) (steps []Step, at eventstore.Position, err error) {
	err = q.models.Timeline.AtLeast(ctx, lowest, func(ctx context.Context, tx bun.Tx, seen Snapshot) error {
		var rows []timelineRow
		err := tx.NewSelect().Model(&rows).ModelTableExpr("? AS ?TableAlias", seen.timeline().steps()).
			Where("booking_id = ?", bookingID).OrderExpr("revision").Scan(ctx)
		steps, at = make([]Step, 0, len(rows)), seen.Position
		for _, r := range rows {
			steps = append(steps, r.step())
		}
		return err
	})
	return steps, at, err
}

func (r timelineRow) step() Step {
	return Step{
		Revision: r.Revision, Position: r.Position, Type: r.Type, At: r.At.time(),
		Actor:      domain.Actor{UserID: r.ActorID, Role: r.ActorRole, OnBehalfOf: r.OnBehalfOf},
		FromStatus: r.FromStatus, ToStatus: r.ToStatus, ReasonCode: r.ReasonCode, Reason: r.Reason, Details: r.Details,
	}
}
