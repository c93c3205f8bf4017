package databasetest

import (
	"os"
	"sync"
	"testing"
)

// shared is the server that the tests of a binary have in common: to make one takes longer than most tests.
var shared struct { //nolint:gochecknoglobals // one server for each test binary: tests of a package have nothing else in common
	once   sync.Once
	server *Server
	err    error
	main   bool // Main will stop it
}

func sharedServer(tb testing.TB) *Server {
	tb.Helper()
	if !shared.main {
		tb.Fatal("TestMain must run databasetest.Main, which stops the server in the end")
	}
	need(tb)
	shared.once.Do(func() { shared.server, shared.err = start(false) })
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.server
}

// need skips the test where PostgreSQL is not installed. In CI it is.
func need(tb testing.TB) {
	tb.Helper()
	if _, err := binaries(); err == nil {
		return
	}
	const missing = "PostgreSQL is not installed (Debian: postgresql-15)"
	if os.Getenv("CI") == "true" {
		tb.Fatal(missing)
	}
	tb.Skip(missing)
}

// Runner is what runs a binary's tests; *testing.M is one.
type Runner interface{ Run() int }

// Main returns a Runner that also stops the server which the tests may have started. It goes where the *testing.M would:
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(databasetest.Main(m)) }
func Main(m Runner) Runner {
	shared.main = true
	return &stopping{m}
}

type stopping struct{ tests Runner }

// Run runs the tests, stops the server and returns the exit code.
func (s *stopping) Run() int {
	code := s.tests.Run()
	if shared.server == nil {
		return code
	}
	if err := shared.server.close(); err != nil {
		_, _ = os.Stderr.WriteString("stop PostgreSQL: " + err.Error() + "\n")
		return max(code, 1)
	}
	return code
}
