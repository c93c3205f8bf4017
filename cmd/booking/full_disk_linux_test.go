package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// onFullDisk is the environment variable that names the data folder to work with on a disk of its own.
const onFullDisk = "BOOKING_TEST_ON_FULL_DISK"

// TestAFullDiskIsSaidInOneSentence on a disk that really is full: a small one in memory, which a process mounts for itself alone. It
// needs no rights for that in a user namespace of its own.
func TestAFullDiskIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	if filled := os.Getenv(onFullDisk); filled != "" {
		workOnFullDisk(t, filled)
		return
	}
	alone := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$") //nolint:gosec // the test itself
	alone.Env = append(os.Environ(), onFullDisk+"="+filledFolder(t))
	alone.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	said, err := alone.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, said)
	}
}

func workOnFullDisk(t *testing.T, filled string) {
	t.Helper()
	disk := t.TempDir()
	if err := syscall.Mount("booking", disk, "tmpfs", 0, "size=4m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the disk goes with the process, which may have files open until then
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	dir, ballast := filepath.Join(disk, "data"), filepath.Join(disk, "ballast")
	copyFolder(t, filled, dir)
	before := everything(t, dir)
	size := fill(t, ballast)
	for _, args := range []string{"status", "rebuild bookings", "pause bookings", "rebuild customers -stream customer-usr_customer001", "audit -heal"} {
		saysFull(t, dir, "FAILED", "the disk is full", args)
	}
	// There is room to open the tables now, and not to build.
	if err := os.Truncate(ballast, size-256<<10); err != nil {
		t.Fatal(err)
	}
	saysFull(t, dir, "SERVICE_UNAVAILABLE", "there is no room for another generation", "rebuild bookings")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if everything(t, dir) != before {
		t.Error("something was changed")
	}
}

// fill takes all the room that is left, and returns how much that was, in bytes.
func fill(t *testing.T, path string) (size int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for some := make([]byte, 4096); err == nil; {
		var n int
		n, err = f.Write(some)
		size += int64(n)
	}
	if closed := f.Close(); !errors.Is(err, syscall.ENOSPC) || closed != nil {
		t.Fatalf("after %d bytes: %v, %v", size, err, closed)
	}
	return size
}

func saysFull(t *testing.T, dir, code, want, args string) {
	t.Helper()
	run := append(append([]string{"projections"}, strings.Fields(args)...), "-data", dir)
	got := runProgram(t.Context(), t, nil, run...)
	if got.code != exitFailed || got.stdout != "" || !strings.Contains(got.stderr, want) || strings.Count(got.stderr, "\n") != 1 {
		t.Errorf("%s: exit %d, %q, %q", args, got.code, got.stdout, got.stderr)
	}
	got = runProgram(t.Context(), t, nil, append(run, "-json")...)
	var line struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &line); err != nil || got.code != exitFailed || line.Error.Code != code ||
		!strings.Contains(line.Error.Message, want) || got.stderr != "" {
		t.Errorf("%s: exit %d, %q, %q: %v", args, got.code, got.stdout, got.stderr, err)
	}
}
