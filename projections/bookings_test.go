package projections_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

const first = "bkg_first1"

// noon is 12:00 UTC on the day after the histories begin: 17:30 in Kolkata.
func noon() time.Time { return time.Date(2026, 6, 16, 12, 0, 0, 0, time.UTC) }

// requested is a salon in which Priya has asked for two haircuts, the first with Anita and the second with Bina.
func requested(tb testing.TB) *history {
	tb.Helper()
	h := salon(tb)
	h.request(first, priya, koramangala, noon(), haircut, anita, bina)
	return h
}

// requestedCard is the card of that booking.
func requestedCard() projections.Booking {
	at := monday().Add(13 * time.Minute) // the 13th event of the history
	segment := func(id, staff, local string, start time.Time) domain.Segment {
		return domain.Segment{
			SegmentID: id, ServiceID: haircut, ServiceName: "Service svc_haircut", StaffID: staff, DurationMinutes: 45,
			PriceMinor: 80_000, StartAt: start, EndAt: start.Add(45 * time.Minute),
			LocalDates: []string{"2026-06-16"}, LocalStart: local,
		}
	}
	return projections.Booking{
		ID: first, CustomerID: priya, BranchID: koramangala, TimeZone: "Asia/Kolkata", Status: domain.StatusPending,
		Segments: []domain.Segment{
			segment("seg_1", anita, "17:30", noon()), segment("seg_2", bina, "18:15", noon().Add(45*time.Minute)),
		},
		StartAt: noon(), EndAt: noon().Add(90 * time.Minute), LocalDate: "2026-06-16", LocalStart: "17:30",
		TotalMinor: 160_000, Currency: "INR", Revision: 0, Position: 13 * 7, RequestedAt: at, UpdatedAt: at,
	}
}

