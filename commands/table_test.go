package commands_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// The table of every command on a booking, in every status, by everybody. It is testdata/table.txt: a block for each command, a
// row for each caller, a column for each status, and one letter in each cell:
//
//	. accepted   T the status does not allow it   A cancelled already   S it has started, tell the desk   R the business says no
//	F forbidden  N not there, or not the caller's
//
// The file was read line by line against the table of transitions; what it says is what the engine promises.
const tableFile = "testdata/table.txt"

var update = flag.Bool("update", false, "write the table of commands anew; read what has changed")

// column is a status, and how a booking comes to it.
type column struct {
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
		return v.ApproveBooking(v.tb.Context(), desk, v.seen(v.booking), commands.ApproveBooking{BookingID: v.booking.ID})
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

func (v *visit) noShow() {
	v.confirm()
	v.do(opening.Add(15*time.Minute), func() (commands.Receipt, error) {
		return v.MarkNoShow(v.tb.Context(), desk, v.seen(v.booking), commands.MarkNoShow{BookingID: v.booking.ID})
	})
}

func columns() []column {
	return []column{
		{domain.StatusNone, func(v *visit) { v.booking = commands.Receipt{ID: "bkg_unknown1"} }},
		{domain.StatusPending, (*visit).request},
		{domain.StatusConfirmed, (*visit).confirm},
		{domain.StatusCheckedIn, (*visit).checkIn},
		{domain.StatusInProgress, (*visit).start},
		{domain.StatusCompleted, (*visit).complete},
		{domain.StatusRejected, (*visit).reject},
		{domain.StatusCancelled, (*visit).cancel},
		{domain.StatusNoShow, (*visit).noShow},
	}
}

// callers are everybody who may try.
func callers() []struct {
	name string
	commands.Caller
} {
	return []struct {
		name string
		commands.Caller
	}{
		{"her customer", carla},
		{"another customer", dora},
		{"her stylist", stylist},
		{"another stylist", commands.Caller{UserID: "usr_zoe001", Role: domain.RoleStaff, StaffID: zoe, BranchIDs: []string{branch}}},
		{"reception", desk},
		{"another branch", strangerDesk},
		{"manager", commands.Caller{UserID: "usr_manager", Role: domain.RoleManager, BranchIDs: []string{branch}}},
		{"owner", owner},
		{"developer", commands.Caller{UserID: "usr_develop", Role: domain.RoleDeveloper}},
	}
}

// deed is a command with input that is right, at a time at which it could be.
type deed struct {
	name string
	at   time.Time
	run  func(v *visit, by commands.Caller, o commands.Options) error
}

func err1(_ commands.Receipt, err error) error { return err }

func deedsOnBookings() []deed {
	before := opening.Add(-5 * time.Hour)
	type visitor = func(v *visit, by commands.Caller, o commands.Options) error
	correct := func(to domain.Status) visitor {
		return func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.CorrectOutcome(v.tb.Context(), by, o, commands.CorrectOutcome{BookingID: v.booking.ID, ToStatus: to, Reason: "wrong"}))
		}
	}
	note := func(visible domain.Visibility) visitor {
		return func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.AddNote(v.tb.Context(), by, o, commands.AddNote{BookingID: v.booking.ID, Note: "hello", Visibility: visible}))
		}
	}
	return []deed{
		{"approve", now, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.ApproveBooking(v.tb.Context(), by, o, commands.ApproveBooking{BookingID: v.booking.ID}))
		}},
		{"reject", now, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RejectBooking(v.tb.Context(), by, o, commands.RejectBooking{BookingID: v.booking.ID, Reason: "full"}))
		}},
		{"cancel for the customer", before, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.CancelBooking(v.tb.Context(), by, o, commands.CancelBooking{BookingID: v.booking.ID, CancelledBy: domain.PartyCustomer}))
		}},
		{"cancel for the salon", before, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.CancelBooking(v.tb.Context(), by, o, commands.CancelBooking{
				BookingID: v.booking.ID, CancelledBy: domain.PartySalon, ReasonCode: "equipment",
			}))
		}},
		{"reschedule", before, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RescheduleBooking(v.tb.Context(), by, o, commands.RescheduleBooking{
				BookingID: v.booking.ID, Start: commands.Start{StartAt: opening.Add(3 * time.Hour)},
			}))
		}},
		{"assign", before, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.AssignStaff(v.tb.Context(), by, o, commands.AssignStaff{BookingID: v.booking.ID, SegmentID: "seg_2", StaffID: zoe}))
		}},
		{"unassign", before, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.UnassignStaff(v.tb.Context(), by, o, commands.UnassignStaff{BookingID: v.booking.ID, SegmentID: "seg_2", Reason: "sick"}))
		}},
		{"add a service", before, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.AddService(v.tb.Context(), by, o, commands.AddService{BookingID: v.booking.ID, ServiceID: cut}))
		}},
		{"remove a service", before, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RemoveService(v.tb.Context(), by, o, commands.RemoveService{BookingID: v.booking.ID, SegmentID: "seg_2"}))
		}},
		{"change a duration", before, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.ChangeDuration(v.tb.Context(), by, o, commands.ChangeDuration{BookingID: v.booking.ID, SegmentID: "seg_2", Minutes: 45}))
		}},
		{"check in", opening, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.CheckIn(v.tb.Context(), by, o, commands.CheckIn{BookingID: v.booking.ID}))
		}},
		{"start the first service", opening, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.StartService(v.tb.Context(), by, o, commands.StartService{BookingID: v.booking.ID, SegmentID: "seg_1"}))
		}},
		{"finish the first service", opening.Add(30 * time.Minute), func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.FinishService(v.tb.Context(), by, o, commands.FinishService{BookingID: v.booking.ID, SegmentID: "seg_1"}))
		}},
		{"complete", opening.Add(time.Hour), func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.CompleteBooking(v.tb.Context(), by, o, commands.CompleteBooking{BookingID: v.booking.ID, PaymentMethod: domain.PaidUPI}))
		}},
		{"mark a no-show", opening.Add(15 * time.Minute), func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.MarkNoShow(v.tb.Context(), by, o, commands.MarkNoShow{BookingID: v.booking.ID}))
		}},
		{"correct to pending", opening, correct(domain.StatusPending)},
		{"correct to confirmed", opening, correct(domain.StatusConfirmed)},
		{"correct to in progress", opening, correct(domain.StatusInProgress)},
		{"correct to completed", opening, correct(domain.StatusCompleted)},
		{"correct to cancelled", opening, correct(domain.StatusCancelled)},
		{"note for the salon", now, note(domain.VisibleInternal)},
		{"note for the customer", now, note(domain.VisibleCustomer)},
		{"redact the desk's note", now, func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RedactNote(v.tb.Context(), by, o, commands.RedactNote{BookingID: v.booking.ID, NoteID: v.note()}))
		}},
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
	letters := map[domain.Code]string{
		domain.CodeTransition: "T", domain.CodeAlreadyCancelled: "A", domain.CodeCancelWindowPassed: "S",
		domain.CodeBusinessRule: "R", domain.CodeForbidden: "F", domain.CodeNotFound: "N",
	}
	l, ok := letters[refusal.Code]
	if !ok {
		t.Fatalf("no letter for %v", err)
	}
	return l
}

