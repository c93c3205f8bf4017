package domain_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

type verb = func(domain.Booking) ([]domain.BookingEvent, error)

// drawn makes a random verb with random input; many are refused.
func drawn(t *rapid.T, newID func() string) verb {
	member := func(label string) string {
		return rapid.SampledFrom([]string{"stf_anna01", "stf_boris1", "stf_zoe001"}).Draw(t, label)
	}
	at := now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "minutes")) * time.Minute)
	segment := domain.SegmentID(rapid.IntRange(0, 4).Draw(t, "segment"))
	service := rapid.SampledFrom([]domain.Service{cut(), colour(), massage()}).Draw(t, "service")
	start := opening.Add(time.Duration(rapid.IntRange(-8, 60).Draw(t, "quarters")) * 15 * time.Minute)
	mercy := rapid.Bool().Draw(t, "mercy") // what ends histories: most would be over at once
	ending := func(v verb) verb {
		if mercy {
			return func(domain.Booking) ([]domain.BookingEvent, error) { return nil, nil }
		}
		return v
	}
	by := rapid.SampledFrom([]domain.Party{domain.PartyCustomer, domain.PartySalon}).Draw(t, "by")
	return rapid.SampledFrom([]verb{
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			r := wish("stf_anna01", "stf_zoe001")
			r.Services[1].Service = colour()
			r.Branch.Policy.AutoConfirm, r.NewClaimID = mercy, newID
			return b.Request(r)
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.WalkIn(domain.WalkIn{
				BookingID: "bkg_first1", CustomerID: carla.UserID, Roster: roster(), StartAt: at, Now: at, NewClaimID: newID,
				Services: []domain.ServiceChoice{{Service: colour(), StaffID: member("walk-in")}},
			})
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Confirm(domain.Confirm{
				Roster: roster(), Staff: map[string]string{"seg_1": member("one"), "seg_2": member("two")}, Now: at, NewClaimID: newID,
			})
		},
		ending(reject),
		ending(func(b domain.Booking) ([]domain.BookingEvent, error) { return b.Expire(at) }),
		ending(func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Cancel(domain.Cancel{By: by, ReasonCode: "other", Now: at})
		}),
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Reschedule(domain.Reschedule{
				Roster: roster(), StartAt: start, Staff: map[string]string{segment: member("to")}, By: by, Now: now, NewClaimID: newID,
			})
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Assign(domain.Assign{Roster: roster(), SegmentID: segment, StaffID: member("to"), NewClaimID: newID})
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Unassign(domain.Unassign{Roster: roster(), SegmentID: segment, NewClaimID: newID})
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.AddService(domain.AddService{
				Roster: roster(), Choice: domain.ServiceChoice{Service: service, StaffID: member("added")}, Before: "", NewClaimID: newID,
			})
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.AddService(domain.AddService{
				Roster: roster(), Choice: domain.ServiceChoice{Service: service, StaffID: member("put")}, Before: segment, NewClaimID: newID,
			})
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.RemoveService(domain.RemoveService{Roster: roster(), SegmentID: segment, NewClaimID: newID})
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.ChangeDuration(domain.ChangeDuration{
				Roster: roster(), SegmentID: segment, Minutes: int(at.Sub(now)/time.Minute)%100 + 1, NewClaimID: newID,
			})
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) { return b.CheckIn(at) },
		func(b domain.Booking) ([]domain.BookingEvent, error) { return b.StartService(segment, at) },
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.FinishService(domain.FinishService{SegmentID: segment, Location: time.UTC, Now: at, NewClaimID: newID})
		},
		ending(func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Complete(domain.Complete{Method: domain.PaidCash, Location: time.UTC, Now: at, NewClaimID: newID})
		}),
		ending(func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.MarkNoShow(domain.NoShow{Location: time.UTC, Now: at, NewClaimID: newID})
		}),
		ending(func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.AutoNoShow(domain.NoShow{Location: time.UTC, Now: at, NewClaimID: newID})
		}),
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			to := rapid.SampledFrom(domain.Statuses()).Draw(t, "right")
			return b.Correct(domain.Correct{To: to, Manager: true, Location: time.UTC, Now: at, NewClaimID: newID})
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.AddNote(domain.AddNote{NoteID: "nt_" + segment, Visibility: domain.VisibleInternal, Author: desk})
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.RedactNote(domain.RedactNote{NoteID: "nt_" + segment})
		},
		func(b domain.Booking) ([]domain.BookingEvent, error) {
			return b.Fence("bkg_first1", []string{fmt.Sprintf("clm_%d", int(at.Sub(now)/time.Minute)%20)}), nil
		},
	}).Draw(t, "verb")
}

