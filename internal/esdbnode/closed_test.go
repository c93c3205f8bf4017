package esdbnode_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/esdbnode"
)

// TestAClosedNodeKeepsNoFile open: what it has written is in the one file that is left, and a disk can be taken away.
func TestAClosedNodeKeepsNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := startNode(t, esdbnode.Config{Dir: dir})
	n.append(t, "s", esdb.NoStream{}, events(3)...)
	if len(openIn(t, dir)) == 0 {
		t.Fatal("no open file was found while the node ran, and the test proves nothing")
	}
	n.stop()
	if files := openIn(t, dir); len(files) > 0 {
		t.Errorf("still open: %q", files)
	}
	for _, beside := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(filepath.Join(dir, "events.db"+beside)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("events.db%s is left: %v", beside, err)
		}
	}
}

// openIn lists the files in a folder that this process has open, as Linux tells.
func openIn(t *testing.T, dir string) (files []string) {
	t.Helper()
	const descriptors = "/proc/self/fd"
	entries, err := os.ReadDir(descriptors)
	if err != nil {
		t.Skip("the system does not tell which files are open")
	}
	for _, e := range entries {
		if file, err := os.Readlink(filepath.Join(descriptors, e.Name())); err == nil && strings.HasPrefix(file, dir) {
			files = append(files, file)
		}
	}
	return files
}
