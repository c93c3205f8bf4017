package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
)

func TestTheCommandKeyIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	c := &Config{DataDir: t.TempDir()}
	db := databasetest.Open(t, migrations.Engine)
	first, err := commandSecret(t.Context(), c, db)
	if err != nil || len(first) < commandKeyBytes {
		t.Fatalf("%d bytes, %v", len(first), err)
	}
	again, err := commandSecret(t.Context(), c, db)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("another key at the second start, %v", err)
	}
	info, err := os.Stat(filepath.Join(c.DataDir, "command.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if other, err := commandSecret(t.Context(), &Config{DataDir: t.TempDir()}, db); err != nil || bytes.Equal(first, other) {
		t.Errorf("two folders share a key, %v", err)
	}
}

// TestABrokenCommandKeyIsNamed: with half a key every repeated request would be a new one.
func TestABrokenCommandKeyIsNamed(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "half a key"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "command.key")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got := runProgram(t.Context(), t, map[string]string{"SESSION_SECRET": childSecret},
			"serve", "-data", dir, "-listen", "127.0.0.1:0", "-log-level", "error")
		if got.code != exitFailed || !strings.Contains(got.stderr, path) || strings.Count(got.stderr, "\n") != 1 {
			t.Errorf("%q: exit %d, %q", content, got.code, got.stderr)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != content {
			t.Errorf("the file was changed to %q, %v", data, err)
		}
	}
}
