package projections_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// requested is a salon in which Priya has asked for two haircuts, the first with Anita and the second with Bina.
func requested(tb testing.TB) *history {
	tb.Helper()
	h := salon(tb)
	h.request(first, priya, koramangala, noon(), haircut, anita, bina)
	return h
}

// requestedCard is the card of that booking.
func requestedCard(h *history) projections.Booking {
	e := h.event(domain.BookingStream(first), 0)
	segment := func(id, staff, local string, start time.Time) domain.Segment {
		return domain.Segment{
			SegmentID: id, ServiceID: haircut, ServiceName: "Haircut", StaffID: staff, DurationMinutes: 45,
			PriceMinor: 80_000, StartAt: start, EndAt: start.Add(45 * time.Minute),
			LocalDates: []string{"2026-06-16"}, LocalStart: local,
		}
	}
	return projections.Booking{
		ID: first, Number: h.bookings[first].Number, Type: domain.ServiceSalon,
		CustomerID: priya, BranchID: koramangala, TimeZone: "Asia/Kolkata", Status: domain.StatusPending,
		Segments: []domain.Segment{
			segment("seg_1", anita, "17:30", noon()), segment("seg_2", bina, "18:15", noon().Add(45*time.Minute)),
		},
		StartAt: noon(), EndAt: noon().Add(90 * time.Minute), LocalDate: "2026-06-16", LocalStart: "17:30",
		TotalMinor: 160_000, Currency: "INR",
		PendingSince: noon().AddDate(0, 0, -2), ExpiresAt: noon().AddDate(0, 0, -1), // after a day without an answer
		Policy: domain.DefaultPolicy(), ReschedulesLeft: 2, FreeCancelUntil: noon().Add(-4 * time.Hour),
		Revision: 0, Position: e.Position, RequestedAt: e.Metadata.OccurredAt, UpdatedAt: e.Metadata.OccurredAt,
	}
}

func TestTheCardFollowsEachEvent(t *testing.T) {
	t.Parallel()
	confirmed := func(c *projections.Booking) {
		c.Status, c.PendingSince, c.ExpiresAt = domain.StatusConfirmed, time.Time{}, time.Time{}
	}
	tests := []struct {
		scenario string
		given    func(h *history)
		want     func(c *projections.Booking) // beside revision, position and time of the last event
	}{
		{"a request is pending", func(*history) {}, func(*projections.Booking) {}},
		{"an approval confirms", func(h *history) { h.confirm(first, nil) }, confirmed},
		{
			"an approval may change the staff", func(h *history) { h.confirm(first, map[string]string{"seg_2": anita}) },
			func(c *projections.Booking) {
				confirmed(c)
				c.Segments[1].StaffID = anita
			},
		},
		{
			"a rejection gives its reason", func(h *history) { h.reject(first) },
			func(c *projections.Booking) {
				confirmed(c)
				c.Status, c.ReasonCode, c.Reason = domain.StatusRejected, "fully_booked", "We are full that day"
			},
		},
		{
			"a cancellation tells who, why and that it was late",
			func(h *history) {
				h.confirm(first, nil)
				h.cancel(first)
			},
			func(c *projections.Booking) {
				confirmed(c)
				c.Status, c.CancelledBy, c.Reason, c.Late = domain.StatusCancelled, domain.PartyCustomer, "I am ill", true
				c.OutcomeAt = noon().Add(-time.Hour)
			},
		},
		{
			"an assignment changes one segment", func(h *history) { h.assign(first, "seg_1", bina) },
			func(c *projections.Booking) { c.Segments[0].StaffID = bina },
		},
		{
			"a segment that nobody does needs staff",
			func(h *history) {
				h.confirm(first, nil)
				h.unassign(first, "seg_2")
			},
			func(c *projections.Booking) {
				confirmed(c)
				c.Segments[1].StaffID, c.NeedsStaff = "", true
			},
		},
		{
			"a move is counted", func(h *history) { h.move(first, noon().Add(time.Hour)) },
			func(c *projections.Booking) {
				for i := range c.Segments {
					c.Segments[i].StartAt = c.Segments[i].StartAt.Add(time.Hour)
					c.Segments[i].EndAt = c.Segments[i].EndAt.Add(time.Hour)
				}
				c.Segments[0].LocalStart, c.Segments[1].LocalStart, c.LocalStart = "18:30", "19:15", "18:30"
				c.StartAt, c.EndAt, c.FreeCancelUntil = noon().Add(time.Hour), noon().Add(150*time.Minute), noon().Add(-3*time.Hour)
				c.CustomerReschedules, c.ReschedulesLeft = 1, 1
			},
		},
		{
			"a completed one is paid, and tells when its services took place",
			func(h *history) {
				h.confirm(first, nil)
				h.start(first, "seg_1")
				h.complete(first, 80)
			},
			func(c *projections.Booking) {
				confirmed(c)
				end := noon().Add(80 * time.Minute)
				c.Status, c.PaymentMethod, c.PaidMinor, c.OutcomeAt = domain.StatusCompleted, domain.PaidUPI, 90_000, end
				c.Segments[0].StartedAt, c.Segments[0].FinishedAt = noon(), end
				c.Segments[1].StartedAt, c.Segments[1].FinishedAt = end, end
			},
		},
		{
			"a correction takes back how it ended",
			func(h *history) {
				h.confirm(first, nil)
				h.cancel(first)
				h.correct(first, domain.StatusConfirmed)
			},
			confirmed,
		},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			t.Parallel()
			h := requested(t)
			want := requestedCard(h)
			tt.given(h)
			last := h.last(domain.BookingStream(first))
			want.Revision, want.Position, want.UpdatedAt = last.Revision, last.Position, last.Metadata.OccurredAt
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

func TestAGuestsCardKeepsNameAndNumberSealed(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.walkIn(first, koramangala, noon(), facial, chitra)
	got, _, err := queries(t, h).BookingByID(t.Context(), first, 0)
	if err != nil || !got.IsWalkIn || got.CustomerID != "" || got.Status != domain.StatusConfirmed {
		t.Errorf("%+v, %v", got, err)
	}
	if g := guest(); !reflect.DeepEqual(got.GuestName, &g.Name) || !reflect.DeepEqual(got.GuestPhone, g.Phone) {
		t.Errorf("%+v, %+v", got.GuestName, got.GuestPhone)
	}
}

func TestNotesAreReadWithTheirBooking(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.note(first, "nt_second", domain.VisibleInternal, reception)
	h.note(first, "nt_first1", domain.VisibleCustomer, customer(priya))
	h.redact(first, "nt_second")
	note := func(id string, revision eventstore.Revision, v domain.Visibility, by domain.Actor) projections.Note {
		return projections.Note{
			ID: id, Visibility: v, AuthorID: by.UserID, AuthorRole: by.Role,
			At: h.event(domain.BookingStream(first), revision).Metadata.OccurredAt,
		}
	}
	want := []projections.Note{
		note("nt_second", 1, domain.VisibleInternal, reception), note("nt_first1", 2, domain.VisibleCustomer, customer(priya)),
	}
	want[0].Redacted = true
	want[1].Body = &domain.Sealed{KeyID: "key_nt_first1", Box: []byte("sealed nt_first1")}
	q := queries(t, h)
	got, _, err := q.BookingByID(t.Context(), first, 0)
	if err != nil || !reflect.DeepEqual(got.Notes, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got.Notes, want)
	}
	page, err := q.Bookings(t.Context(), projections.BookingFilter{Branches: projections.EveryBranch()}, 0)
	if err != nil || len(page.Bookings) != 1 || page.Bookings[0].Notes != nil {
		t.Errorf("a list gives notes: %+v, %v", page, err)
	}
}

func TestAFenceIsNotSeenByUsers(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.fence(first)
	h.fence(first)
	got, at, err := queries(t, h).BookingByID(t.Context(), first, 0)
	if err != nil || at != h.position {
		t.Fatalf("read at %d: %v", at, err)
	}
	if want := requestedCard(h); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	h.confirm(first, nil)
	if got, _, err = queries(t, h).BookingByID(t.Context(), first, 0); err != nil || got.Revision != 3 {
		t.Errorf("after two fences an approval stands at revision 3, not %d (%v)", got.Revision, err)
	}
}

func TestARequestMayFollowAnAbandonedOne(t *testing.T) {
	t.Parallel()
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

func TestAnEventThatDoesNotFitHaltsAndChangesNothing(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.confirm(first, nil)
	h.cancel(first)
	for scenario, missing := range map[string]eventstore.Revision{"without its request": 0, "after a gap": 1} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			haltsWithout(t, h, domain.BookingStream(first), missing, "bookings", "timeline", "schedule")
		})
	}
}

