package esdbnode_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain runs the tests, or one of the parts that a test plays in a process of its
// own (see crash_test.go).
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDirEnv); dir != "" {
		os.Exit(crashingNode(dir))
	}
	goleak.VerifyTestMain(m, ignoredClientLeaks()...)
}

// ignoredClientLeaks names the goroutines that the client never ends.
func ignoredClientLeaks() []goleak.Option {
	return []goleak.Option{}
}
