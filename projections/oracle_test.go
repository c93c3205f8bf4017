package projections_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// failer is a test or a round of one.
type failer interface {
	Fatalf(format string, args ...any)
}

// checkModels holds every read model against the aggregates of the history, which the domain has folded.
func checkModels(t *testing.T, r failer, m *projections.Models, h *history) {
	t.Helper()
	q := m.Queries()
	checkCards(t, r, q, h)
	checkSchedule(t, r, q, h)
	checkBusy(t, r, q, h)
	checkLeaves(t, r, q, h)
	checkCatalogue(t, r, q, h)
	checkStandings(t, r, q, h)
}

func same(r failer, what string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		r.Fatalf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// sameJSON compares what would be stored: an empty list that is missing is one that is there.
func sameJSON(t *testing.T, r failer, what string, got, want any) {
	t.Helper()
	texts := [2]string{}
	for i, v := range []any{got, want} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(text)
	}
	if texts[0] != texts[1] {
		r.Fatalf("%s:\n got %s\nwant %s", what, texts[0], texts[1])
	}
}

func checkCards(t *testing.T, r failer, q *projections.Queries, h *history) {
	t.Helper()
	for id, b := range h.bookings {
		if b.Status == domain.StatusNone {
			continue
		}
		got, _, err := q.BookingByID(t.Context(), id, h.position)
		if err != nil {
			t.Fatal(err)
		}
		same(r, "card", got, h.card(id))
	}
}

// card is the card of a booking, from its aggregate and its events.
func (h *history) card(id string) projections.Booking {
	b := h.bookings[id]
	card := projections.Booking{
		ID: id, Number: b.Number, Type: b.Type, CustomerID: b.CustomerID, GuestName: b.GuestName, BranchID: b.BranchID,
		TimeZone: b.TimeZone, Status: b.Status, IsWalkIn: b.IsWalkIn, Segments: b.Segments, StartAt: b.StartAt, EndAt: b.EndAt,
		LocalDate: b.Segments[0].LocalDates[0], LocalStart: b.Segments[0].LocalStart,
		TotalMinor: b.TotalMinor, Currency: b.Currency, NeedsStaff: b.NeedsStaff(), RequiresManager: b.RequiresManager,
		Policy: b.Policy, CustomerReschedules: b.CustomerReschedules, DeskReschedules: b.DeskReschedules,
		ReschedulesLeft: b.Policy.MaxReschedules - b.CustomerReschedules, FreeCancelUntil: b.StartAt.Add(-4 * time.Hour),
	}
	card.OutcomeAt = b.OutcomeAt
	if b.Status == domain.StatusPending {
		card.PendingSince, card.ExpiresAt = b.PendingSince, b.Policy.Expiry(b.PendingSince, b.StartAt)
	}
	created := true
	for _, e := range h.events {
		if e.Stream != domain.BookingStream(id) || domain.IsFence(e.Event) {
			continue
		}
		if created {
			card.RequestedAt, created = e.Metadata.OccurredAt, false
		}
		card.Revision, card.Position, card.UpdatedAt = e.Revision, e.Position, e.Metadata.OccurredAt
		ending(&card, e)
	}
	return card
}

// ending tells what the aggregate does not hold.
func ending(card *projections.Booking, e eventstore.Recorded) {
	if fact, ok := e.Event.(domain.BookingWalkInCreated); ok {
		card.GuestPhone = fact.Phone
	}
	if fact, ok := e.Event.(domain.BookingRejected); ok {
		card.ReasonCode, card.Reason = fact.ReasonCode, fact.Reason
	}
	if fact, ok := e.Event.(domain.BookingCancelled); ok {
		card.CancelledBy, card.Late, card.ReasonCode, card.Reason = fact.CancelledBy, fact.Late, fact.ReasonCode, fact.Reason
	}
	if fact, ok := e.Event.(domain.BookingCompleted); ok {
		card.PaymentMethod, card.PaidMinor = fact.PaymentMethod, fact.PaidMinor
	}
	if fact, ok := e.Event.(domain.BookingOutcomeCorrected); ok {
		card.Ending = projections.Ending{OutcomeAt: card.OutcomeAt, PaymentMethod: fact.PaymentMethod, PaidMinor: fact.PaidMinor}
	}
	if fact, ok := e.Event.(domain.BookingNoteAdded); ok {
		card.Notes = append(card.Notes, projections.Note{
			ID: fact.NoteID, Visibility: fact.Visibility, Body: &fact.Body, AuthorID: fact.AuthorID, AuthorRole: fact.AuthorRole,
			At: e.Metadata.OccurredAt,
		})
	}
	if fact, ok := e.Event.(domain.BookingNoteRedacted); ok {
		for i := range card.Notes {
			if card.Notes[i].ID == fact.NoteID {
				card.Notes[i].Body, card.Notes[i].Redacted = nil, true
			}
		}
	}
}

