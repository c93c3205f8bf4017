package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestFilesThatAreMadeAnewBesideALogAreWarnedOf: a backup that lacks them starts, and afterwards nothing would show what was lost.
func TestFilesThatAreMadeAnewBesideALogAreWarnedOf(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// run starts an engine, which its subtest stops, and returns the files that it was warned of.
	run := func(when string, salon bool, want ...string) {
		t.Helper()
		log := &lockedBuffer{}
		t.Run(when, func(t *testing.T) {
			warnings := slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))
			e, _ := runEngine(t, engineOptions{}, warnings, func(c *Config) { c.DataDir = dir }, nil)
			if salon {
				e.openSalon(t)
			}
		})
		var warned []string
		for line := range bytes.Lines([]byte(log.String())) {
			var entry struct{ File string }
			if err := json.Unmarshal(line, &entry); err != nil {
				t.Fatal(err)
			}
			if entry.File != "" {
				warned = append(warned, filepath.Base(entry.File))
			}
		}
		if !slices.Equal(warned, want) {
			t.Errorf("%s: warned of %q, want %q", when, warned, want)
		}
	}
	lose := func(pattern string) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s, %v", pattern, err)
		}
		for _, f := range files {
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	run("the first start", false)
	lose(commandKeyFile)
	lose(engineDatabase + "*")
	run("nothing was written yet", true)
	run("all is there", false)
	lose(commandKeyFile)
	run("without the key", false, commandKeyFile)
	run("with the new key", false)
	lose(engineDatabase + "*")
	run("without the database", false, engineDatabase)
	lose(commandKeyFile)
	lose(engineDatabase + "*")
	run("without both", false, commandKeyFile, engineDatabase)
	run("with both anew", false)
}
