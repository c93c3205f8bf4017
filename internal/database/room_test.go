package database_test

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/royalglow/booking/internal/database"
)

// littleRoom is the environment variable that names the file which a process is to open that may write next to nothing.
const littleRoom = "DATABASE_TEST_LITTLE_ROOM"

// TestAFullDiskIsToldWhenAFileIsOpened: SQLite makes a file beside the database's, and says nothing of the disk where it cannot. What a
// process may write to any file is limited here, in one of its own.
func TestAFullDiskIsToldWhenAFileIsOpened(t *testing.T) {
	if path := os.Getenv(littleRoom); path != "" {
		openWithLittleRoom(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "engine.db")
	db, err := database.Open(t.Context(), path, noted())
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	limited := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$") //nolint:gosec // the test itself
	limited.Env = append(os.Environ(), littleRoom+"="+path)
	said, err := limited.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, said)
	}
}

func openWithLittleRoom(t *testing.T, path string) {
	t.Helper()
	const most = 16 << 10 // bytes; the file beside has 32 KiB
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), path, noted())
	if !errors.Is(err, database.ErrFull) {
		t.Errorf("no room: %v", err)
	}
	if err == nil {
		_ = db.Close() // the test has failed
	}
}