// checkSchedule: the slots are those that the bookings hold, and the blocks the leaves that are approved.
func checkSchedule(t *testing.T, r failer, q *projections.Queries, h *history) {
	t.Helper()
	page, err := q.Schedule(t.Context(), projections.ScheduleFilter{
		Branches: projections.EveryBranch(), FromDate: "2026-05-01", ToDate: "2026-08-31",
	}, h.position)
	if err != nil {
		t.Fatal(err)
	}
	slots := []projections.Slot{}
	for id, b := range h.bookings {
		for _, s := range b.Held {
			slots = append(slots, projections.Slot{
				BookingID: id, SegmentID: s.SegmentID, StaffID: s.StaffID, BranchID: b.BranchID, Kind: s.Kind,
				StartAt: s.StartAt, EndAt: s.EndAt, LocalDates: s.LocalDates, Status: b.Status, Revision: h.card(id).Revision,
			})
		}
	}
	slices.SortFunc(slots, func(a, b projections.Slot) int {
		return cmp.Or(a.StartAt.Compare(b.StartAt), cmp.Compare(a.StaffID, b.StaffID),
			cmp.Compare(a.BookingID, b.BookingID), cmp.Compare(a.SegmentID, b.SegmentID))
	})
	same(r, "slots", page.Slots, slots)
	blocks := []projections.Block{}
	for _, l := range h.leaves {
		if l.Status == domain.LeaveGranted {
			blocks = append(blocks, projections.Block{
				LeaveID: l.LeaveID, StaffID: l.StaffID, StartAt: l.StartAt, EndAt: l.EndAt, Places: l.Places,
			})
		}
	}
	slices.SortFunc(blocks, func(a, b projections.Block) int {
		return cmp.Or(a.StartAt.Compare(b.StartAt), cmp.Compare(a.LeaveID, b.LeaveID))
	})
	same(r, "blocks", page.Blocks, blocks)
}

