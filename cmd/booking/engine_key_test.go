package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
)

// TestEnginesOnOneDatabaseShareTheirCommandKey: they start at the same time, each on a folder of its own.
func TestEnginesOnOneDatabaseShareTheirCommandKey(t *testing.T) {
	t.Parallel()
	db := databasetest.OpenPostgres(t, migrations.Engine)
	const engines = 6
	keys := make([][]byte, engines)
	var starting sync.WaitGroup
	for i := range engines {
		folder := t.TempDir()
		starting.Go(func() {
			var err error
			if keys[i], err = commandSecret(t.Context(), &Config{DataDir: folder}, db); err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	for _, key := range keys {
		if len(key) < commandKeyBytes || !bytes.Equal(key, keys[0]) {
			t.Errorf("%d bytes, of which the first has %d", len(key), len(keys[0]))
		}
	}
}

// TestAFoldersCommandKeyIsTakenOver when its engine moves to a database, but never replaces the one that is there.
func TestAFoldersCommandKeyIsTakenOver(t *testing.T) {
	t.Parallel()
	file, server := databasetest.Open(t, migrations.Engine), databasetest.OpenPostgres(t, migrations.Engine)
	one, other := &Config{DataDir: t.TempDir()}, &Config{DataDir: t.TempDir()}
	key := func(c *Config, shared bool) []byte {
		t.Helper()
		db := file
		if shared {
			db = server
		}
		secret, err := commandSecret(t.Context(), c, db)
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	first, second := key(one, false), key(other, false)
	if bytes.Equal(first, second) {
		t.Fatal("two folders share a key")
	}
	if got := key(one, true); !bytes.Equal(got, first) {
		t.Error("the folder's key was not taken over")
	}
	if got := key(other, true); !bytes.Equal(got, first) {
		t.Error("another folder has changed the key")
	}
}

func TestABrokenSharedCommandKeyIsNamed(t *testing.T) {
	t.Parallel()
	db := databasetest.OpenPostgres(t, migrations.Engine)
	if err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO settings (name, value, made_at) VALUES (?, ?, 0)`, commandKeySetting, []byte("half"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_, err := commandSecret(t.Context(), &Config{DataDir: t.TempDir()}, db)
	if err == nil || !strings.Contains(err.Error(), "settings") || strings.Contains(err.Error(), "half") {
		t.Error(err)
	}
}

// TestADatabaseThatIsAwayStopsTheStart, in one sentence and before anything is made in the data folder.
func TestADatabaseThatIsAwayStopsTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := runProgram(t.Context(), t, map[string]string{
		"SESSION_SECRET": childSecret, "DATABASE_URL": "postgres://u:SENSITIVE@127.0.0.1:1/db", "SINGLE_INSTANCE": "true",
	}, "serve", "-data", dir, "-listen", "127.0.0.1:0", "-log-level", "error")
	if got.code != exitFailed || !strings.Contains(got.stderr, "nothing answers") || strings.Count(got.stderr, "\n") != 1 ||
		strings.Contains(got.stderr, "SENSITIVE") {
		t.Errorf("exit %d, %q", got.code, got.stderr)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() != "engine.lock" {
			t.Errorf("%s was made", f.Name())
		}
	}
}
