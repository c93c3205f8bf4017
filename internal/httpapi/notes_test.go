package httpapi_test

import (
	"net/http"
	"slices"
	"testing"
)

// note writes a note on a booking.
func (s *salon) note(as, booking, text, more string) (id string) {
	s.tb.Helper()
	r := s.post(as, "/api/bookings/"+booking+"/notes", `{"note":"`+text+`"`+more+`}`).want(http.StatusCreated)
	s.settle()
	return r.text("id")
}

func TestNotesAreForThoseForWhomTheyAreMeant(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	mine := s.note(ada, id, "I am allergic to henna.", "")
	s.note(worker, id, "Bring the new dryer.", "")
	shared := s.note(desk, id, "Please come early.", `,"visibility":"customer"`)
	s.note(desk, id, "Difficult.", `,"visibility":"internal"`)
	notes := "/api/bookings/" + id + "/notes"
	for _, tt := range []struct {
		as    string
		texts []string
	}{
		{ada, []string{"I am allergic to henna.", "Please come early."}},
		{worker, []string{"I am allergic to henna.", "Bring the new dryer.", "Please come early.", "Difficult."}},
		{desk, []string{"I am allergic to henna.", "Bring the new dryer.", "Please come early.", "Difficult."}},
	} {
		for _, path := range []string{notes, "/api/bookings/" + id} {
			if got := s.get(tt.as, path).want(http.StatusOK).each("notes", "text"); !slices.Equal(got, tt.texts) {
				t.Errorf("%s reads %q at %s", tt.as, got, path)
			}
		}
	}
	s.get(ada, notes).has("notes/0/noteId", mine, "notes/0/addedBy", "customer", "notes/0/visibility", "customer",
		"notes/1/noteId", shared, "notes/1/addedBy", "salon", "notes/1/authorId", "", "notes/1/authorName", "")
	s.get(worker, notes).has("notes/1/authorId", worker, "notes/0/authorName", "Ada Lovelace", "notes/3/visibility", "internal")
	for _, as := range []string{ben, away, helper} {
		s.get(as, notes).refused(http.StatusNotFound, "NOT_FOUND")
	}
	if list := s.get(ada, "/api/bookings"); list.shows("henna") || list.shows("Difficult") {
		t.Errorf("a list shows notes: %s", list.body)
	}
}

func TestACustomerWritesForAllToRead(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	notes := "/api/bookings/" + id + "/notes"
	s.post(ada, notes, `{"note":"Psst.","visibility":"internal"}`).refused(http.StatusForbidden, "FORBIDDEN")
	s.post(ben, notes, `{"note":"Me too."}`).refused(http.StatusNotFound, "NOT_FOUND")
	s.post(desk, notes, `{"note":"   "}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.post(desk, notes, `{"note":"x","visibility":"public"}`).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	s.get(desk, notes).has("notes", "[]")
}

func TestARedactedNoteIsGoneForGood(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.firm(ada, 10)
	notes := "/api/bookings/" + id + "/notes"
	mine, shared, secret := s.note(ada, id, "My door code is 1234.", ""), s.note(desk, id, "Her code is 1234.", `,"visibility":"customer"`),
		s.note(desk, id, "1234!", "")
	redact := `{"action":"redact","reason":"A code."}`
	s.patch(ada, notes+"/"+shared, redact).refused(http.StatusForbidden, "FORBIDDEN")
	s.patch(worker, notes+"/"+mine, redact).refused(http.StatusForbidden, "FORBIDDEN")
	// To a customer an internal note is not there.
	same(t, "an internal note", s.patch(ada, notes+"/"+secret, redact), s.patch(ada, notes+"/nt_00000000000000000000", redact))
	s.patch(ada, notes+"/"+mine, redact).want(http.StatusOK)
	s.patch(desk, notes+"/"+shared, redact).want(http.StatusOK)
	s.patch(desk, notes+"/"+secret, redact).want(http.StatusOK)
	before := len(s.store.All())
	s.patch(desk, notes+"/"+secret, redact).want(http.StatusOK)
	if len(s.store.All()) != before {
		t.Error("to redact twice was a fact")
	}
	s.settle()
	s.get(desk, notes).has("notes/0/removed", "true", "notes/0/text", "", "notes/1/removed", "true", "notes/2/removed", "true")
	for _, as := range []string{ada, desk, worker} {
		for _, path := range []string{notes, "/api/bookings/" + id} {
			if a := s.get(as, path); a.shows("1234") {
				t.Errorf("%s still reads it: %s", as, a.body)
			}
		}
	}
	if a := s.get(desk, "/api/bookings/"+id+"/history"); a.shows("1234") || !a.shows("A code.") {
		t.Errorf("history: %s", a.body)
	}
	s.get(ada, notes).has("notes/0/removed", "true", "notes/1/removed", "true", "notes/2", "")
}
