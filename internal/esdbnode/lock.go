package esdbnode

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const lockFileName = "node.lock"

// errLockHeld is what the platform's tryLock answers when somebody else has the lock.
var errLockHeld = errors.New("lock is held")

// lock holds a folder for one node. The operating system drops it when the process
// dies, so a crash never leaves a folder locked.
type lock struct{ file *os.File }

func acquireLock(dir string) (*lock, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFileName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	if err := tryLock(file); err != nil {
		defer func() { _ = file.Close() }()
		if errors.Is(err, errLockHeld) {
			return nil, &LockedError{Dir: dir, PID: readPID(file)}
		}
		return nil, fmt.Errorf("lock folder: %w", err)
	}
	// The number is only a courtesy to whoever is refused later: a failure to write it
	// (a full disk, say) must not stop the node.
	if err := file.Truncate(0); err == nil {
		_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return &lock{file: file}, nil
}

// readPID gives the process id in the lock file, or 0.
func readPID(r io.ReaderAt) int {
	buf := make([]byte, 20)
	n, _ := r.ReadAt(buf, 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(buf[:n])))
	if err != nil {
		return 0
	}
	return pid
}

// release gives the folder back. The file stays: removing it would let two processes
// lock two different files of the same name.
func (l *lock) release() error { return l.file.Close() }
