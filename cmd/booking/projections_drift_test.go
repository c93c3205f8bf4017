package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

// damage changes what the tables of a folder without an engine hold.
func damage(t *testing.T, dir, statement string, args ...any) {
	t.Helper()
	db, err := database.Open(t.Context(), filepath.Join(dir, engineDatabase), migrations.Engine)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	result, err := db.Write.ExecContext(t.Context(), statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("nothing was changed: %v", err)
	}
}

// bad runs a command whose work is done and whose answer is bad: it prints the answer, and exits with 1.
func bad[A any](t *testing.T, dir string, args ...string) (answer A) {
	t.Helper()
	got := runProgram(t.Context(), t, nil, append(append([]string{"projections"}, args...), "-data", dir, "-json")...)
	if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil || got.code != exitFailed || strings.Count(got.stdout, "\n") != 1 {
		t.Fatalf("projections %q: exit %d, stdout %q, stderr %q: %v", args, got.code, got.stdout, got.stderr, err)
	}
	return answer
}

// TestAnOperatorMendsWhatHasDrifted, by each of the ways that there are.
func TestAnOperatorMendsWhatHasDrifted(t *testing.T) {
	t.Parallel()
	dir := filledFolder(t)
	const spoil = " SET number = 'SPOILT' WHERE booking_id = (SELECT min(booking_id) FROM bookings_v2_g1)"
	damage(t, dir, "UPDATE bookings_v2_g1"+spoil)
	found := bad[auditAnswer](t, dir, "audit", "bookings")
	if found.Clean || len(found.Reports) != 1 || len(found.Reports[0].Drifted) != 1 || len(found.Reports[0].Drifted[0].Columns) != 1 {
		t.Fatalf("%+v", found)
	}
	stream := found.Reports[0].Drifted[0].Stream
	if r := bad[rebuildAnswer](t, dir, "rebuild", "bookings"); r.Swapped || r.Verified || r.Error == "" {
		t.Errorf("a rebuild that differs: %+v", r)
	}

	if done := operate[projections.StreamRebuild](t, dir, "rebuild", "bookings", "-stream", stream); len(done.Streams) != 1 {
		t.Errorf("%+v", done)
	}
	clean := func(name string) {
		t.Helper()
		if a := operate[auditAnswer](t, dir, "audit", name); !a.Clean || len(a.Reports[0].Drifted) != 0 {
			t.Errorf("%+v", a)
		}
	}
	clean("bookings")

	damage(t, dir, "UPDATE bookings_v2_g1"+spoil)
	if a := operate[auditAnswer](t, dir, "audit", "bookings", "-heal"); !a.Clean || len(a.Reports[0].Healed) != 1 {
		t.Errorf("%+v", a)
	}
	clean("bookings")

	damage(t, dir, "UPDATE bookings_v2_g1"+spoil)
	if r := operate[rebuildAnswer](t, dir, "rebuild", "bookings", "-force"); !r.Swapped || r.Verified {
		t.Errorf("%+v", r)
	}
	clean("bookings")
}

// TestAnOperatorPassesOverAnEvent that a read model has halted at.
func TestAnOperatorPassesOverAnEvent(t *testing.T) {
	t.Parallel()
	dir := filledFolder(t)
	damage(t, dir, `UPDATE projections SET halted_at = 1, halted_position = 1000000, halted_type = 'booking.confirmed',
		halted_stream = 'booking-bkg_halted001', halted_revision = 3, halted_reason = 'it does not fit' WHERE name = 'timeline'`)
	if s := statusOf(t, dir, "timeline"); s.State != "halted" || s.Halt == nil || s.Halt.Reason != "it does not fit" {
		t.Fatalf("%+v", s)
	}
	skipped := operate[projections.Skipped](t, dir, "skip", "timeline")
	if skipped.Stream != "booking-bkg_halted001" || skipped.SkippedBy != httpapi.OperatorID {
		t.Errorf("%+v", skipped)
	}
	if s := statusOf(t, dir, "timeline"); s.Halt != nil || len(s.Skipped) != 1 {
		t.Errorf("%+v", s)
	}
}

// TestAnOperatorWorksFromElsewhere with the address and a token of a developer.
func TestAnOperatorWorksFromElsewhere(t *testing.T) {
	t.Parallel()
	e := startEngine(t, nil, nil)
	staff := e.openSalon(t)
	e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish(staff[0], 9)).want(t, http.StatusCreated)
	settled(t, e)
	for role, want := range map[domain.Role]int{domain.RoleDeveloper: exitOK, domain.RoleManager: exitFailed} {
		token, err := httpapi.SignSession([]byte(childSecret), httpapi.Session{UserID: "usr_ops000001", Role: role}, time.Now(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for args, has := range map[string]string{
			"status": `"state":"live"`, "rebuild schedule": `"verified":true`, "audit bookings": `"clean":true`, "pause leave": `"state":"paused"`,
		} {
			got := runProgram(t.Context(), t, map[string]string{"BOOKING_TOKEN": token},
				append(append([]string{"projections"}, strings.Fields(args)...), "-url", e.url, "-json")...)
			if want != exitOK {
				has = `"code":"FORBIDDEN"`
			}
			if got.code != want || !strings.Contains(got.stdout, has) || got.stderr != "" {
				t.Errorf("%s as %s: exit %d, stdout %q, stderr %q", args, role, got.code, got.stdout, got.stderr)
			}
		}
	}
}
