package esdbnode_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/esdbnode"
)

func TestAFolderBelongsToOneNode(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t, esdbnode.Config{Dir: dir})
	_, err := esdbnode.Open(t.Context(), esdbnode.Config{Dir: dir})
	locked, ok := errors.AsType[*esdbnode.LockedError](err)
	if !ok || !errors.Is(err, esdbnode.ErrLocked) || locked.PID != os.Getpid() || locked.Dir != dir {
		t.Fatalf("got error %v", err)
	}
	n.stop()
	again, err := esdbnode.Open(t.Context(), esdbnode.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(again.Close(), again.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestNobodyElseMayReadTheFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "store")
	n := startNode(t, esdbnode.Config{Dir: dir})
	n.append(t, "s", esdb.NoStream{}, events(1)...)
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		files++
		return nil
	})
	if err != nil || files < 4 { // folder, lock, database, write-ahead log
		t.Fatalf("%d files, %v", files, err)
	}
}

func TestABackupIsAWholeStore(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "s", esdb.NoStream{}, events(300)...)
	restored := t.TempDir()
	path := filepath.Join(restored, "events.db")
	if err := n.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the copy is %v, %v", info, err)
	}
	if err := n.Backup(t.Context(), path); !errors.Is(err, os.ErrExist) {
		t.Fatalf("a second backup to the same file: %v", err)
	}
	n.append(t, "s", esdb.Revision(299), events(1)...) // the node goes on

	copied := startNode(t, esdbnode.Config{Dir: restored})
	want := n.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)
	got := copied.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)
	sameIDs(t, "restored log", ids(got), ids(want[:300]))
	if got[299].Position != want[299].Position {
		t.Fatalf("the last position is %v, was %v", got[299].Position, want[299].Position)
	}
	if err := n.Backup(t.Context(), filepath.Join(t.TempDir(), "absent", "x.db")); err == nil {
		t.Fatal("a backup into a missing folder succeeded")
	}
}

func TestFilesOfANewerProgramAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t, esdbnode.Config{Dir: dir})
	n.stop()
	db, err := sql.Open("sqlite", filepath.Join(dir, "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := esdbnode.Open(t.Context(), esdbnode.Config{Dir: dir}); !errors.Is(err, esdbnode.ErrNewerSchema) {
		t.Fatalf("got error %v", err)
	}
	if _, err := esdbnode.Open(t.Context(), esdbnode.Config{}); err == nil {
		t.Fatal("a node opened without a folder")
	}
}
