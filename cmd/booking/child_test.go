package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
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
	dir, store, addr string
	ably             *demoAbly

	cmd   *exec.Cmd
	log   *strings.Builder
	kills int
}

// start runs the engine and returns how long it took to be ready.
func (c *childEngine) start(ctx context.Context, t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	// The child is killed by the test and not by a context, which would race with a kill of the test's own.
	c.cmd = exec.Command(os.Args[0], "serve", "-data", c.dir, "-listen", c.addr)
	c.cmd.Env = append(os.Environ(), beChild+"=1", "SESSION_SECRET="+childSecret, "EVENTSTORE_URL="+c.store,
		"ABLY_PRIVATE_KEY="+c.ably.server.Key(), "ABLY_ENDPOINT="+c.ably.addr.String())
	c.log = &strings.Builder{}
	c.cmd.Stderr = c.log
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan bool, 1)
	go func() { ready <- bufio.NewScanner(stdout).Scan() }() // ends with the child at the latest
	select {
	case ok := <-ready:
		if !ok {
			_ = c.cmd.Wait()
			t.Fatalf("the engine did not start: %s", c.log)
		}
	case <-ctx.Done():
		t.Fatalf("the engine was not ready in time: %v", ctx.Err())
	case <-time.After(startLimit):
		t.Fatal("the engine was not ready in time")
	}
	return time.Since(began)
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
