package commands_test

import (
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

func TestARepeatGetsTheFirstReceiptWhateverHasHappenedSince(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	o, w := s.key(), wish(anna, opening)
	first, err := s.RequestBooking(t.Context(), carla, o, w)
	s.must(err)
	seen, approval := s.seen(first), commands.ApproveBooking{BookingID: first.ID}
	approved, err := s.ApproveBooking(t.Context(), desk, seen, approval)
	s.must(err)
	latest := approved
	for i := range 20 {
		latest, err = s.AssignStaff(t.Context(), desk, s.seen(latest), commands.AssignStaff{
			BookingID: first.ID, SegmentID: "seg_1", StaffID: []string{boris, anna}[i%2],
		})
		s.must(err)
	}
	s.now = opening.Add(time.Hour) // the request would be far too late now
	w.StartAt = opening.In(time.FixedZone("", 5*3600))
	before := len(s.store.All())
	again, err := s.RequestBooking(t.Context(), carla, o, w)
	if err != nil || !same(again, first) {
		t.Errorf("the request repeated gives %v, %v; want %v", again, err, first)
	}
	// Its If-Match is stale by now, and yet it was right when it was decided.
	again, err = s.ApproveBooking(t.Context(), desk, seen, approval)
	if err != nil || !same(again, approved) {
		t.Errorf("the approval repeated gives %v, %v; want %v", again, err, approved)
	}
	if after := len(s.store.All()); after != before {
		t.Errorf("the repeats wrote %d events", after-before)
	}
}

func TestKeysOfTwoUsersNeverMeet(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	o := s.key()
	one, err := s.RequestBooking(t.Context(), carla, o, wish(anna, opening))
	s.must(err)
	other, err := s.RequestBooking(t.Context(), dora, o, wish(boris, opening))
	s.must(err)
	if one.ID == other.ID {
		t.Error("two users made one booking")
	}
	for _, id := range []string{one.ID, other.ID} {
		if !domain.ValidID(domain.BookingPrefix, id) || len(strings.TrimPrefix(id, "bkg_")) < 20 {
			t.Errorf("%q is guessable or not an id", id)
		}
	}
}

func TestWithoutAKeyEachCallIsACommandOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	ids := map[string]bool{}
	for i := range 3 {
		r, err := s.RequestBooking(t.Context(), carla, commands.Options{}, wish(anna, opening.Add(time.Duration(i)*time.Hour)))
		s.must(err)
		ids[r.ID] = true
	}
	if len(ids) != 3 {
		t.Errorf("%d bookings were made of 3 calls", len(ids))
	}
}

func TestARefusedCommandIsDecidedAgain(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r := s.mustRequest(dora, anna, opening)
	o := s.key()
	_, err := s.RequestBooking(t.Context(), carla, o, wish(anna, opening))
	wantRefusal(t, err, domain.Conflict, domain.CodeSlotUnavailable)
	_, err = s.CancelBooking(t.Context(), dora, s.key(), commands.CancelBooking{BookingID: r.ID})
	s.must(err)
	_, err = s.RequestBooking(t.Context(), carla, o, wish(anna, opening))
	s.must(err)
	s.mustStand()
}

func TestACommandThatChangesNothingAnswersWhatIs(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r := s.mustRequest(carla, anna, opening)
	before := len(s.store.All())
	got, err := s.AssignStaff(t.Context(), desk, s.seen(r), commands.AssignStaff{BookingID: r.ID, SegmentID: "seg_1", StaffID: anna})
	if err != nil || !same(got, r) {
		t.Errorf("got %v, %v; want %v", got, err, r)
	}
	if after := len(s.store.All()); after != before {
		t.Errorf("%d events were written", after-before)
	}
}

// fence appends a fence as the claim keeper does.
func (s *salon) fence(bookingID string) {
	s.tb.Helper()
	rev := eventstore.NoStream
	for r, err := range s.store.Read(s.tb.Context(), domain.BookingStream(bookingID), 0) {
		s.must(err)
		rev = r.Revision
	}
	_, err := s.store.Append(s.tb.Context(), eventstore.Append{
		Stream: domain.BookingStream(bookingID), Expected: rev,
		Events:   []domain.Event{domain.BookingClaimFenced{BookingID: bookingID, ClaimIDs: []string{"clm_stray1"}}},
		Metadata: eventstore.Metadata{SchemaVersion: domain.SchemaVersion, OccurredAt: s.now},
	})
	s.must(err)
}

func TestAFenceMakesNobodyStale(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r := s.mustRequest(carla, anna, opening)
	s.fence(r.ID)
	got, err := s.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{BookingID: r.ID})
	if err != nil || got.Revision != 2 {
		t.Fatalf("got %v, %v; want revision 2", got, err)
	}
}

func TestAFenceUnderTheAppendIsDecidedAgain(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r := s.mustRequest(carla, anna, opening)
	once := true
	s.store.Hook = func(op, stream string) error {
		if once && op == "before append" && stream == domain.BookingStream(r.ID) {
			once = false
			s.fence(r.ID)
		}
		return nil
	}
	got, err := s.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{
		BookingID: r.ID, Assignments: []commands.Assignment{{SegmentID: "seg_1", StaffID: zoe}},
	})
	if err != nil || got.Revision != 2 || once {
		t.Fatalf("got %v, %v; want revision 2", got, err)
	}
	s.mustStand()
}

func TestScenario14AStaleEditSaysWhatIsCurrent(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	r := s.mustRequest(carla, anna, opening)
	s.fence(r.ID)
	o := s.key()
	wrong := eventstore.Revision(1) // the fence's revision, which nobody is shown
	o.IfMatch = &wrong
	_, err := s.ApproveBooking(t.Context(), desk, o, commands.ApproveBooking{BookingID: r.ID})
	current := refusal(t, err, domain.Stale, domain.CodeStale).Details["revision"]
	if current != r.Revision {
		t.Errorf("the current revision is told as %v, want %d", current, r.Revision)
	}
}