func TestTheCardFollowsEachEvent(t *testing.T) {
	tests := []struct {
		scenario string
		given    func(h *history)
		want     func(c *projections.Booking) // beside revision, position and time of the last event
		steps    int                          // events that users see, after the request
	}{
		{"a request is pending", func(*history) {}, func(*projections.Booking) {}, 0},
		{
			"an approval confirms", func(h *history) { h.confirm(first, nil) },
			func(c *projections.Booking) { c.Status = domain.StatusConfirmed }, 1,
		},
		{
			"an approval may change the staff", func(h *history) { h.confirm(first, map[string]string{"seg_2": chitra}) },
			func(c *projections.Booking) { c.Status, c.Segments[1].StaffID = domain.StatusConfirmed, chitra }, 1,
		},
		{
			"a rejection gives its reason", func(h *history) { h.reject(first) },
			func(c *projections.Booking) {
				c.Status, c.ReasonCode, c.Reason = domain.StatusRejected, "fully_booked", "We are full that day"
			}, 1,
		},
		{
			"a cancellation tells who, why and that it was late",
			func(h *history) {
				h.confirm(first, nil)
				h.cancel(first)
			},
			func(c *projections.Booking) {
				c.Status, c.CancelledBy, c.Reason, c.Late = domain.StatusCancelled, domain.PartyCustomer, "I am ill", true
			}, 2,
		},
		{
			"an assignment changes one segment", func(h *history) { h.assign(first, "seg_1", chitra) },
			func(c *projections.Booking) { c.Segments[0].StaffID = chitra }, 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			h := requested(t)
			tt.given(h)
			want := requestedCard()
			want.Revision, want.Position = h.revisions[domain.BookingStream(first)], h.position
			want.UpdatedAt = want.RequestedAt.Add(time.Duration(tt.steps) * time.Minute)
			tt.want(&want)
			got, at, err := queries(t, h).BookingByID(t.Context(), first, 0)
			if err != nil || at != h.position {
				t.Fatalf("read at %d: %v", at, err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("\n got %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestAFenceIsNotSeenByUsers(t *testing.T) {
	h := requested(t)
	h.fence(first)
	h.fence(first)
	got, at, err := queries(t, h).BookingByID(t.Context(), first, 0)
	if err != nil || at != h.position {
		t.Fatalf("read at %d: %v", at, err)
	}
	if want := requestedCard(); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	h.confirm(first, nil)
	if got, _, err = queries(t, h).BookingByID(t.Context(), first, 0); err != nil || got.Revision != 3 {
		t.Errorf("after two fences an approval stands at revision 3, not %d (%v)", got.Revision, err)
	}
}

func TestARequestMayFollowAnAbandonedOne(t *testing.T) {
	h := salon(t)
	h.fence(first)
	q := queries(t, h)
	if _, _, err := q.BookingByID(t.Context(), first, 0); !isRefusal(err, domain.NotFound, domain.CodeNotFound) {
		t.Fatalf("an abandoned booking must not exist: %v", err)
	}
	h.request(first, priya, koramangala, noon(), haircut, anita)
	if got, _, err := queries(t, h).BookingByID(t.Context(), first, 0); err != nil || got.Revision != 1 {
		t.Errorf("revision %d, %v", got.Revision, err)
	}
}

func TestTheTimelineTellsWhoWhenWhatAndWhy(t *testing.T) {
	h := requested(t)
	h.assign(first, "seg_1", chitra)
	h.fence(first)
	h.confirm(first, nil)
	h.cancel(first)
	steps, at, err := queries(t, h).Timeline(t.Context(), first, 0)
	if err != nil || at != h.position {
		t.Fatalf("read at %d: %v", at, err)
	}
	begun := requestedCard().RequestedAt
	customer := domain.Actor{UserID: priya, Role: domain.RoleCustomer}
	receptionist := domain.Actor{UserID: desk, Role: domain.RoleReceptionist}
	want := []projections.Step{
		{Type: "booking.requested", Actor: customer, ToStatus: "pending", Revision: 0, Position: 91, At: begun},
		{
			Type: "booking.staff_assigned", Actor: receptionist, FromStatus: "pending", ToStatus: "pending",
			Revision: 1, Position: 98, At: begun.Add(time.Minute),
			SegmentID: "seg_1", StaffID: chitra, PreviousStaffID: anita,
		},
		{
			Type: "booking.confirmed", Actor: receptionist, FromStatus: "pending", ToStatus: "confirmed",
			Revision: 3, Position: 112, At: begun.Add(3 * time.Minute),
		},
		{
			Type: "booking.cancelled", Actor: customer, FromStatus: "confirmed", ToStatus: "cancelled",
			Revision: 4, Position: 119, At: begun.Add(4 * time.Minute), Reason: "I am ill",
		},
	}
	if !reflect.DeepEqual(steps, want) {
		t.Errorf("\n got %+v\nwant %+v", steps, want)
	}
}

func TestAnEventThatDoesNotFitHaltsAndChangesNothing(t *testing.T) {
	h := requested(t)
	h.confirm(first, nil)
	h.cancel(first)
	requestAt, confirmAt := len(h.events)-3, len(h.events)-2
	for scenario, skip := range map[string]int{"without its request": requestAt, "after a gap": confirmAt} {
		t.Run(scenario, func(t *testing.T) {
			m := models(openDB(t))
			if err := m.Bookings.Handle(t.Context(), batch(h.events[:skip])); err != nil {
				t.Fatal(err)
			}
			before := h.events[skip-1].Position
			err := m.Bookings.Handle(t.Context(), batch(h.events[skip+1:]))
			if _, ok := errors.AsType[*subscription.HaltError](err); !ok {
				t.Fatalf("not halted: %v", err)
			}
			if at, err := m.Bookings.Checkpoint(t.Context()); err != nil || at != before {
				t.Errorf("the checkpoint moved to %d, %v", at, err)
			}
		})
	}
}

func isRefusal(err error, kind domain.Kind, code domain.Code) bool {
	r, ok := errors.AsType[*domain.Refusal](err)
	return ok && r.Kind == kind && r.Code == code
}
