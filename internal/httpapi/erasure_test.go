package httpapi_test

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

func erasing(subject string) string { return "/api/ops/customers/" + subject + "/erase" }

// rebuilt is the salon over read models that were folded afresh from the log.
func (s *salon) rebuilt() *salon {
	s.tb.Helper()
	db, err := database.Open(s.tb.Context(), filepath.Join(s.tb.TempDir(), "fresh.db"), migrations.Engine)
	check(s.tb, err)
	s.tb.Cleanup(func() { check(s.tb, db.Close()) })
	models := projections.New(projections.Config{DB: db, StoreID: s.storeID, Wait: 3 * time.Second, Now: s.clock.now})
	check(s.tb, models.Install(s.tb.Context()))
	fresh := *s
	fresh.runners = nil
	fresh.follow(models.Handlers()...)
	fresh.config.Queries = models.Queries()
	fresh.handler, err = httpapi.New(fresh.config)
	check(s.tb, err)
	fresh.settle()
	return &fresh
}

func TestACustomerIsForgotten(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	s.note(ada, id, "I am allergic to henna.", "")
	s.note(desk, id, "Ada Lovelace pays late.", "")
	s.put(owner, "/api/directory/"+ben, `{"name":"Ben Franklin"}`).want(http.StatusOK)
	other := s.firm(ben, 12)
	s.note(ben, other, "No music, please.", "")
	hers, staffs := s.calendar(ada), s.calendar(worker)
	for _, as := range []string{ada, worker, desk, manager} {
		s.post(as, erasing(ada), "").refused(http.StatusForbidden, "FORBIDDEN")
	}
	s.at("2026-06-16T09:00:00Z")
	s.post(owner, erasing(ada), "").want(http.StatusOK).has("customerId", ada, "erasedAt", "2026-06-16T09:00:00Z",
		"notes", "2", "contacts", "0", "names", "1", "calendars", "1")
	s.settle()
	for name, s := range map[string]*salon{"as it was": s, "rebuilt": s.rebuilt()} {
		s.read(desk, id).has("status", "confirmed", "customerId", ada, "customerName", "",
			"notes/0/removed", "true", "notes/0/text", "", "notes/0/authorName", "", "notes/1/removed", "true")
		s.get(ada, "/api/bookings/"+id+"/notes").has("notes/0/removed", "true", "notes/0/text", "")
		s.get(desk, standingOf(ada)).has("erasedAt", "2026-06-16T09:00:00Z")
		s.read(desk, other).has("customerName", "Ben Franklin", "notes/0/text", "No music, please.")
		s.get("", hers).refused(http.StatusNotFound, "NOT_FOUND")
		work := s.get("", staffs).want(http.StatusOK)
		if !work.shows("Haircut – Ben Franklin") {
			t.Errorf("%s: the calendar of staff: %s", name, work.body)
		}
		for _, path := range []string{
			"/api/bookings", "/api/bookings/" + id, "/api/bookings/" + id + "/history", "/api/bookings/" + id + "/notes",
			"/api/schedule?from=2026-06-17", "/api/session", staffs,
		} {
			for _, as := range []string{owner, worker, ada} {
				a := s.get(as, path)
				if a.shows("Lovelace") || a.shows("henna") || a.shows("pays late") {
					t.Errorf("%s: %s still tells %s: %s", name, path, as, a.body)
				}
			}
		}
	}
	// The name does not come back. What else comes later is forgotten by asking again, and the report adds up.
	s.put(owner, "/api/directory/"+ada, `{"name":"Ada L."}`).refused(http.StatusConflict, "CONFLICT")
	s.read(desk, id).has("customerName", "")
	s.note(desk, id, "Ada called.", "")
	s.at("2026-06-16T10:00:00Z")
	s.post(owner, erasing(ada), "", "Idempotency-Key", "again").want(http.StatusOK).
		has("names", "1", "notes", "3", "erasedAt", "2026-06-16T10:00:00Z")
	before := len(s.store.All())
	s.post(owner, erasing(ada), "", "Idempotency-Key", "again").want(http.StatusOK).has("notes", "3")
	if len(s.store.All()) != before {
		t.Error("a repeat wrote")
	}
}

func TestAGuestIsForgottenByBooking(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.walkIn(`"guest":{"name":"Grace Hopper","phone":"+49 30 1234567"}`).text("id")
	s.note(desk, id, "Grace likes ships.", "")
	staffs := s.calendar(worker)
	if a := s.get("", staffs); !a.shows("Grace Hopper") {
		t.Errorf("the calendar of staff: %s", a.body)
	}
	s.post(owner, erasing(asha), "").refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.post(owner, erasing(id), "").want(http.StatusOK).has("customerId", id, "contacts", "2", "notes", "1", "names", "0", "calendars", "0")
	s.settle()
	for name, s := range map[string]*salon{"as it was": s, "rebuilt": s.rebuilt()} {
		s.read(desk, id).has("guest/removed", "true", "guest/name", "", "guest/phone", "", "customerName", "", "notes/0/removed", "true")
		s.read(worker, id).has("guest/removed", "true", "guest/name", "", "guest/phone", "")
		for _, path := range []string{"/api/bookings", "/api/bookings/" + id, "/api/bookings/" + id + "/history", staffs} {
			if a := s.get(desk, path); a.shows("Hopper") || a.shows("ships") || a.shows("1234567") {
				t.Errorf("%s: %s still tells: %s", name, path, a.body)
			}
		}
	}
}
