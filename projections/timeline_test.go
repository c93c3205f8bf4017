package projections_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

func TestTheTimelineTellsWhoWhenWhatAndWhy(t *testing.T) {
	t.Parallel()
	h := requested(t)
	h.assign(first, "seg_1", bina)
	h.fence(first)
	h.confirm(first, nil)
	h.move(first, noon().Add(time.Hour))
	h.unassign(first, "seg_2")
	h.note(first, "nt_first1", domain.VisibleInternal, reception)
	forPriya := domain.Actor{UserID: desk, Role: domain.RoleReceptionist, OnBehalfOf: priya}
	facts, err := h.bookings[first].Cancel(domain.Cancel{By: domain.PartyCustomer, Reason: "I am ill", Now: noon()})
	h.must(h.book(first, forPriya, facts, err))
	h.correct(first, domain.StatusConfirmed)
	steps, at, err := queries(t, h).Timeline(t.Context(), first, 0)
	if err != nil || at != h.position {
		t.Fatalf("read at %d: %v", at, err)
	}
	step := func(revision eventstore.Revision, by domain.Actor, from, to domain.Status, d projections.Details) projections.Step {
		e := h.event(domain.BookingStream(first), revision)
		return projections.Step{
			Revision: revision, Position: e.Position, Type: e.Event.EventType(), At: e.Metadata.OccurredAt,
			Actor: by, FromStatus: from, ToStatus: to, Details: d,
		}
	}
	because := func(s projections.Step, reason string) projections.Step {
		s.Reason = reason
		return s
	}
	const pending, confirmed, cancelled = domain.StatusPending, domain.StatusConfirmed, domain.StatusCancelled
	want := []projections.Step{
		step(0, customer(priya), "", pending, projections.Details{}),
		step(1, reception, pending, pending, projections.Details{
			SegmentID: "seg_1", ServiceID: haircut,
			Staff: []projections.StaffChange{{SegmentID: "seg_1", FromStaffID: anita, ToStaffID: bina}},
		}),
		step(3, reception, pending, confirmed, projections.Details{}),
		because(step(4, customer(priya), confirmed, confirmed, projections.Details{
			By: domain.PartyCustomer,
			Times: &projections.TimesChange{
				FromStartAt: noon(), FromEndAt: noon().Add(90 * time.Minute),
				ToStartAt: noon().Add(time.Hour), ToEndAt: noon().Add(150 * time.Minute),
			},
		}), "I work late"),
		because(step(5, reception, confirmed, confirmed, projections.Details{
			SegmentID: "seg_2", ServiceID: haircut, Staff: []projections.StaffChange{{SegmentID: "seg_2", FromStaffID: bina}},
		}), "She is ill"),
		step(6, reception, confirmed, confirmed, projections.Details{NoteID: "nt_first1", Visibility: domain.VisibleInternal}),
		because(step(7, forPriya, confirmed, cancelled, projections.Details{By: domain.PartyCustomer, Late: true}), "I am ill"),
		because(step(8, manager, cancelled, confirmed, projections.Details{}), "A wrong tap"),
	}
	if !reflect.DeepEqual(steps, want) {
		t.Errorf("\n got %+v\nwant %+v", steps, want)
	}
}

func TestTheTimelineTellsWhoseClockOrPurseItWas(t *testing.T) {
	t.Parallel()
	tests := []struct {
		scenario string
		given    func(h *history)
		want     projections.Details // of the last step
	}{
		{
			"what was paid",
			func(h *history) {
				h.confirm(first, nil)
				h.start(first, "seg_1")
				h.complete(first, 90)
			},
			projections.Details{PaymentMethod: domain.PaidUPI, PaidMinor: 90_000, Currency: "INR"},
		},
		{
			"that the clock declined it",
			func(h *history) {
				facts, err := h.bookings[first].Expire(noon())
				h.must(h.book(first, engine, facts, err))
			},
			projections.Details{Auto: true},
		},
		{
			"that nobody came, by the clock",
			func(h *history) {
				h.confirm(first, nil)
				facts, err := h.bookings[first].AutoNoShow(domain.NoShow{
					Location: time.UTC, Now: noon().AddDate(0, 0, 1), NewClaimID: h.claim,
				})
				h.must(h.book(first, engine, facts, err))
			},
			projections.Details{Auto: true},
		},
		{
			"a longer service, and what the desk passed over for it",
			func(h *history) {
				b := h.bookings[first]
				facts, err := b.ChangeDuration(domain.ChangeDuration{
					Roster: h.roster(koramangala), SegmentID: "seg_2", Minutes: 60, Overrides: []domain.Override{domain.OverrideHours},
					NewClaimID: h.claim,
				})
				h.must(h.book(first, reception, facts, err))
			},
			projections.Details{
				SegmentID: "seg_2", ServiceID: haircut, FromMinutes: 45, ToMinutes: 60,
				Overrides: []domain.Override{domain.OverrideHours},
				Times: &projections.TimesChange{
					FromStartAt: noon(), FromEndAt: noon().Add(90 * time.Minute), ToStartAt: noon(), ToEndAt: noon().Add(105 * time.Minute),
				},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			t.Parallel()
			h := requested(t)
			tt.given(h)
			steps, _, err := queries(t, h).Timeline(t.Context(), first, 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := steps[len(steps)-1].Details; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("\n got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// TestTheTimelineHoldsNoTextOfANote looks for the sealed bytes and their keys in all that a timeline tells.
func TestTheTimelineHoldsNoTextOfANote(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.walkIn(first, koramangala, noon(), facial, chitra)
	h.note(first, "nt_first1", domain.VisibleCustomer, reception)
	h.redact(first, "nt_first1")
	q := queries(t, h)
	steps, _, err := q.Timeline(t.Context(), first, 0)
	if err != nil || len(steps) != 3 {
		t.Fatalf("%d steps, %v", len(steps), err)
	}
	text, err := json.Marshal(steps)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"key_", "c2VhbGVk" /* "sealed" in base64 */, "box", "guest"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q is in %s", secret, text)
		}
	}
	card, _, err := q.BookingByID(t.Context(), first, 0)
	if err != nil {
		t.Fatal(err)
	}
	if text, err = json.Marshal(card); err != nil || !strings.Contains(string(text), "c2VhbGVk") {
		t.Errorf("the test looks for what is nowhere: %s, %v", text, err)
	}
}
