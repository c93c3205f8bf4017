package commands_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

func TestNotesAreSealedForWhomTheyAreAbout(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	b := s.mustRequest(carla, anna, opening)
	o := s.key()
	note := commands.AddNote{BookingID: b.ID, Note: "prefers the window"}
	r, err := s.AddNote(t.Context(), desk, o, note)
	s.must(err)
	state := s.booking(b.ID)
	n, ok := state.Notes[r.ID]
	if !ok || n.Visibility != domain.VisibleInternal || s.vault.texts[n.KeyID] != note.Note || s.vault.whose[n.KeyID] != carla.UserID {
		t.Errorf("got %+v, sealed %v", n, s.vault.texts)
	}
	again, err := s.AddNote(t.Context(), desk, o, note)
	if err != nil || !same(again, r) || len(s.vault.texts) != 1 {
		t.Errorf("repeated: %v, %v, %d keys", again, err, len(s.vault.texts))
	}
	// The text is nowhere in the log, and nothing that it could be guessed by.
	own, err := s.AddNote(t.Context(), carla, s.key(), commands.AddNote{BookingID: b.ID, Note: "see you"})
	s.must(err)
	if v := s.booking(b.ID).Notes[own.ID].Visibility; v != domain.VisibleCustomer {
		t.Errorf("a customer's note is %s", v)
	}
}

func TestAGuestsNotesAreAboutTheBooking(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	b, err := s.CreateWalkIn(t.Context(), desk, s.key(), guest())
	s.must(err)
	r, err := s.AddNote(t.Context(), desk, s.key(), commands.AddNote{BookingID: b.ID, Note: "tall"})
	s.must(err)
	if whose := s.vault.whose[s.booking(b.ID).Notes[r.ID].KeyID]; whose != b.ID {
		t.Errorf("it is about %q", whose)
	}
}

func TestTheAuthorAndTheDeskRedact(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	b := s.mustRequest(carla, anna, opening)
	write := func(by commands.Caller, v domain.Visibility) string {
		r, err := s.AddNote(t.Context(), by, s.key(), commands.AddNote{BookingID: b.ID, Note: "hm", Visibility: v})
		s.must(err)
		return r.ID
	}
	redact := func(by commands.Caller, note string) error {
		return err1(s.RedactNote(t.Context(), by, s.key(), commands.RedactNote{BookingID: b.ID, NoteID: note}))
	}
	mine, theirs, internal := write(carla, ""), write(desk, domain.VisibleCustomer), write(desk, "")
	s.must(redact(carla, mine))
	s.must(redact(carla, mine)) // twice is once
	wantRefusal(t, redact(carla, theirs), domain.Forbidden, domain.CodeForbidden)
	wantRefusal(t, redact(carla, internal), domain.NotFound, domain.CodeNotFound)
	wantRefusal(t, redact(carla, "nt_unknown1"), domain.NotFound, domain.CodeNotFound)
	s.must(redact(owner, internal))
}

func TestAFlaggedCustomersBookingTakesAManager(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	var missed []domain.Outcome
	for i := range 4 {
		missed = append(missed, domain.Outcome{BookingID: "bkg_missed" + string(rune('a'+i)), Kind: domain.OutcomeNoShow, At: now.AddDate(0, 0, -i-1)})
	}
	s.must(s.AccountCustomer(t.Context(), carla.UserID, missed))
	r := s.mustRequest(carla, anna, opening)
	_, err := s.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{BookingID: r.ID})
	wantRefusal(t, err, domain.Forbidden, domain.CodeNeedsManager)
	_, err = s.ClearCustomer(t.Context(), desk, s.key(), commands.ClearCustomer{CustomerID: carla.UserID, Reason: "nice"})
	wantRefusal(t, err, domain.Forbidden, domain.CodeForbidden)
	_, err = s.ApproveBooking(t.Context(), boss, s.seen(r), commands.ApproveBooking{BookingID: r.ID})
	s.must(err)
	s.now = now.Add(time.Minute)
	_, err = s.ClearCustomer(t.Context(), boss, s.key(), commands.ClearCustomer{CustomerID: carla.UserID, Reason: "spoke to her"})
	s.must(err)
	s.must(s.AccountCustomer(t.Context(), carla.UserID, missed)) // what is forgiven does not come back
	r = s.mustRequest(carla, anna, opening.Add(time.Hour))
	if s.booking(r.ID).RequiresManager {
		t.Error("she was cleared, and still needs a manager")
	}
}

// A manager who clears a customer need not approve what he had asked for: the desk may. Who is flagged after his request is not
// caught by it: a booking keeps the terms that it was requested under.
func TestTheFlagOfARequestIsLiftedButNotSetLater(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	before := s.mustRequest(carla, boris, opening)
	s.flag(carla)
	after := s.mustRequest(carla, anna, opening.Add(time.Hour))
	approve := func(r commands.Receipt) error {
		return err1(s.ApproveBooking(t.Context(), desk, s.seen(r), commands.ApproveBooking{BookingID: r.ID}))
	}
	s.must(approve(before))
	wantRefusal(t, approve(after), domain.Forbidden, domain.CodeNeedsManager)
	s.must(err1(s.ClearCustomer(t.Context(), boss, s.key(), commands.ClearCustomer{CustomerID: carla.UserID, Reason: "spoke to her"})))
	s.must(approve(after))
}

func TestABranchThatConfirmsByItselfLeavesFlaggedCustomersToTheManager(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	auto := true
	_, err := s.SetPolicy(t.Context(), owner, s.key(), commands.SetPolicy{BranchID: branch, PolicyTerms: commands.PolicyTerms{AutoConfirm: &auto}})
	s.must(err)
	if b := s.booking(s.mustRequest(dora, anna, opening).ID); b.Status != domain.StatusConfirmed {
		t.Errorf("it is %s", b.Status)
	}
	var missed []domain.Outcome
	for i := range 4 {
		missed = append(missed, domain.Outcome{BookingID: "bkg_missed" + string(rune('a'+i)), Kind: domain.OutcomeNoShow, At: now})
	}
	s.must(s.AccountCustomer(t.Context(), carla.UserID, missed))
	if b := s.booking(s.mustRequest(carla, boris, opening).ID); b.Status != domain.StatusPending {
		t.Errorf("it is %s", b.Status)
	}
	s.mustStand()
}
