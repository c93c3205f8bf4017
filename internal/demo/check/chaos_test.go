package check_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/demo/check"
)

// chaotic is a run that kept every promise while 3 of 100 requests failed.
func chaotic() check.Report {
	return kept().WithChaos(100, map[string]int{"errorBefore": 2, "resetAfter": 1}, "socketDropped", 4)
}

func TestARunUnderChaosShowsWhatWentWrong(t *testing.T) {
	r := chaotic()
	if why := r.Failures(); len(why) != 0 {
		t.Errorf("the run fails for %q", why)
	}
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"faults":{"errorBefore":2,"resetAfter":1,"socketDropped":4}`, `"chaos":{"requests":100,"failed":3,"dropped":4}`,
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("the summary %s has no %s", got, want)
		}
	}
}

func TestARunWithTooLittleChaosFails(t *testing.T) {
	for name, c := range map[string]struct {
		requests, failed, dropped int
		want                      string
	}{
		"fewer than 3 %":   {101, 3, 4, "only 3 of 101 publish requests failed"},
		"none":             {100, 0, 4, "only 0 of 100 publish requests failed"},
		"no requests":      {0, 0, 4, "only 0 of 0 publish requests failed"},
		"no socket at all": {100, 5, 0, "no subscriber's socket was dropped"},
	} {
		t.Run(name, func(t *testing.T) {
			r := kept().WithChaos(c.requests, map[string]int{"errorBefore": c.failed}, "socketDropped", c.dropped)
			if why := r.Failures(); len(why) != 1 || !strings.Contains(why[0], c.want) {
				t.Errorf("the run fails for %q, want one reason with %q", why, c.want)
			}
		})
	}
}

// TestChaosExcusesNothing: a broken promise is one under chaos as well.
func TestChaosExcusesNothing(t *testing.T) {
	r := chaotic()
	r.Lost = 1
	if why := r.Failures(); len(why) != 1 || why[0] != "1 messages were lost" {
		t.Errorf("the run fails for %q", why)
	}
	r = chaotic()
	r.Faults[check.Outdated] = 1
	if why := r.Failures(); len(why) != 1 {
		t.Errorf("the run fails for %q", why)
	}
}
