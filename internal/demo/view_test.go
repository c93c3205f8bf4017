package demo_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// assertPlain checks what goes to a file: whole lines, nothing for a terminal.
func assertPlain(t *testing.T, view string) {
	t.Helper()
	if strings.ContainsAny(view, "\r\x1b") {
		t.Errorf("the plain view moves the cursor or has colours: %q", view)
	}
	line := regexp.MustCompile(`^\d\d:\d\d \w+: \d+ commands \(\d+ refused\), \d+ messages arrived ` +
		`\(customer \d+, booking \d+, internal \d+, queue \d+, schedule \d+, staff \d+, leave \d+\), ` +
		`latency p50 \S+ ms p99 \S+ ms$`)
	lines := strings.Split(strings.TrimSuffix(view, "\n"), "\n")
	for !strings.Contains(lines[0], " running: ") && len(lines) > 1 {
		if !regexp.MustCompile(`^00:00 opening: \d branch(es)?, \d+ people, 20 commands a second$`).MatchString(lines[0]) {
			t.Errorf("the plain view begins with the line %q", lines[0])
		}
		lines = lines[1:]
	}
	for _, l := range lines {
		if !line.MatchString(l) {
			t.Errorf("the plain view has the line %q", l)
		}
	}
	last := lines[len(lines)-1]
	if !strings.Contains(last, " done: 60 commands") {
		t.Errorf("the view ends with %q", last)
	}
}

// assertBlock checks what goes to a terminal: a block that is drawn over itself and fits into 80 columns.
func assertBlock(t *testing.T, view string) {
	t.Helper()
	ups := regexp.MustCompile(`\x1b\[(\d+)A`).FindAllStringSubmatch(view, -1)
	drawings := regexp.MustCompile(`\x1b\[\d+A`).Split(view, -1)
	if len(ups) == 0 {
		t.Fatalf("the block is never drawn again: %q", view)
	}
	for i, d := range drawings {
		if lines := strings.Count(d, "\n"); lines != strings.Count(drawings[0], "\n") {
			t.Errorf("drawing %d has %d lines", i, lines)
		}
	}
	colour := regexp.MustCompile(`\x1b\[\d*[mK]|\r`)
	last := colour.ReplaceAllString(drawings[len(drawings)-1], "")
	for l := range strings.Lines(last) {
		if n := utf8.RuneCountInString(l); n > 80 {
			t.Errorf("a line is %d columns wide: %q", n, l)
		}
	}
	for _, want := range []string{
		"Royal Glow", "3 branches", "done", "reschedule", "check in", "revoke", "schedule", "internal", "p99", "reads",
	} {
		if !strings.Contains(last, want) {
			t.Errorf("the block does not show %q:\n%s", want, last)
		}
	}
	// A change of status is among the last few lines at some time; what is there in the end is a matter of luck.
	if !strings.Contains(view, "→") {
		t.Errorf("no change of status was ever shown:\n%s", last)
	}
}
