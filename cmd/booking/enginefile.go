package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// engineFile is what a running engine tells the other commands on the same machine, in DATA_DIR/engine.json. It holds a
// secret, so its mode is 0600.
type engineFile struct {
	PID        int       `json:"pid"`
	API        string    `json:"api"`
	Page       string    `json:"page"`
	Ably       string    `json:"ably,omitempty"`
	EventStore string    `json:"eventstore"`
	OpsToken   string    `json:"opsToken"`
	StartedAt  time.Time `json:"startedAt"`
}

func engineFilePath(dataDir string) string { return filepath.Join(dataDir, "engine.json") }

// write puts the file in place as a whole: a reader never sees half of it.
func (f engineFile) write(dataDir string) error {
	data, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode engine file: %w", err)
	}
	tmp := engineFilePath(dataDir) + ".new"
	if err := os.WriteFile(tmp, append(data, '\n'), 0o600); err != nil {
		_ = os.Remove(tmp) // a part of it, or nothing; the error above says what is wrong
		return fmt.Errorf("write engine file: %w", err)
	}
	if err := os.Rename(tmp, engineFilePath(dataDir)); err != nil {
		return fmt.Errorf("place engine file: %w", err)
	}
	return nil
}

// removeEngineFile takes it away on stop; one that is gone already is no error.
func removeEngineFile(dataDir string) error {
	err := os.Remove(engineFilePath(dataDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove engine file: %w", err)
	}
	return nil
}

// readEngineFile returns what the running engine wrote; stale is true when its process is gone.
func readEngineFile(dataDir string) (f engineFile, stale bool, err error) {
	data, err := os.ReadFile(engineFilePath(dataDir))
	if err != nil {
		return f, false, fmt.Errorf("read engine file: %w", err)
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return f, false, fmt.Errorf("decode engine file: %w", err)
	}
	return f, f.PID <= 0 || errors.Is(syscall.Kill(f.PID, 0), syscall.ESRCH), nil
}
