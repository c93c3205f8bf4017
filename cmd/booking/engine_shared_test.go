package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/esdbnode/nodetest"
)

// TestTwoEnginesShareAStoreAndADatabase: what is asked for at one is seen at the other, each read model is run by one of them, and
// when one stops the other goes on.
func TestTwoEnginesShareAStoreAndADatabase(t *testing.T) {
	t.Parallel()
	node, where := nodetest.Start(t), databasetest.Place(t, database.PostgreSQL)
	share := func(c *Config) { c.EventStoreURL, c.DatabaseURL = node, where }
	a, running := runEngine(t, engineOptions{}, slog.New(slog.DiscardHandler), share, nil)
	b := startEngine(t, share, nil)

	staff := a.openSalon(t)
	priya := customer("usr_priya0001")
	made := a.call(t, priya, http.MethodPost, "/api/bookings", wish(staff[0], 6)).want(t, http.StatusCreated)
	id := made.text("id")
	seen := fmt.Sprintf("/api/bookings/%s?minPosition=%.0f", id, made.body["position"])
	for _, e := range []*runningEngine{a, b} {
		e.call(t, priya, http.MethodGet, seen, nil).want(t, http.StatusOK)
	}
	// The key that knows repeated requests again is one for both.
	headers := []string{"Idempotency-Key", "the-same-key"}
	first := a.call(t, priya, http.MethodPost, "/api/bookings", wish(staff[1], 8), headers...).want(t, http.StatusCreated)
	again := b.call(t, priya, http.MethodPost, "/api/bookings", wish(staff[1], 8), headers...).want(t, http.StatusCreated)
	if first.text("id") != again.text("id") {
		t.Errorf("the request was taken twice: %s and %s", first.text("id"), again.text("id"))
	}

	owners := func() map[string]int {
		count := map[string]int{}
		for _, p := range b.models.All() {
			s, err := p.Status(t.Context(), b.operator.Lag)
			if err != nil {
				t.Fatal(err)
			}
			if s.Owner == "" || s.Term < 1 {
				t.Errorf("%s is run by %q in term %d", s.Name, s.Owner, s.Term)
			}
			count[s.Owner]++
		}
		return count
	}
	if n := owners(); n[a.running.Owner] == 0 {
		t.Errorf("the first engine runs nothing: %v", n)
	}
	if err := running.Stop(); err != nil {
		t.Fatal(err)
	}
	made = b.call(t, priya, http.MethodPost, "/api/bookings", wish(staff[2], 10)).want(t, http.StatusCreated)
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	for _, p := range b.models.All() {
		for {
			s, err := p.Status(ctx, b.operator.Lag)
			if err != nil {
				t.Fatal(err)
			}
			if s.Owner == b.running.Owner && float64(s.Position) >= made.body["position"].(float64) {
				break
			}
			select {
			case <-time.After(10 * time.Millisecond):
			case <-ctx.Done():
				t.Fatalf("%s is not taken over: %+v", p.Name(), s)
			}
		}
	}
	b.call(t, priya, http.MethodGet, fmt.Sprintf("/api/bookings/%s?minPosition=%.0f", made.text("id"), made.body["position"]), nil).
		want(t, http.StatusOK)
}
