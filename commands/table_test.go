package commands_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// The table of every command on a booking, in every status, by everybody. It is testdata/table.txt: a block for each command, and
// one for each guard that may refuse it, a row for each caller, a column for each status, and one letter in each cell; the letters
// stand at the top of the file. A command that makes a booking is issued beside one in each status.
//
// The file was read line by line against the table of transitions; what it says is what the engine promises.
const tableFile = "testdata/table.txt"

var update = flag.Bool("update", false, "write the table of commands anew; read what has changed")

// column is a status, and how a booking comes to it; what it was cancelled from counts.
type column struct {
	name   string
	status domain.Status
	make   func(s *visit)
}

// visit is a booking of two services, by Anna and Boris, on its way through its life.
type visit struct {
	*salon
	booking commands.Receipt
}

func (v *visit) do(at time.Time, command func() (commands.Receipt, error)) {
	v.tb.Helper()
	v.now = at
	r, err := command()
	v.must(err)
	v.booking.Revision = r.Revision
}

func (v *visit) request() {
	v.do(now, func() (commands.Receipt, error) {
		w := wish("", opening, cut, cut)
		w.Services[0].StaffID, w.Services[1].StaffID = anna, boris
		r, err := v.RequestBooking(v.tb.Context(), carla, v.key(), w)
		v.booking.ID = r.ID
		return r, err
	})
}

func (v *visit) confirm() {
	v.request()
	v.do(now, func() (commands.Receipt, error) {
		return v.ApproveBooking(v.tb.Context(), boss, v.seen(v.booking), commands.ApproveBooking{BookingID: v.booking.ID})
	})
}

func (v *visit) checkIn() {
	v.confirm()
	v.do(opening, func() (commands.Receipt, error) {
		return v.CheckIn(v.tb.Context(), desk, v.seen(v.booking), commands.CheckIn{BookingID: v.booking.ID})
	})
}

func (v *visit) start() {
	v.checkIn()
	v.do(opening, func() (commands.Receipt, error) {
		return v.StartService(v.tb.Context(), desk, v.seen(v.booking), commands.StartService{BookingID: v.booking.ID, SegmentID: "seg_1"})
	})
}

func (v *visit) complete() {
	v.start()
	v.do(opening.Add(time.Hour), func() (commands.Receipt, error) {
		return v.CompleteBooking(v.tb.Context(), desk, v.seen(v.booking), commands.CompleteBooking{
			BookingID: v.booking.ID, PaymentMethod: domain.PaidCash,
		})
	})
}

func (v *visit) reject() {
	v.request()
	v.do(now, func() (commands.Receipt, error) {
		return v.RejectBooking(v.tb.Context(), desk, v.seen(v.booking), commands.RejectBooking{BookingID: v.booking.ID, Reason: "full"})
	})
}

func (v *visit) cancel() {
	v.confirm()
	v.do(opening.Add(-5*time.Hour), func() (commands.Receipt, error) {
		return v.CancelBooking(v.tb.Context(), carla, v.key(), commands.CancelBooking{BookingID: v.booking.ID})
	})
}

// withdraw ends a request before it is answered.
func (v *visit) withdraw() {
	v.request()
	v.do(opening.Add(-5*time.Hour), func() (commands.Receipt, error) {
		return v.CancelBooking(v.tb.Context(), carla, v.key(), commands.CancelBooking{BookingID: v.booking.ID})
	})
}

func (v *visit) noShow() {
	v.confirm()
	v.do(opening.Add(15*time.Minute), func() (commands.Receipt, error) {
		return v.MarkNoShow(v.tb.Context(), desk, v.seen(v.booking), commands.MarkNoShow{BookingID: v.booking.ID})
	})
}

func columns() []column {
	return []column{
		{"none", domain.StatusNone, func(v *visit) { v.booking = commands.Receipt{ID: "bkg_unknown1"} }},
		{"pending", domain.StatusPending, (*visit).request},
		{"confirmed", domain.StatusConfirmed, (*visit).confirm},
		{"checked_in", domain.StatusCheckedIn, (*visit).checkIn},
		{"in_progress", domain.StatusInProgress, (*visit).start},
		{"completed", domain.StatusCompleted, (*visit).complete},
		{"rejected", domain.StatusRejected, (*visit).reject},
		{"cancelled (approved)", domain.StatusCancelled, (*visit).cancel},
		{"cancelled (unanswered)", domain.StatusCancelled, (*visit).withdraw},
		{"no_show", domain.StatusNoShow, (*visit).noShow},
	}
}

// tried is somebody who may try.
type tried struct {
	name string
	commands.Caller
}

// callers are everybody.
func callers() []tried {
	return []tried{
		{"her customer", carla},
		{"another customer", dora},
		{"her stylist", stylist},
		{"another stylist", commands.Caller{UserID: "usr_zoe001", Role: domain.RoleStaff, StaffID: zoe, BranchIDs: []string{branch}}},
		{"reception", desk},
		{"another branch", strangerDesk},
		{"manager", commands.Caller{UserID: "usr_manager", Role: domain.RoleManager, BranchIDs: []string{branch}}},
		{"owner", owner},
		{"developer", commands.Caller{UserID: "usr_develop", Role: domain.RoleDeveloper}},
		{"system", commands.Caller{UserID: "usr_system1", Role: domain.RoleSystem}},
	}
}