type place struct {
	segmentID, staffID string
	start              int64
}

func placeOf(s domain.Slot) place { return place{s.SegmentID, s.StaffID, s.StartAt.UnixNano()} }

// replay is a schedule as a page keeps it: it knows slot diffs and nothing else.
func replay(t *rapid.T, board map[place]domain.Slot, d domain.SlotDiff) {
	for _, s := range d.Freed {
		have, ok := board[placeOf(s)]
		if !ok || !reflect.DeepEqual(have, s) {
			t.Fatalf("%+v was freed where %+v was taken", s, have)
		}
		delete(board, placeOf(s))
	}
	for _, s := range d.Taken {
		board[placeOf(s)] = s
	}
}

func TestInvariantsOfABooking(t *testing.T) {
	t.Parallel()
	reached, seen := map[domain.Status]int{}, map[string]int{}
	// Rounds go on until every status and event has come up: what never happens is not tested.
	for round := 0; round < 50 && missing(reached, seen) != ""; round++ {
		checkHistories(t, reached, seen)
	}
	if what := missing(reached, seen); what != "" {
		t.Errorf("no history has %s", what)
	}
}

// missing names a status or an event that has not come up.
func missing(reached map[domain.Status]int, seen map[string]int) string {
	for _, s := range domain.Statuses() {
		if reached[s] == 0 {
			return string(s)
		}
	}
	for _, e := range domain.Catalogue() {
		if _, ok := e.(domain.BookingEvent); ok && seen[e.EventType()] == 0 {
			return e.EventType()
		}
	}
	return ""
}

func checkHistories(t *testing.T, reached map[domain.Status]int, seen map[string]int) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		var b domain.Booking
		board, dropped, newID := map[place]domain.Slot{}, map[string]bool{}, numbered()
		for range rapid.IntRange(1, 30).Draw(t, "length") {
			before := fmt.Sprintf("%+v", b)
			facts, err := drawn(t, newID)(b)
			if err != nil && len(facts) > 0 {
				t.Fatal("a refusal came with facts")
			}
			was := b
			for _, f := range facts {
				seen[f.EventType()]++
				held, _ := domain.HoldingOf(f)
				replay(t, board, held.Slots)
				_, gone := domain.DiffClaims(b.Claims, b.Evolve(f).Claims)
				for _, c := range gone {
					dropped[c.ClaimID] = true
				}
				b = b.Evolve(f)
				checkClaims(t, b, dropped)
				checkBoard(t, b, board)
				checkReach(t, f, b)
				checkPlan(t, b)
			}
			reached[b.Status]++
			if after := fmt.Sprintf("%+v", was); after != before {
				t.Fatalf("a verb or a fold changed the state that it was given:\n%s\n%s", before, after)
			}
		}
	})
}

// checkClaims: a booking names exactly one claim for each slot that it shows, and never one that it has dropped.
func checkClaims(t *rapid.T, b domain.Booking, dropped map[string]bool) {
	slots := b.Slots(time.UTC)
	if len(b.Claims) != len(slots) {
		t.Fatalf("a %q booking names %d claims for %d slots", b.Status, len(b.Claims), len(slots))
	}
	for i, c := range b.Claims {
		s := slots[i]
		if want := (domain.Claim{
			ClaimID: c.ClaimID, SegmentID: s.SegmentID, StaffID: s.StaffID, StartAt: s.StartAt, EndAt: s.EndAt,
		}); c != want {
			t.Fatalf("the claim %+v is not of the slot %+v", c, s)
		}
		if dropped[c.ClaimID] {
			t.Fatalf("%s was dropped and is named again", c.ClaimID)
		}
	}
}

// checkBoard: what a page has replayed is what the booking occupies, and what the booking remembers of it.
func checkBoard(t *rapid.T, b domain.Booking, board map[place]domain.Slot) {
	for name, slots := range map[string][]domain.Slot{"occupies": b.Slots(time.UTC), "remembers": b.Held} {
		if len(slots) != len(board) {
			t.Fatalf("the replay holds %d slots, the booking %s %d", len(board), name, len(slots))
		}
		for _, s := range slots {
			if have := board[placeOf(s)]; !reflect.DeepEqual(have, s) {
				t.Fatalf("the replay holds %+v, the booking %s %+v", have, name, s)
			}
		}
	}
}

// checkPlan: a customer has one service at a time, in their order, from the booking's start to its end.
func checkPlan(t *rapid.T, b domain.Booking) {
	if len(b.Segments) == 0 {
		return
	}
	at := b.StartAt
	for _, s := range b.Segments {
		if s.StartAt.Before(at) {
			t.Fatalf("%s begins at %v, what is before it ends at %v: %+v", s.SegmentID, s.StartAt, at, b.Segments)
		}
		at = s.EndAt
	}
	if !b.EndAt.Equal(at) {
		t.Fatalf("the booking ends at %v, its last service at %v", b.EndAt, at)
	}
}

// checkReach: an event that leaves slots as they are, but not their looks, names every date and member that sees them.
func checkReach(t *rapid.T, f domain.BookingEvent, b domain.Booking) {
	var named []string
	switch f := f.(type) {
	case domain.BookingCheckedIn:
		named = f.LocalDates
	case domain.BookingSegmentStarted:
		named = f.LocalDates
		for _, s := range b.Segments {
			if s.StaffID != "" && !slices.Contains(f.StaffIDs, s.StaffID) {
				t.Fatalf("%s works on the booking, the start names %q", s.StaffID, f.StaffIDs)
			}
		}
	case domain.BookingCompleted:
		named = f.LocalDates
	case domain.BookingNoShow:
		named = f.LocalDates
	case domain.BookingOutcomeCorrected:
		named = f.LocalDates
	case domain.BookingRequested, domain.BookingWalkInCreated, domain.BookingConfirmed, domain.BookingRejected,
		domain.BookingCancelled, domain.BookingRescheduled, domain.BookingStaffAssigned, domain.BookingStaffUnassigned,
		domain.BookingServiceAdded, domain.BookingServiceRemoved, domain.BookingDurationChanged, domain.BookingNoteAdded,
		domain.BookingNoteRedacted, domain.BookingSegmentFinished, domain.BookingClaimFenced, domain.BookingAbandoned:
		return
	}
	var dates []string
	for _, s := range b.Slots(time.UTC) {
		dates = append(dates, s.LocalDates...)
	}
	slices.Sort(dates)
	if dates = slices.Compact(dates); !slices.Equal(dates, named) {
		t.Fatalf("%s names the dates %q, the slots are on %q", f.EventType(), named, dates)
	}
}

// Folding a history twice from one shared beginning must not let one future see the other.
func TestFuturesDoNotMeet(t *testing.T) {
	t.Parallel()
	start := fold(history(t, wish("stf_anna01", "stf_zoe001")))
	one, err := start.Assign(domain.Assign{Roster: roster(), SegmentID: "seg_1", StaffID: "stf_boris1", NewClaimID: numbered()})
	if err != nil {
		t.Fatal(err)
	}
	left := start.Evolve(one[0])
	if start.Segments[0].StaffID != "stf_anna01" || left.Segments[0].StaffID != "stf_boris1" {
		t.Error("two states share a segment")
	}
	note := func(id string) domain.BookingNoteAdded { return domain.BookingNoteAdded{NoteID: id} }
	noted := start.Evolve(note("nt_first1"))
	if with, without := noted.Evolve(note("nt_other1")), noted; len(with.Notes) != 2 || len(without.Notes) != 1 {
		t.Error("two states share a note")
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