// TestATimeThatTheTablesDoNotReachIsTheirLast: commands refuse it; a log that has one all the same is read.
func TestATimeThatTheTablesDoNotReachIsTheirLast(t *testing.T) {
	t.Parallel()
	h := requested(t)
	e, ok := h.event(domain.BookingStream(first), 0).Event.(domain.BookingRequested)
	if !ok {
		t.Fatal("it begins otherwise")
	}
	e.BookingID, e.StartAt, e.EndAt = "bkg_distant", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 2, 0, 0, 0, 0, time.UTC)
	h.record(domain.BookingStream(e.BookingID), engine, e)
	e.BookingID, e.StartAt = "bkg_ancient", time.Date(1066, 10, 14, 9, 0, 0, 0, time.UTC)
	h.record(domain.BookingStream(e.BookingID), engine, e)
	page, err := queries(t, h).Bookings(t.Context(), projections.BookingFilter{Branches: projections.EveryBranch()}, 0)
	if err != nil || len(page.Bookings) != 3 {
		t.Fatalf("%+v, %v", page, err)
	}
	var ids []string
	for _, b := range page.Bookings {
		ids = append(ids, b.ID)
	}
	if !slices.Equal(ids, []string{"bkg_ancient", first, "bkg_distant"}) || page.Bookings[2].StartAt.Year() != 2262 {
		t.Errorf("%q, %s", ids, page.Bookings[2].StartAt)
	}
}

// haltsWithout folds a log in which one event is missing, as far as that and then on from there: the named read models must
// halt at the next event of its stream, the others must not.
func haltsWithout(t *testing.T, h *history, stream string, revision eventstore.Revision, names ...string) {
	t.Helper()
	skip := 0
	for i, e := range h.events {
		if e.Stream == stream && e.Revision == revision {
			skip = i
		}
	}
	for _, m := range models(openDB(t)).Handlers() {
		if err := m.Handle(t.Context(), batch(h.events[:skip])); err != nil {
			t.Fatal(err)
		}
		before, err := m.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = m.Handle(t.Context(), batch(h.events[skip+1:]))
		_, halted := errors.AsType[*subscription.HaltError](err)
		if want := slices.Contains(names, m.Name()); halted != want || err != nil && !halted {
			t.Errorf("%s: %v", m.Name(), err)
		}
		if at, err := m.Checkpoint(t.Context()); err != nil || halted && at != before {
			t.Errorf("the checkpoint of %s moved to %d, %v", m.Name(), at, err)
		}
	}
}

func isRefusal(err error, kind domain.Kind, code domain.Code) bool {
	r, ok := errors.AsType[*domain.Refusal](err)
	return ok && r.Kind == kind && r.Code == code
}
