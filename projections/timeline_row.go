package projections

import (
	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// timelineRow is one step in a booking's life: who did what, when and why. It holds ids, never names, and no text of a note.
type timelineRow struct {
	bun.BaseModel `bun:"alias:t"`

	BookingID  string              `bun:"booking_id,pk"`
	Revision   eventstore.Revision `bun:"revision,pk"`
	Position   eventstore.Position `bun:"position"`
	Type       string              `bun:"type"`
	At         instant             `bun:"at"`
	ActorID    string              `bun:"actor_id"`
	ActorRole  domain.Role         `bun:"actor_role"`
	OnBehalfOf string              `bun:"on_behalf_of"`
	FromStatus domain.Status       `bun:"from_status"`
	ToStatus   domain.Status       `bun:"to_status"`
	ReasonCode string              `bun:"reason_code"`
	Reason     string              `bun:"reason"`
	Details    Details             `bun:"details,type:json"`
}

// newTimelineRow tells an event from what the booking was before and after it.
func newTimelineRow(e eventstore.Recorded, fact domain.BookingEvent, before, after domain.Booking) timelineRow {
	actor := e.Metadata.Actor
	code, reason := reasonOf(fact)
	return timelineRow{
		BookingID: domain.BookingOf(fact), Revision: e.Revision, Position: e.Position,
		Type: fact.EventType(), At: toInstant(e.Metadata.OccurredAt),
		ActorID: actor.UserID, ActorRole: actor.Role, OnBehalfOf: actor.OnBehalfOf,
		FromStatus: before.Status, ToStatus: after.Status, ReasonCode: code, Reason: withoutNUL(reason),
		Details: detailsOf(fact, before, after),
	}
}

// reasonOf returns why something was done: a code, words, both or neither.
func reasonOf(fact domain.BookingEvent) (code, reason string) {
	switch fact := fact.(type) {
	case domain.BookingRejected:
		return fact.ReasonCode, fact.Reason
	case domain.BookingCancelled:
		return fact.ReasonCode, fact.Reason
	case domain.BookingRescheduled:
		return "", fact.Reason
	case domain.BookingStaffUnassigned:
		return "", fact.Reason
	case domain.BookingServiceRemoved:
		return "", fact.Reason
	case domain.BookingDurationChanged:
		return "", fact.Reason
	case domain.BookingNoteRedacted:
		return "", fact.Reason
	case domain.BookingOutcomeCorrected:
		return "", fact.Reason
	case domain.BookingRequested, domain.BookingWalkInCreated, domain.BookingConfirmed, domain.BookingStaffAssigned,
		domain.BookingServiceAdded, domain.BookingNoteAdded, domain.BookingCheckedIn, domain.BookingSegmentStarted,
		domain.BookingSegmentFinished, domain.BookingCompleted, domain.BookingNoShow, domain.BookingClaimFenced,
		domain.BookingAbandoned:
	}
	return "", ""
}
