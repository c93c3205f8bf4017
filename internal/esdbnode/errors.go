package esdbnode

import (
	"errors"
	"fmt"
)

var (
	// ErrClosed is returned by calls on a node that was closed.
	ErrClosed = errors.New("event store node is closed")

	// ErrInsecureListener is returned by Serve for a listener that others than this
	// machine can reach, unless it has both TLS and a password.
	ErrInsecureListener = errors.New("listener is reachable from other machines: it needs tls and a password")

	// ErrPasswordWithoutTLS is returned by Serve when a password is set on a plaintext
	// listener: the client never sends credentials there, so every call would fail.
	ErrPasswordWithoutTLS = errors.New("password is set on a listener without tls")

	// ErrNewerSchema is returned by Open for files that a newer program wrote.
	ErrNewerSchema = errors.New("event store files were written by a newer version")
)

// LockedError is returned by Open when another process, or another node in this one,
// holds the folder.
type LockedError struct {
	// Dir is the folder that is held.
	Dir string
	// PID is the process that holds it, or 0 when that is not known.
	PID int
}

// Error names the folder and, when known, the process.
func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("event store folder %s is in use by another process", e.Dir)
	}
	return fmt.Sprintf("event store folder %s is in use by process %d", e.Dir, e.PID)
}

// ErrLocked matches every LockedError with errors.Is.
var ErrLocked = errors.New("event store folder is in use")

// Is reports that a LockedError is an ErrLocked.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }
