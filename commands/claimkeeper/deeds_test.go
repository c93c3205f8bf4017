package claimkeeper_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/domain"
)

// deed is a command that an actor issues.
type deed struct {
	verb    verb
	booking int // 0 and 1 exist from the start, others are requested
	member  int
	slot    int
	key     int // two deeds of one key and verb are one command sent twice
}

type verb int

const (
	request verb = iota
	approve
	assign
	reject
	cancel
	verbs // how many there are
)

func (d deed) String() string {
	name := [...]string{"request", "approve", "assign", "reject", "cancel"}[d.verb]
	return fmt.Sprintf("%s booking %d with member %d at slot %d, key %d", name, d.booking, d.member, d.slot, d.key)
}

// do lets an actor issue the deed.
func (w *world) do(d deed) *actor {
	return w.stage.enter(d.String(), func(store *steppedStore) {
		receipt, err := w.issue(w.tb.Context(), store, d)
		if err == nil {
			w.accepted = append(w.accepted, receipt)
			return
		}
		refusal, ok := errors.AsType[*domain.Refusal](err)
		if !ok {
			w.tb.Errorf("%v: %v", d, err)
			return
		}
		w.refused[refusal.Code]++
	})
}

func (w *world) issue(ctx context.Context, store *steppedStore, d deed) (commands.Receipt, error) {
	if d.verb == request {
		booking := len(w.bookings) + d.key // which booking it makes follows from the key
		return w.service(store, w.claimName(booking, fmt.Sprint(members[d.member], d.slot))).
			RequestBooking(ctx, owner, key(fmt.Sprintf("request-%d", d.key)), w.wishOf(d))
	}
	target := w.bookings[d.booking%len(w.bookings)].ID
	o, err := w.seen(ctx, store, target)
	if err != nil {
		return commands.Receipt{}, err
	}
	o.IdempotencyKey = fmt.Sprintf("verb-%d-%d", d.verb, d.key)
	s, member := w.service(store, w.claimName(d.booking%len(w.bookings), members[d.member])), members[d.member]
	switch d.verb {
	case approve:
		return s.ApproveBooking(ctx, owner, o, commands.ApproveBooking{
			BookingID: target, Assignments: []commands.Assignment{{SegmentID: "seg_1", StaffID: member}},
		})
	case assign:
		return s.AssignStaff(ctx, owner, o, commands.AssignStaff{BookingID: target, SegmentID: "seg_1", StaffID: member})
	case reject:
		return s.RejectBooking(ctx, owner, o, commands.RejectBooking{BookingID: target, Reason: "full"})
	case cancel:
		return s.CancelBooking(ctx, owner, o, commands.CancelBooking{BookingID: target, CancelledBy: domain.PartyCustomer})
	case request, verbs:
	}
	panic("no such verb")
}

// wishOf makes one key one command: member and time follow from it.
func (w *world) wishOf(d deed) commands.RequestBooking { return wish(members[d.member], d.slot) }

// seen reads the booking, as a receptionist does before she decides.
func (w *world) seen(ctx context.Context, store *steppedStore, id string) (commands.Options, error) {
	b, err := aggregate.Load[domain.Booking, domain.BookingEvent](ctx, store, domain.BookingStream(id))
	if err != nil {
		return commands.Options{}, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "read: %v", err)
	}
	return commands.Options{IfMatch: &b.Visible}, nil
}
