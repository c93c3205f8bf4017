package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// beChild makes the test binary run the command line instead of the tests.
	beChild     = "BOOKING_TEST_BE_CHILD"
	childSecret = "a secret that only this test knows, of more than 32 bytes"
	startLimit  = 30 * time.Second
)

// childEngine is "booking serve" in a process of its own, on a folder that outlives it.
type childEngine struct {
	binary           string
	dir, store, addr string
	ably             *demoAbly
	env              []string // of the next start, above what every start has

	cmd   *exec.Cmd
	log   *strings.Builder
	kills int
	// slowest is the longest that a restart has taken.
	slowest time.Duration
}

// plainBinary is the build that all tests share: to make one takes longer than some of them.
var plainBinary struct {
	once sync.Once
	dir  string
	err  error
}

// engineBinary returns what the child runs: this test binary, or a plain build where this one carries the race detector,
// because the time that a restart takes is one of the promises. runTests removes it.
func engineBinary(t *testing.T) string {
	t.Helper()
	if !raceDetector {
		return os.Args[0]
	}
	plainBinary.once.Do(func() { plainBinary.dir, plainBinary.err = buildPlain() })
	if plainBinary.err != nil {
		t.Fatal(plainBinary.err)
	}
	return filepath.Join(plainBinary.dir, "booking")
}

// buildPlain builds the engine into a folder of its own. No test's context ends it: others wait for it, too.
func buildPlain() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "booking-plain-"); err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "booking"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("build engine: %w\n%s", err, out)
	}
	return dir, nil
}

// start runs the engine and returns how long it took to be ready.
func (c *childEngine) start(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	// The child is killed by the test and not by a context, which would race with a kill of the test's own.
	c.cmd = exec.Command(c.binary, "serve", "-data", c.dir, "-listen", c.addr)
	c.cmd.Env = append(os.Environ(), beChild+"=1", "SESSION_SECRET="+childSecret, "EVENTSTORE_URL="+c.store,
		"ABLY_PRIVATE_KEY="+c.ably.server.Key(), "ABLY_ENDPOINT="+c.ably.addr.String())
	c.cmd.Env = append(c.cmd.Env, c.env...)
	c.log = &strings.Builder{}
	c.cmd.Stderr = c.log
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := c.cmd.Start(); err != nil {
		return 0, err
	}
	ready := make(chan bool, 1)
	go func() { ready <- bufio.NewScanner(stdout).Scan() }() // ends with the child at the latest
	select {
	case ok := <-ready:
		if !ok {
			_ = c.cmd.Wait()
			return 0, fmt.Errorf("the engine did not start: %s", c.log)
		}
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(startLimit):
		return 0, errors.New("the engine was not ready in time")
	}
	return time.Since(began), nil
}

// kill ends the engine as a power cut would, and waits until it is gone.
func (c *childEngine) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Errorf("kill engine: %v", err)
	}
	_ = c.cmd.Wait() // it says that the process was killed
	c.kills++
}

// stop ends the engine in order, and returns how long that has taken.
func (c *childEngine) stop(t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("stop engine: %v", err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("the engine stopped with %v: %s", err, c.log)
	}
	return time.Since(began)
}