// note writes a note of the desk's, for the customer to read, where there is a booking.
func (v *visit) note() string {
	v.tb.Helper()
	r, err := v.AddNote(v.tb.Context(), desk, v.key(), commands.AddNote{
		BookingID: v.booking.ID, Note: "hello", Visibility: domain.VisibleCustomer,
	})
	if isRefusal(err, domain.CodeNotFound) {
		return "nt_unknown1"
	}
	v.must(err)
	return r.ID
}

// letters are the codes of refusals, as cells have them.
func letters() []struct {
	letter string
	code   domain.Code
} {
	return []struct {
		letter string
		code   domain.Code
	}{
		{"A", domain.CodeAlreadyCancelled},
		{"B", domain.CodeOverlap},
		{"C", domain.CodeActiveCap},
		{"D", domain.CodeOutsideHours},
		{"E", domain.CodeValidation},
		{"F", domain.CodeForbidden},
		{"H", domain.CodeHorizon},
		{"I", domain.CodeBranchInactive},
		{"L", domain.CodeLeadTime},
		{"M", domain.CodeNeedsManager},
		{"N", domain.CodeNotFound},
		{"O", domain.CodeStaffOffShift},
		{"P", domain.CodeIfMatchRequired},
		{"Q", domain.CodeStaffNotQualified},
		{"R", domain.CodeBusinessRule},
		{"S", domain.CodeCancelWindowPassed},
		{"T", domain.CodeTransition},
		{"U", domain.CodeUnauthenticated},
		{"V", domain.CodeSlotUnavailable},
		{"W", domain.CodeRescheduleWindowPassed},
		{"X", domain.CodeMaxReschedules},
		{"Z", domain.CodeStale},
	}
}

// letter writes an outcome as a cell.
func letter(t *testing.T, err error) string {
	t.Helper()
	refusal, ok := errors.AsType[*domain.Refusal](err)
	switch {
	case err == nil:
		return "."
	case !ok:
		t.Fatal(err)
	}
	for _, l := range letters() {
		if l.code == refusal.Code {
			return l.letter
		}
	}
	t.Fatalf("no letter for %v", err)
	return ""
}

// cell tries one deed, and checks that a refusal writes nothing.
func cell(t *testing.T, d deed, c column, by commands.Caller) string {
	t.Helper()
	v := &visit{salon: newSalon(t)}
	if d.given != nil {
		d.given(v)
	}
	c.make(v)
	v.now = d.at
	if d.before != nil {
		d.before(v)
	}
	if d.name == "redact the desk's note" {
		id := v.note()
		d.run = func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RedactNote(v.tb.Context(), by, o, commands.RedactNote{BookingID: v.booking.ID, NoteID: id}))
		}
	}
	o := v.key()
	if by.Role.Desk() && !d.unseen {
		o = v.seen(v.booking)
	}
	before := len(v.store.All())
	err := d.run(v, by, o)
	after := v.store.All()
	if err != nil && !leavesNothing(after[before:]) {
		t.Errorf("%s of a %s booking: refused, and yet %d events were written", d.name, c.name, len(after)-before)
	}
	if c.status != domain.StatusNone {
		v.mustStand()
	}
	if d.clock && err == nil && len(after) == before {
		return "-"
	}
	return letter(t, err)
}

// leavesNothing reports whether what a refused command has written is claims that it has given back.
func leavesNothing(written []eventstore.Recorded) bool {
	standing := map[string]int{}
	for _, r := range written {
		switch e := r.Event.(type) { //nolint:gochecksumtype // everything else is something
		case domain.StaffDayClaimed:
			standing[e.ClaimID]++
		case domain.StaffDayReleased:
			standing[e.ClaimID]--
		default:
			return false
		}
	}
	for _, n := range standing {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestScenario20EveryCommandInEveryStatusByEverybody(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile(filepath.FromSlash(tableFile))
	if err != nil && !*update {
		t.Fatal(err)
	}
	var got strings.Builder
	got.WriteString("# The columns:")
	for _, c := range columns() {
		got.WriteString(" " + c.name + ",")
	}
	got.WriteString("\n# . accepted, - the clock finds nothing to do,")
	for _, l := range letters() {
		fmt.Fprintf(&got, "\n# %s %s", l.letter, l.code)
	}
	got.WriteString("\n")
	for _, d := range slices.Concat(deedsOnBookings(), beginnings(), guards(), laterCorrections(), clockDeeds()) {
		fmt.Fprintf(&got, "\n%s\n", d.name)
		for _, by := range d.callers() {
			fmt.Fprintf(&got, "  %-17s", by.name)
			for _, c := range columns() {
				got.WriteString(cell(t, d, c, by.Caller))
			}
			got.WriteString("\n")
		}
	}
	if *update {
		if err := os.WriteFile(tableFile, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	compareLines(t, string(want), got.String())
}

// compareLines names the rows that differ.
func compareLines(t *testing.T, want, got string) {
	t.Helper()
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	if len(w) != len(g) {
		t.Fatalf("the table has %d lines, want %d", len(g), len(w))
	}
	block := ""
	for i := range w {
		if !strings.HasPrefix(w[i], " ") && w[i] != "" {
			block = w[i]
		}
		if w[i] != g[i] {
			t.Errorf("%s: got %q, want %q", block, g[i], w[i])
		}
	}
}
