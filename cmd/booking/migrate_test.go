package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

func TestMigrateBringsTheTablesUpToDate(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds() {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			args := []string{"migrate", "-json", "-data", t.TempDir()}
			if kind == database.PostgreSQL {
				args = append(args, "-database-url", databasetest.Place(t, kind))
			}
			for round := range 2 {
				got := runProgram(t.Context(), t, nil, args...)
				var answer struct{ Tables []migrated }
				if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil || got.code != exitOK || got.stderr != "" ||
					strings.Count(got.stdout, "\n") != 1 {
					t.Fatalf("exit %d, %q, %q: %v", got.code, got.stdout, got.stderr, err)
				}
				if len(answer.Tables) != 2 || answer.Tables[0].Set != "engine" || answer.Tables[1].Set != "publisher" {
					t.Fatalf("%+v", answer)
				}
				for _, set := range answer.Tables {
					if set.Kind != kind.String() || set.Database == "" || (len(set.Applied) > 0) != (round == 0) {
						t.Errorf("round %d: %+v", round, set)
					}
				}
			}
			words := runProgram(t.Context(), t, nil, append([]string{"migrate"}, args[2:]...)...)
			if words.code != exitOK || strings.Count(words.stdout, "up to date") != 2 || strings.Contains(words.stdout, "postgres@") {
				t.Errorf("exit %d, %q", words.code, words.stdout)
			}
		})
	}
}

// TestMigrateLeavesAFolderToItsEngine: the tables of a running engine are not changed under it.
func TestMigrateLeavesAFolderToItsEngine(t *testing.T) {
	t.Parallel()
	cfg := &Config{DataDir: t.TempDir()}
	lock, err := lockData(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	got := runProgram(t.Context(), t, nil, "migrate", "-data", cfg.DataDir)
	if got.code != exitFailed || !strings.Contains(got.stderr, "another engine") || strings.Count(got.stderr, "\n") != 1 {
		t.Errorf("exit %d, %q", got.code, got.stderr)
	}
	if files, err := filepath.Glob(cfg.path("*.db")); err != nil || len(files) > 0 {
		t.Errorf("made %q, %v", files, err)
	}
}

func TestMigrateSaysWhatCannotBeReached(t *testing.T) {
	t.Parallel()
	got := runProgram(t.Context(), t, nil, "migrate", "-json", "-database-url", "postgres://u:SENSITIVE@127.0.0.1:1/db")
	var answer struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil || got.code != exitFailed || answer.Error.Code != "FAILED" ||
		!strings.Contains(answer.Error.Message, "nothing answers") || strings.Contains(got.stdout, "SENSITIVE") || got.stderr != "" {
		t.Errorf("exit %d, %q, %q", got.code, got.stdout, got.stderr)
	}
}
