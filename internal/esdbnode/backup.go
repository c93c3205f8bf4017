package esdbnode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Backup writes a consistent copy of the store to a new file while the node goes on
// serving. To restore it, put it into an empty folder as events.db. The copy has mode
// 0600 and is on disk when Backup returns; on an error no file is left behind. An
// existing file is never overwritten (os.ErrExist).
func (n *Node) Backup(ctx context.Context, path string) (err error) {
	leave, err := n.enter()
	if err != nil {
		return fmt.Errorf("back up event store: %w", err)
	}
	defer leave()
	// SQLite accepts an empty file as target, which lets us set its mode first.
	target, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("back up event store: %w", err)
	}
	defer func() {
		err = errors.Join(err, target.Close())
		if err != nil {
			err = fmt.Errorf("back up event store: %w", errors.Join(err, os.Remove(path)))
		}
	}()
	// A connection of its own: readers refuse statements that write, and the writer's
	// must stay free.
	db, err := openDatabase(n.store.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return err
	}
	if err := target.Sync(); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a new name in a folder durable. Windows has no such call: there the
// file system's journal sees to it.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
