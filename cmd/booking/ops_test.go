package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
)

// The operators' commands find the engine on the data folder and say what they did, in words and as one line of JSON.
func TestAnOperatorErasesACustomer(t *testing.T) {
	t.Parallel()
	e := startEngine(t, nil, nil)
	e.openSalon(t)
	const who = "usr_erased001"
	at := time.Now().UTC().Truncate(time.Hour).Add(26 * time.Hour)
	booked := e.call(t, customer(who), http.MethodPost, "/api/bookings", map[string]any{
		"branchId": testBranch, "startAt": at, "services": []any{map[string]string{"serviceId": testService}},
	}).want(t, http.StatusCreated)
	one := "/api/bookings/" + booked.text("id")
	e.call(t, owner(), http.MethodPut, "/api/directory/"+who, map[string]string{"name": "Carla Canary"}).want(t, http.StatusOK)
	note := e.call(t, customer(who), http.MethodPost, one+"/notes", map[string]string{"note": "canary text"}).want(t, http.StatusCreated)
	e.call(t, customer(who), http.MethodPost, "/api/calendars", nil).want(t, http.StatusCreated)

	got := runProgram(t.Context(), t, nil, "customers", "erase", who, "-data", e.cfg.DataDir, "-json")
	var r httpapi.ErasureView
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil || got.code != exitOK || got.stderr != "" {
		t.Fatalf("exit %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
	}
	if r.CustomerID != who || r.Notes != 1 || r.Names != 1 || r.Calendars != 1 || r.Contacts != 0 || r.ErasedAt.IsZero() {
		t.Errorf("report %+v", r)
	}
	shown := fmt.Sprintf("%s?minPosition=%.0f", one, note.body["position"]) // without a key nothing is published
	text, err := json.Marshal(e.call(t, owner(), http.MethodGet, shown, nil).want(t, http.StatusOK).body)
	if err != nil || strings.Contains(string(text), "anary") || !strings.Contains(string(text), `"removed":true`) {
		t.Errorf("the booking still shows %s, %v", text, err)
	}
	again := runProgram(t.Context(), t, nil, "customers", "erase", "-data="+e.cfg.DataDir, who)
	if again.code != exitOK || !strings.Contains(again.stdout, who+" is forgotten") || !strings.Contains(again.stdout, "notes     1") {
		t.Errorf("exit %d, stdout %q, stderr %q", again.code, again.stdout, again.stderr)
	}
}

func TestAnOperatorIsToldThatNothingWasKnownOfACustomer(t *testing.T) {
	t.Parallel()
	e := startEngine(t, nil, nil)
	for _, who := range []string{"usr_mistyped1", "bkg_mistyped1"} {
		words := runProgram(t.Context(), t, nil, "customers", "erase", who, "-data", e.cfg.DataDir)
		if words.code != exitOK || !strings.Contains(words.stdout, "Nothing was known of "+who) || strings.Contains(words.stdout, "forgotten") {
			t.Errorf("exit %d, stdout %q, stderr %q", words.code, words.stdout, words.stderr)
		}
		counts := runProgram(t.Context(), t, nil, "customers", "erase", who, "-data", e.cfg.DataDir, "-json")
		var r map[string]any
		if err := json.Unmarshal([]byte(counts.stdout), &r); err != nil || counts.code != exitOK || r["customerId"] != who {
			t.Fatalf("exit %d, stdout %q, stderr %q", counts.code, counts.stdout, counts.stderr)
		}
		for _, count := range []string{"notes", "contacts", "names", "calendars"} {
			if n, ok := r[count].(float64); !ok || n != 0 {
				t.Errorf("%s of %s: %v", count, who, r[count])
			}
		}
	}
}

func TestAnOperatorSweepsTheClaims(t *testing.T) {
	t.Parallel()
	e := startEngine(t, nil, nil)
	got := runProgram(t.Context(), t, nil, "claims", "sweep", "-data", e.cfg.DataDir)
	if got.code != exitOK || got.stdout != "0 bookings: 0 claims kept, 0 released (0 of them fenced)\n" {
		t.Errorf("exit %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
	}
	// From elsewhere the token decides.
	for role, want := range map[domain.Role]int{domain.RoleDeveloper: exitOK, domain.RoleManager: exitFailed} {
		token, err := httpapi.SignSession([]byte(childSecret), httpapi.Session{UserID: "usr_ops000001", Role: role}, time.Now(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		got := runProgram(t.Context(), t, map[string]string{"BOOKING_TOKEN": token}, "claims", "sweep", "-url", e.url, "-json")
		if got.code != want || (want != exitOK && !strings.Contains(got.stdout, "FORBIDDEN")) || got.stderr != "" {
			t.Errorf("as %s: exit %d, stdout %q, stderr %q", role, got.code, got.stdout, got.stderr)
		}
	}
}

func TestAnOperatorIsToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	nowhere := t.TempDir()
	stale := t.TempDir()
	if err := (engineFile{PID: 1 << 30, API: "http://127.0.0.1:1"}).write(stale); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args string
		code int
		want string
	}{
		"no engine":           {"claims sweep -data " + nowhere, exitFailed, "no engine is running"},
		"an engine that died": {"claims sweep -data " + stale, exitFailed, "has gone without stopping"},
		"no id":               {"customers erase -data " + nowhere, exitUsage, "give the customer's id"},
		"two ids":             {"customers erase usr_aaaaaa1 usr_aaaaaa2", exitUsage, "give the customer's id"},
		"a malformed id":      {"customers erase usr_*", exitUsage, "not an id"},
		"a URL, no token":     {"claims sweep -url http://127.0.0.1:1", exitUsage, "BOOKING_TOKEN"},
		"a URL of no kind":    {"claims sweep -url localhost", exitUsage, "https://bookings.example"},
	} {
		got := runProgram(t.Context(), t, nil, strings.Fields(c.args)...)
		if got.code != c.code || !strings.Contains(got.stderr, c.want) || strings.Count(got.stderr, "\n") != 1 || got.stdout != "" {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", name, got.code, got.stdout, got.stderr)
		}
	}
}
