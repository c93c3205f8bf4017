package publishers

import (
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// fanOut collects the messages of one event.
type fanOut struct {
	Directory
	event eventstore.Recorded
	// entity is the booking, leave or branch whose stream the event is on: its revisions order the messages.
	entity   string
	messages []Message
	parts    map[string]int
}

func newFanOut(event eventstore.Recorded, entity string, known Directory) *fanOut {
	return &fanOut{Directory: known, event: event, entity: entity, parts: map[string]int{}}
}

// add appends a message; messages of one channel keep the order in which they are added. branchID is the branch that the
// message is about, empty where it is about no single one.
func (f *fanOut) add(to channel, branchID, name string, payload any) {
	part := f.parts[to.name]
	f.parts[to.name]++
	f.messages = append(f.messages, Message{
		Channel: to.name, Template: to.template, Name: name,
		EventID: f.event.ID, EventType: f.event.Event.EventType(),
		Envelope: Envelope{
			Entity: f.entity, Version: f.event.Revision, Part: part, Position: f.event.Position,
			OccurredAt: f.event.Metadata.OccurredAt.UTC(), BranchID: branchID,
		},
		Payload: payload,
	})
}

// onDates adds a message to the schedule of each of a branch's local dates, under both names of its channel.
func (f *fanOut) onDates(branchID string, dates []string, name string, payload any) {
	for _, date := range dates {
		for _, to := range scheduleChannels(branchID, date) {
			f.add(to, branchID, name, payload)
		}
	}
}

// bookingFanOut is the fan-out of an event about one booking.
type bookingFanOut struct {
	*fanOut
	ref domain.BookingRef
	// by is who did it, as the salon sees it.
	by internalActor
}

func newBookingFanOut(event eventstore.Recorded, ref domain.BookingRef, known Directory) *bookingFanOut {
	actor := event.Metadata.Actor
	return &bookingFanOut{
		fanOut: newFanOut(event, ref.BookingID, known), ref: ref, by: internalActor{UserID: actor.UserID, Role: actor.Role},
	}
}

// byPolicy says that nobody did it: a rule of the branch applied, in whosever command it was.
func (f *bookingFanOut) byPolicy() { f.by = internalActor{Role: domain.RoleSystem} }

// changedBy is what a customer may learn about who did it.
func (f *bookingFanOut) changedBy() domain.Party { return domain.Actor{Role: f.by.Role}.Party() }

func (f *bookingFanOut) customerName() string { return f.customer(f.ref) }

// toCustomer adds a message on the customer's own channel; a guest without an account has none.
func (f *bookingFanOut) toCustomer(name string, payload any) {
	if f.ref.CustomerID != "" {
		f.add(customerChannel(f.ref.CustomerID), f.ref.BranchID, name, payload)
	}
}

// toPublic adds a message on the booking's channel for customer and staff, toInternal on the salon's own.
func (f *bookingFanOut) toPublic(name string, payload any) {
	f.add(bookingChannel(f.ref.BookingID), f.ref.BranchID, name, payload)
}

func (f *bookingFanOut) toInternal(name string, payload any) {
	f.add(internalChannel(f.ref.BookingID), f.ref.BranchID, name, payload)
}

// toDesk adds a message on the queue of the booking's branch.
func (f *bookingFanOut) toDesk(name string, payload any) {
	f.add(deskChannel(f.ref.BranchID), f.ref.BranchID, name, payload)
}
