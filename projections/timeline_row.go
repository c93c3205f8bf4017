package projections

import (
	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// timelineRow is one step in a booking's life: who did what, when and why. It holds ids, never names.
type timelineRow struct {
	bun.BaseModel `bun:"alias:t"`

	BookingID       string              `bun:"booking_id,pk"`
	Revision        eventstore.Revision `bun:"revision,pk"`
	Position        eventstore.Position `bun:"position"`
	Type            string              `bun:"type"`
	At              micros              `bun:"at"`
	ActorID         string              `bun:"actor_id"`
	ActorRole       domain.Role         `bun:"actor_role"`
	OnBehalfOf      string              `bun:"on_behalf_of"`
	FromStatus      domain.Status       `bun:"from_status"`
	ToStatus        domain.Status       `bun:"to_status"`
	ReasonCode      string              `bun:"reason_code"`
	Reason          string              `bun:"reason"`
	SegmentID       string              `bun:"segment_id"`
	StaffID         string              `bun:"staff_id"`
	PreviousStaffID string              `bun:"previous_staff_id"`
}

func newTimelineRow(e eventstore.Recorded, fact domain.BookingEvent, from, to domain.Status) timelineRow {
	actor := e.Metadata.Actor
	row := timelineRow{
		BookingID: domain.BookingOf(fact), Revision: e.Revision, Position: e.Position,
		Type: fact.EventType(), At: toMicros(e.Metadata.OccurredAt),
		ActorID: actor.UserID, ActorRole: actor.Role, OnBehalfOf: actor.OnBehalfOf,
		FromStatus: from, ToStatus: to,
	}
	switch fact := fact.(type) {
	case domain.BookingRejected:
		row.ReasonCode, row.Reason = fact.ReasonCode, withoutNUL(fact.Reason)
	case domain.BookingCancelled:
		row.ReasonCode, row.Reason = fact.ReasonCode, withoutNUL(fact.Reason)
	case domain.BookingStaffAssigned:
		row.SegmentID, row.StaffID, row.PreviousStaffID = fact.Segment.SegmentID, fact.Segment.StaffID, fact.PreviousStaffID
	case domain.BookingRequested, domain.BookingConfirmed, domain.BookingClaimFenced, domain.BookingAbandoned:
	}
	return row
}
