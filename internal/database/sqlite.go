package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

// fileReaders is how many snapshots of a file may be read at once.
const fileReaders = 4

func openSQLite(path string) (*DB, error) {
	if strings.Contains(path, "://") {
		return nil, ErrPlace
	}
	if err := prepareFile(path); err != nil {
		return nil, err
	}
	// Writing much at once takes pages again and again: they are kept, and the journal is not emptied before it is worth it.
	write, err := openFile(path, "immediate", 1, "cache_size(-32768)", "wal_autocheckpoint(4000)")
	if err != nil {
		return nil, err
	}
	read, err := openFile(path, "deferred", fileReaders, "query_only(ON)")
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &DB{Write: write, Read: read, kind: SQLite, name: path, conns: &sync.Map{}}, nil
}

func prepareFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("create database folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("create database file: %w", err)
	}
	return f.Close()
}

func openFile(path, lock string, conns int, pragmas ...string) (*bun.DB, error) {
	q := url.Values{
		"_txlock": {lock},
		"_pragma": append([]string{
			"journal_mode(WAL)", "secure_delete(ON)", "synchronous(FULL)", "busy_timeout(10000)", "foreign_keys(ON)", "temp_store(MEMORY)",
		}, pragmas...),
		"_time_format": {"sqlite"},
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	setLimits(db, conns)
	return bun.NewDB(db, fileDialect{sqlitedialect.New()}), nil
}

// Checkpoint moves what is in a file's journal into the file, as far as nobody reads it, and keeps nobody from writing. Whoever writes much
// in little pieces calls it now and then: otherwise some other transaction has to do it all before its commit returns. A server does
// it by itself.
func (db *DB) Checkpoint(ctx context.Context) error {
	if db.kind != SQLite {
		return nil
	}
	_, err := db.Read.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	return classify(ctx, err)
}
