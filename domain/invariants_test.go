package domain_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

// drawn makes a random verb with random input; many are refused.
func drawn(t *rapid.T, newID func() string) func(domain.Booking) ([]domain.BookingEvent, error) {
	member := func(label string) string {
		return rapid.SampledFrom([]string{"stf_anna01", "stf_boris1", "stf_zoe001"}).Draw(t, label)
	}
	at := now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "minutes")) * time.Minute)
	switch rapid.IntRange(0, 5).Draw(t, "verb") {
	case 0:
		r := wish(member("first"), member("second"), member("third"))
		r.NewClaimID = newID
		return func(b domain.Booking) ([]domain.BookingEvent, error) { return b.Request(r) }
	case 1:
		staff := map[string]string{"seg_1": member("one"), "seg_3": member("three")}
		return func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Confirm(domain.Confirm{Staff: staff, Now: at, NewClaimID: newID})
		}
	case 2:
		if rapid.Bool().Draw(t, "mercy") { // rejections end histories; most would be over at once
			return func(domain.Booking) ([]domain.BookingEvent, error) { return nil, nil }
		}
		return reject
	case 3:
		by := rapid.SampledFrom([]domain.Party{domain.PartyCustomer, domain.PartySalon}).Draw(t, "by")
		if rapid.Bool().Draw(t, "mercy") {
			return func(domain.Booking) ([]domain.BookingEvent, error) { return nil, nil }
		}
		return func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Cancel(domain.Cancel{By: by, ReasonCode: "other", Now: at})
		}
	case 4:
		stray := fmt.Sprintf("clm_%d", rapid.IntRange(1, 9).Draw(t, "stray"))
		return func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Fence("bkg_first1", []string{stray}), nil
		}
	}
	a := domain.Assign{
		SegmentID: domain.SegmentID(rapid.IntRange(0, 3).Draw(t, "segment")), StaffID: member("to"), NewClaimID: newID,
	}
	return func(b domain.Booking) ([]domain.BookingEvent, error) { return b.Assign(a) }
}

// diff returns the slot diff that a fact carries.
func diff(e domain.BookingEvent) domain.SlotDiff {
	switch e := e.(type) {
	case domain.BookingRequested:
		return e.Slots
	case domain.BookingConfirmed:
		return e.Slots
	case domain.BookingRejected:
		return e.Slots
	case domain.BookingCancelled:
		return e.Slots
	case domain.BookingStaffAssigned:
		return e.Slots
	case domain.BookingClaimFenced, domain.BookingAbandoned:
	}
	return domain.SlotDiff{}
}

type place struct{ segmentID, staffID string }

// replay is a schedule as a page keeps it: it knows slot diffs and nothing else.
func replay(t *rapid.T, board map[place]domain.Slot, d domain.SlotDiff) {
	for _, s := range d.Freed {
		have, ok := board[place{s.SegmentID, s.StaffID}]
		if !ok || !reflect.DeepEqual(have, s) {
			t.Fatalf("%+v was freed where %+v was taken", s, have)
		}
		delete(board, place{s.SegmentID, s.StaffID})
	}
	for _, s := range d.Taken {
		board[place{s.SegmentID, s.StaffID}] = s
	}
}

func TestInvariantsOfABooking(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var b domain.Booking
		board, dropped, newID := map[place]domain.Slot{}, map[string]bool{}, numbered()
		for range rapid.IntRange(1, 15).Draw(t, "length") {
			before := fmt.Sprintf("%+v", b)
			facts, err := drawn(t, newID)(b)
			if err != nil && len(facts) > 0 {
				t.Fatal("a refusal came with facts")
			}
			was := b
			for _, f := range facts {
				replay(t, board, diff(f))
				_, gone := domain.DiffClaims(b.Claims, b.Evolve(f).Claims)
				for _, c := range gone {
					dropped[c.ClaimID] = true
				}
				b = b.Evolve(f)
			}
			if after := fmt.Sprintf("%+v", was); after != before {
				t.Fatalf("a verb or a fold changed the state that it was given:\n%s\n%s", before, after)
			}
			checkClaims(t, b, dropped)
			checkBoard(t, b, board)
		}
	})
}

// checkClaims: while a booking occupies time it names one claim for each segment, else none, and never one that it dropped.
func checkClaims(t *rapid.T, b domain.Booking, dropped map[string]bool) {
	if !b.Status.Occupies() {
		if len(b.Claims) > 0 {
			t.Fatalf("a %q booking names %d claims", b.Status, len(b.Claims))
		}
		return
	}
	if len(b.Claims) != len(b.Segments) {
		t.Fatalf("%d claims for %d segments", len(b.Claims), len(b.Segments))
	}
	for i, c := range b.Claims {
		s := b.Segments[i]
		if want := (domain.Claim{
			ClaimID: c.ClaimID, SegmentID: s.SegmentID, StaffID: s.StaffID, StartAt: s.StartAt, EndAt: s.EndAt,
		}); c != want {
			t.Fatalf("the claim %+v is not of the segment %+v", c, s)
		}
		if dropped[c.ClaimID] {
			t.Fatalf("%s was dropped and is named again", c.ClaimID)
		}
	}
}

func checkBoard(t *rapid.T, b domain.Booking, board map[place]domain.Slot) {
	slots := b.Slots()
	if len(slots) != len(board) {
		t.Fatalf("the replay holds %d slots, the booking %d", len(board), len(slots))
	}
	for _, s := range slots {
		if have := board[place{s.SegmentID, s.StaffID}]; !reflect.DeepEqual(have, s) {
			t.Fatalf("the replay holds %+v, the booking %+v", have, s)
		}
	}
}

// Folding a history twice from one shared beginning must not let one future see the other.
func TestFuturesDoNotMeet(t *testing.T) {
	t.Parallel()
	start := fold(history(t, wish("stf_anna01", "stf_zoe001")))
	one, err := start.Assign(domain.Assign{SegmentID: "seg_1", StaffID: "stf_boris1", NewClaimID: numbered()})
	if err != nil {
		t.Fatal(err)
	}
	left := start.Evolve(one[0])
	if start.Segments[0].StaffID != "stf_anna01" || left.Segments[0].StaffID != "stf_boris1" {
		t.Error("two states share a segment")
	}
	var day domain.StaffDay
	claim := func(id string) domain.StaffDayClaimed {
		return domain.StaffDayClaimed{Claim: domain.Claim{ClaimID: id}, BookingID: "bkg_first1"}
	}
	day = day.Evolve(claim("clm_a"))
	a, b := day.Evolve(claim("clm_b")), day.Evolve(claim("clm_c"))
	c := a.Evolve(domain.StaffDayReleased{ClaimID: "clm_a"})
	if a.Claims[1].ClaimID != "clm_b" || b.Claims[1].ClaimID != "clm_c" || a.Claims[0].ClaimID != "clm_a" || len(c.Claims) != 1 {
		t.Error("two days share a claim")
	}
}
