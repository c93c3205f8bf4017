package httpapi_test

import (
	"net/http"
	"testing"
)

func TestASweepIsForOperators(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.book(ada, 10)
	for _, as := range []string{ada, worker, desk} {
		s.refused(s.post(as, "/api/ops/claims/sweep", ""), len(s.store.All()), http.StatusForbidden, "FORBIDDEN")
	}
	s.settle()
	a := s.post(owner, "/api/ops/claims/sweep", "").want(http.StatusOK)
	if a.number("bookings") != "1" || a.number("kept") != "1" || a.number("released") != "0" || a.number("fenced") != "0" {
		t.Errorf("the sweep reported %s", a.body)
	}
}
