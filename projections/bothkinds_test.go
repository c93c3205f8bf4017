package projections_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/database"
)

// overKind is the environment variable that says which kind of database this package's tests run over: sqlite (also without it)
// or postgres. For one test over PostgreSQL alone:
//
//	BOOKING_TEST_DATABASE=postgres go test ./projections -run TestTheCardFollowsEachEvent
const overKind = "BOOKING_TEST_DATABASE"

// kind returns the kind of database that this process tests.
func kind() database.Kind {
	switch name := os.Getenv(overKind); name {
	case "", database.SQLite.String():
		return database.SQLite
	case database.PostgreSQL.String():
		return database.PostgreSQL
	default:
		panic(overKind + " is " + name + ": it must be sqlite or postgres")
	}
}

// TestTheWholeSuiteOverPostgreSQL runs this test binary again: all that holds over SQLite must hold over PostgreSQL.
func TestTheWholeSuiteOverPostgreSQL(t *testing.T) {
	t.Parallel()
	if kind() != database.SQLite {
		return // this is that run
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	again := exec.CommandContext(t.Context(), binary, sameFlags(t)...)
	again.Env = append(os.Environ(), overKind+"="+database.PostgreSQL.String())
	output, err := again.CombinedOutput()
	ran, skipped := counted(string(output))
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		t.Fatal(err)
	}
	switch {
	case err != nil:
		t.Errorf("over PostgreSQL: %v\n%s", err, telling(string(output)))
	case skipped > 0 && os.Getenv("CI") == "true":
		t.Errorf("over PostgreSQL %d tests were skipped:\n%s", skipped, telling(string(output)))
	case skipped > 0:
		t.Skipf("over PostgreSQL %d tests were skipped:\n%s", skipped, telling(string(output)))
	case ran == 0:
		t.Errorf("no test ran over PostgreSQL:\n%s", output)
	}
}

// sameFlags returns the flags of this run that say which tests run and how. The run over PostgreSQL ends before this one must.
func sameFlags(t *testing.T) []string {
	t.Helper()
	flags := []string{"-test.v", "-rapid.checks=5"} // a round takes five times as long as over SQLite
	if deadline, ok := t.Deadline(); ok {
		left := time.Until(deadline)
		flags = append(flags, "-test.timeout="+(left-left/20).String())
	}
	flag.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "test.run", "test.skip", "test.shuffle", "test.short", "test.parallel", "test.failfast", "test.cpu", "test.fullpath":
		default:
			if strings.HasPrefix(f.Name, "test.") { // where profiles go, and how often all of this is done
				return
			}
		}
		flags = append(flags, "-"+f.Name+"="+f.Value.String())
	})
	return flags
}

// counted counts the top-level tests that ran to an end, and all that were skipped.
func counted(output string) (ran, skipped int) {
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, "--- PASS: Test") {
			ran++
		}
		if strings.HasPrefix(strings.TrimSpace(line), "--- SKIP: ") {
			skipped++
		}
	}
	return ran, skipped
}

// telling leaves out of a run's output the lines about tests that come and go.
func telling(output string) string {
	var b strings.Builder
	for line := range strings.Lines(output) {
		word := strings.TrimSpace(line)
		if !strings.HasPrefix(word, "=== ") && !strings.HasPrefix(word, "--- PASS: ") {
			b.WriteString(line)
		}
	}
	return b.String()
}
