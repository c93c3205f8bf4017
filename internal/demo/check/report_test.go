package check_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/demo/check"
)

// kept is a report that keeps every promise.
func kept() check.Report {
	h := newHistory()
	h.used()
	h.attach(desk, queue)
	h.arrive(h.note())
	return h.books.Report(1)
}

func TestARunThatKeptEveryPromiseHasNoFailures(t *testing.T) {
	if why := kept().Failures(); len(why) != 0 {
		t.Errorf("a clean run fails: %q", why)
	}
}

func TestEveryBrokenPromiseFailsTheRun(t *testing.T) {
	for name, breaks := range map[string]func(r *check.Report){
		"lost":                        func(r *check.Report) { r.Lost = 1 },
		"acted on":                    func(r *check.Report) { r.Duplicates = 1 },
		"out of order":                func(r *check.Report) { r.Reordered = 1 },
		"overlap":                     func(r *check.Report) { r.DoubleBooked = 1 },
		"no event of the log":         func(r *check.Report) { r.Faults[check.Phantom] = 1 },
		"no message":                  func(r *check.Report) { r.Received = 0 },
		"only 69 of 100":              func(r *check.Report) { r.Commands, r.Accepted, r.Refused = 100, 69, 31 },
		"secrets":                     func(r *check.Report) { r.Faults[check.Leaked] = 1 },
		"pages do not show":           func(r *check.Report) { r.Faults[check.Outdated] = 1 },
		"nobody used request":         func(r *check.Report) { r.ByAction[check.Request] = 0 },
		"nobody used clear_standing":  func(r *check.Report) { delete(r.ByAction, check.ClearStanding) },
		"nobody used approve, reject": func(r *check.Report) { r.ByAction[check.Approve], r.ByAction[check.Reject] = 0, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			r := kept()
			breaks(&r)
			why := r.Failures()
			if len(why) != 1 || !strings.Contains(why[0], name) {
				t.Errorf("the run fails for %q, want one reason with %q", why, name)
			}
		})
	}
}

// TestEveryVerbIsAskedFor: whichever is missing, the run fails; what it promised it may have kept all the same.
func TestEveryVerbIsAskedFor(t *testing.T) {
	for _, a := range check.Actions() {
		r := kept()
		r.ByAction[a] = 0
		if why := r.Failures(); len(why) != 1 || !strings.HasPrefix(why[0], "nobody used "+string(a)+" (the run was short") {
			t.Errorf("without %s the run fails for %q", a, why)
		}
		if why := r.Broken(); len(why) != 0 {
			t.Errorf("without %s the run breaks %q", a, why)
		}
	}
}

// TestALongRunHasNoExcuse: that a run was short is said only of one that was.
func TestALongRunHasNoExcuse(t *testing.T) {
	r := kept()
	r.Commands, r.Accepted = 100, 100
	r.ByAction[check.Finish] = 0
	if why := r.Failures(); len(why) != 1 || why[0] != "nobody used finish" {
		t.Errorf("the run fails for %q", why)
	}
}

func TestVerbsAreListedOnce(t *testing.T) {
	seen := map[check.Action]bool{}
	for _, a := range check.Actions() {
		if seen[a] || a == "" {
			t.Errorf("%q is listed twice", a)
		}
		seen[a] = true
	}
	if len(seen) != 38 {
		t.Errorf("%d verbs are listed", len(seen))
	}
}

func TestSeventyPercentAcceptedIsEnough(t *testing.T) {
	r := kept()
	r.Commands, r.Accepted, r.Refused = 100, 70, 30
	if why := r.Failures(); len(why) != 0 {
		t.Errorf("70 of 100 accepted fails: %q", why)
	}
}

func TestCommandsAreCountedByAnswerAndVerb(t *testing.T) {
	h := newHistory()
	h.used()
	h.books.Answered(check.Command{Action: check.Request})
	r := h.books.Report(0)
	if r.Commands != 39 || r.Accepted != 38 || r.Refused != 1 || r.ByAction[check.Request] != 2 {
		t.Errorf("39 commands, 1 of them a refused request, are counted as %+v", r)
	}
}

func TestTheSummaryHasItsExactForm(t *testing.T) {
	got, err := json.Marshal(kept())
	if err != nil {
		t.Fatal(err)
	}
	verbs := map[check.Action]int{}
	for _, a := range check.Actions() {
		verbs[a] = 1
	}
	byAction, err := json.Marshal(verbs)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"commands":38,"accepted":38,"refused":0,"byAction":` + string(byAction) + `,` +
		`"events":1,"messages":1,"expected":1,"received":1,"lost":0,"duplicates":0,"reordered":0,"doubleBooked":0,` +
		`"faults":{},"latencyMs":{"commandToReceived":{"p50":0,"p99":0},"commitToReceived":{"p50":5,"p99":5}}}`
	if string(got) != want {
		t.Errorf("summary is\n%s\nwant\n%s", got, want)
	}
	empty, err := json.Marshal(new(check.Books).Report(0))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(empty), strings.ReplaceAll(string(byAction), ":1", ":0")) {
		t.Errorf("an idle run hides verbs: %s", empty)
	}
}