// cell tries one deed, and checks that a refusal writes nothing.
func cell(t *testing.T, d deed, c column, by commands.Caller) string {
	t.Helper()
	v := &visit{salon: newSalon(t)}
	c.make(v)
	v.now = d.at
	if d.name == "redact the desk's note" {
		id := v.note()
		d.run = func(v *visit, by commands.Caller, o commands.Options) error {
			return err1(v.RedactNote(v.tb.Context(), by, o, commands.RedactNote{BookingID: v.booking.ID, NoteID: id}))
		}
	}
	o := v.key()
	if by.Role.Desk() {
		o = v.seen(v.booking)
		if strings.Contains(d.name, "note") {
			o.IfMatch = nil
		}
	}
	before := len(v.store.All())
	err := d.run(v, by, o)
	if after := len(v.store.All()); err != nil && after != before {
		t.Errorf("%s of a %s booking: refused, and yet %d events were written", d.name, c.status, after-before)
	}
	if c.status != domain.StatusNone {
		v.mustStand()
	}
	return letter(t, err)
}

func TestScenario20EveryCommandInEveryStatusByEverybody(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile(filepath.FromSlash(tableFile))
	if err != nil && !*update {
		t.Fatal(err)
	}
	var got strings.Builder
	fmt.Fprintf(&got, "# none, %s\n", strings.Trim(fmt.Sprint(domain.Statuses()), "[]"))
	for _, d := range deedsOnBookings() {
		fmt.Fprintf(&got, "\n%s\n", d.name)
		for _, by := range callers() {
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
