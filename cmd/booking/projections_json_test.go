package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhatOperatorsReadHasTheseNames: programs read the lines, by names that must not change with those in the code.
func TestWhatOperatorsReadHasTheseNames(t *testing.T) {
	t.Parallel()
	dir := filledFolder(t)
	type object = map[string]any
	check := func(what string, got object, want string) {
		t.Helper()
		if diff := cmp.Diff(strings.Fields(want), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	first := func(o object) object {
		t.Helper()
		all, _ := o["projections"].([]any)
		if len(all) != len(modelNames()) {
			t.Fatalf("%v", o)
		}
		one, _ := all[0].(object)
		return one
	}
	const built = "events eventsPerSecond generation hash previous projection seconds state swapped verified"
	begun := operate[object](t, dir, "rebuild", "bookings", "-no-wait")
	check("a rebuild that is begun", begun, built)
	status := operate[object](t, dir, "status")
	check("status", status, "position projections")
	check("a read model", first(status), "generation lagSeconds name owner position rebuild state term version")
	if text, _ := json.Marshal(first(status)["rebuild"]); !strings.Contains(string(text), `"generation":2`) {
		t.Errorf("what is being built: %s", text)
	}
	operate[object](t, dir, "rebuild", "bookings", "-cancel")
	check("a rebuild", operate[object](t, dir, "rebuild", "bookings"), built)
	list := operate[object](t, dir, "list")
	check("list", list, "projections")
	check("a read model of the list", first(list), "generation name previous version")
}
