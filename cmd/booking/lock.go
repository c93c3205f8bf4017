package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// dataLock keeps a second engine off a data folder. The kernel drops it when the process ends, however it ends.
type dataLock struct{ f *os.File }

// lockData takes the folder, or says in one sentence who has it.
func lockData(c *Config) (*dataLock, error) {
	f, err := os.OpenFile(c.path("engine.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock data folder: %w", err)
		}
		if other, stale, err := readEngineFile(c.DataDir); err == nil && !stale {
			return nil, fmt.Errorf("another engine (pid %d, %s) runs on %s: stop it or choose another folder with -data",
				other.PID, other.API, c.DataDir)
		}
		return nil, fmt.Errorf("another engine runs on %s: stop it or choose another folder with -data", c.DataDir)
	}
	return &dataLock{f: f}, nil
}

func (l *dataLock) Close() error { return l.f.Close() }
