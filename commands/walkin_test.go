package commands_test

import (
	"errors"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

func guest() commands.CreateWalkIn {
	return commands.CreateWalkIn{
		BranchID: branch, Guest: &commands.GuestIn{Name: "Gita", Phone: "+49 30 1234567"},
		Services: []commands.RequestedService{{ServiceID: cut}},
	}
}

func TestAGuestIsServedAtOnceAndStaysSealed(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.now = now.Add(42 * time.Second)
	o := s.key()
	r, err := s.CreateWalkIn(t.Context(), desk, o, guest())
	s.must(err)
	b := s.booking(r.ID)
	if b.Status != domain.StatusConfirmed || !b.StartAt.Equal(now) || !b.IsWalkIn || b.Segments[0].StaffID != anna {
		t.Errorf("got %+v", b)
	}
	if len(s.vault.texts) != 2 || s.vault.texts[b.GuestName.KeyID] != "Gita" || s.vault.whose[b.GuestName.KeyID] != r.ID {
		t.Errorf("sealed %v for %v", s.vault.texts, s.vault.whose)
	}
	again, err := s.CreateWalkIn(t.Context(), desk, o, guest())
	if err != nil || !same(again, r) || len(s.vault.texts) != 2 {
		t.Errorf("repeated: %v, %v, %d keys", again, err, len(s.vault.texts))
	}
	s.mustStand()
}

// A repeat that another engine gets has to decide before it finds out; the keys that it made come to nothing.
func TestARepeatLeavesNoKeysBehind(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	o := s.key()
	r, err := s.CreateWalkIn(t.Context(), desk, o, guest())
	s.must(err)
	again, err := s.second().CreateWalkIn(t.Context(), desk, o, guest())
	if err != nil || !same(again, r) || len(s.vault.texts) != 2 {
		t.Errorf("repeated: %v, %v, %d keys", again, err, len(s.vault.texts))
	}
	s.mustStand()
}

func TestARefusedWalkInLeavesNoKeysBehind(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	s.mustRequest(carla, anna, now.Add(time.Hour))
	w := guest()
	w.Services[0].StaffID, w.StartAt = anna, now.Add(time.Hour)
	_, err := s.CreateWalkIn(t.Context(), desk, s.key(), w)
	wantRefusal(t, err, domain.Conflict, domain.CodeSlotUnavailable)
	if len(s.vault.texts) != 0 {
		t.Errorf("%d keys are left", len(s.vault.texts))
	}
	s.vault.fails = errors.New("the vault is away")
	if _, err := s.CreateWalkIn(t.Context(), desk, s.key(), guest()); err == nil {
		t.Error("a guest was noted without a vault")
	}
	s.mustStand()
}

func TestAWalkInIsOneOrTheOther(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	for name, change := range map[string]func(*commands.CreateWalkIn){
		"both":              func(w *commands.CreateWalkIn) { w.CustomerID = carla.UserID },
		"neither":           func(w *commands.CreateWalkIn) { w.Guest = nil },
		"a nameless guest":  func(w *commands.CreateWalkIn) { w.Guest.Name = " " },
		"a number of words": func(w *commands.CreateWalkIn) { w.Guest.Phone = "call me maybe" },
		"no service":        func(w *commands.CreateWalkIn) { w.Services = nil },
	} {
		w := guest()
		change(&w)
		if _, err := s.CreateWalkIn(t.Context(), desk, s.key(), w); !isRefusal(err, domain.CodeValidation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, by := range map[string]commands.Caller{"a customer": carla, "staff": stylist, "another branch": strangerDesk} {
		if _, err := s.CreateWalkIn(t.Context(), by, s.key(), guest()); !isRefusal(err, domain.CodeForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
