package esdbnode

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

const (
	databaseFileName = "events.db"
	schemaVersion    = 1
	pageBytes        = 4096
)

// schemaSQL is the whole schema. The log is the table in order of its key; the index
// is each stream in order. Nothing else is stored: the state of a stream (its last
// revision, its metadata) is always derived, so the two can never disagree.
const schemaSQL = `
CREATE TABLE IF NOT EXISTS events (
	position INTEGER PRIMARY KEY,
	stream   TEXT    NOT NULL,
	revision INTEGER NOT NULL,
	id       BLOB    NOT NULL,
	kind     TEXT    NOT NULL,
	json     INTEGER NOT NULL,
	created  INTEGER NOT NULL,
	data     BLOB,
	metadata BLOB
);
CREATE UNIQUE INDEX IF NOT EXISTS events_by_stream ON events (stream, revision);
`

// openDatabase opens a connection pool on the file. Every connection waits for locks
// for a while, because opening and closing briefly take some.
func openDatabase(path string, pragmas ...string) (*sql.DB, error) {
	query := url.Values{"_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: query.Encode()}
	return sql.Open("sqlite", dsn.String())
}

// openWriter opens the only connection that writes. A commit returns when the
// write-ahead log was synced (synchronous=FULL), and only then can other connections
// see it: this is what "durable before visible" rests on.
func openWriter(path string, maxBytes int64) (*sql.DB, error) {
	pragmas := []string{
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"fullfsync(1)",                 // on macOS an ordinary sync does not reach the disk
		"wal_autocheckpoint(4000)",     // 16 MiB: fewer pauses of a writer for copying back
		"journal_size_limit(67108864)", // a log that once grew long gives the space back
		"cache_size(-65536)",           // 64 MiB: the inner pages of the index stay in memory
	}
	if maxBytes > 0 {
		pragmas = append(pragmas, fmt.Sprintf("max_page_count(%d)", max(maxBytes/pageBytes, 1)))
	}
	db, err := openDatabase(path, pragmas...)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// openReaders opens the connections that read. They see committed transactions only.
func openReaders(path string) (*sql.DB, error) {
	const connections = 4
	db, err := openDatabase(path, "query_only(1)", "cache_size(-16384)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// createFile makes the database file before SQLite does, so that it and the files that
// SQLite puts beside it (which copy its mode) are readable by the owner alone. The name
// is on disk afterwards: a synced log in a folder that a crash forgets is no log.
func createFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	// A file that was copied here may be open to everybody.
	if err := errors.Join(file.Chmod(0o600), file.Close()); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	// The folder may be new as well; its parent may be closed to us, and then is old.
	_ = syncFolder(filepath.Dir(dir))
	return syncFolder(dir)
}

// migrate creates the schema, or refuses files of a newer program.
func migrate(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if version > schemaVersion {
		return fmt.Errorf("schema version %d, this program knows %d: %w", version, schemaVersion, ErrNewerSchema)
	}
	if version == schemaVersion {
		return nil
	}
	script := fmt.Sprintf("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; COMMIT;", schemaSQL, schemaVersion)
	if _, err := db.ExecContext(ctx, script); err != nil {
		return fmt.Errorf("create schema: %w", err)
	}
	return nil
}
