package databasetest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the user that the server runs as: PostgreSQL refuses to run as root.
type owner struct {
	uid, gid int
	other    bool // than ours
}

func serverUser() (*owner, error) {
	if os.Geteuid() != 0 {
		return &owner{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uerr := strconv.Atoi(u.Uid)
		gid, gerr := strconv.Atoi(u.Gid)
		if err := errors.Join(uerr, gerr); err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		return &owner{uid: uid, gid: gid, other: true}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}

// own makes a program run as the owner, and out of reach of the terminal's signals.
func (o *owner) own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if o.other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
	}
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
}

// folder makes a folder that the owner can get to and nobody else can look into.
func (o *owner) folder() (string, error) {
	var failed error
	for _, parent := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if o.other && !open(parent) {
			failed = errors.Join(failed, fmt.Errorf("%s is closed to user %d", parent, o.uid))
			continue
		}
		dir, err := os.MkdirTemp(parent, "booking-postgres-")
		if err == nil {
			err = os.Chown(dir, o.uid, o.gid)
		}
		if err == nil {
			return dir, nil
		}
		failed = errors.Join(failed, err)
	}
	return "", failed
}

// open reports whether everybody may pass through the folder and those above it.
func open(dir string) bool {
	const pass = 0o001
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&pass == 0 {
			return false
		}
		up := filepath.Dir(dir)
		if up == dir {
			return true
		}
		dir = up
	}
}