func checkBusy(t *testing.T, r failer, q *projections.Queries, h *history) {
	t.Helper()
	since := noon().AddDate(0, 0, 1)
	busy, err := q.Busy(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	var slots []projections.BusySlot
	for id, b := range h.bookings {
		for _, s := range b.Held {
			if s.EndAt.After(since) {
				slots = append(slots, projections.BusySlot{
					BookingID: id, SegmentID: s.SegmentID, StaffID: s.StaffID, BranchID: b.BranchID,
					Interval: domain.Interval{StartAt: s.StartAt, EndAt: s.EndAt},
				})
			}
		}
	}
	var blocks []projections.BusyBlock
	for _, l := range h.leaves {
		if days := h.blockedDays(l); len(days) > 0 && l.EndAt.After(since) {
			blocks = append(blocks, projections.BusyBlock{
				LeaveID: l.LeaveID, StaffID: l.StaffID, Interval: domain.Interval{StartAt: l.StartAt, EndAt: l.EndAt}, Days: days,
			})
		}
	}
	bySlot := func(a, b projections.BusySlot) int {
		return cmp.Or(cmp.Compare(a.BookingID, b.BookingID), cmp.Compare(a.SegmentID, b.SegmentID), a.StartAt.Compare(b.StartAt))
	}
	byLeave := func(a, b projections.BusyBlock) int { return cmp.Compare(a.LeaveID, b.LeaveID) }
	slices.SortFunc(slots, bySlot)
	slices.SortFunc(busy.Slots, bySlot)
	slices.SortFunc(blocks, byLeave)
	slices.SortFunc(busy.Blocks, byLeave)
	same(r, "busy", busy, projections.Busy{Slots: slots, Blocks: blocks, Position: h.position})
}

func checkLeaves(t *testing.T, r failer, q *projections.Queries, h *history) {
	t.Helper()
	for id, l := range h.leaves {
		if l.Status == domain.LeaveNone {
			continue
		}
		got, _, err := q.LeaveByID(t.Context(), id, h.position)
		if err != nil {
			t.Fatal(err)
		}
		last := h.last(domain.LeaveStream(id))
		same(r, "open conflicts", got.OpenConflicts, h.openConflicts(l))
		if got.Status != l.Status || got.Revision != last.Revision || got.Position != last.Position {
			r.Fatalf("leave:\n got %+v\nwant %+v", got, l)
		}
		sameJSON(t, r, "leave", got.LeaveRef, l.LeaveRef)
	}
}

// openConflicts are the claims that stand on a day together with the leave and overlap it, but for those of bookings that are
// over.
func (h *history) openConflicts(l domain.Leave) []projections.Conflict {
	found := map[string]projections.Conflict{}
	for _, day := range h.blockedDays(l) {
		for _, c := range h.days[domain.StaffDayStream(l.StaffID, day)].Conflicts(l.LeaveRef) {
			status := h.bookings[c.BookingID].Status
			if status == domain.StatusNone || status.Open() {
				found[c.ClaimID] = projections.Conflict{LeaveConflict: c, StaffID: l.StaffID, Status: status}
			}
		}
	}
	list := slices.SortedFunc(maps.Values(found), func(a, b projections.Conflict) int {
		return cmp.Or(a.StartAt.Compare(b.StartAt), cmp.Compare(a.ClaimID, b.ClaimID))
	})
	return append([]projections.Conflict{}, list...)
}

func checkCatalogue(t *testing.T, r failer, q *projections.Queries, h *history) {
	t.Helper()
	salons, people, at, err := q.Catalogue(t.Context())
	if err != nil || at != h.position {
		t.Fatalf("at %d, %v", at, err)
	}
	var open []domain.Branch
	for _, id := range slices.Sorted(maps.Keys(h.branches)) {
		b := h.branches[id]
		if b.Closures == nil {
			b.Closures = map[string]domain.Closure{} // a table cannot tell "none any more" from "none ever"
		}
		open = append(open, b)
	}
	sameJSON(t, r, "branches", salons, open)
	var working []domain.Staff
	for _, id := range slices.Sorted(maps.Keys(h.staff)) {
		if s := h.staff[id]; len(s.Branches) > 0 {
			working = append(working, s)
		}
	}
	sameJSON(t, r, "staff", people, working)
}

func checkStandings(t *testing.T, r failer, q *projections.Queries, h *history) {
	t.Helper()
	for _, id := range []string{priya, rahul, "usr_nobody"} {
		got, err := q.CustomerStanding(t.Context(), id, h.position)
		if err != nil {
			t.Fatal(err)
		}
		c := h.customers[id]
		counted := func(have map[string]time.Time) []projections.Counted {
			list := []projections.Counted{}
			for id, at := range have {
				list = append(list, projections.Counted{BookingID: id, At: at})
			}
			slices.SortFunc(list, func(a, b projections.Counted) int {
				return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.BookingID, b.BookingID))
			})
			return list
		}
		want := projections.Standing{
			CustomerID: id, NoShows: counted(c.NoShows), LateCancellations: counted(c.LateCancellations),
			NeedsApproval: c.NeedsApproval, RequiredAt: c.RequiredAt, Revision: eventstore.NoStream, Position: h.position,
		}
		// The rest is told by scenarios.
		want.RequiredFor, want.Cleared, want.ErasedAt = got.RequiredFor, got.Cleared, got.ErasedAt
		if revision, ok := h.revisions[domain.CustomerStream(id)]; ok {
			want.Revision = revision
		}
		same(r, "standing", got, want)
		if flagged, err := q.NeedsApproval(t.Context(), id); err != nil || flagged != c.NeedsApproval {
			r.Fatalf("%s is flagged: %t, %v", id, flagged, err)
		}
		if c.Erased != !got.ErasedAt.IsZero() {
			r.Fatalf("erased: %+v", got)
		}
	}
}
