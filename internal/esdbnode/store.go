package esdbnode

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const insertSQL = `INSERT INTO events (` + recordColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

// idLimit is how many event ids stay in memory to recognise repeats (up to twice as
// many). EventStoreDB's 8 MiB hold about as many.
const idLimit = 64 << 10

// store is the file: one connection that writes, some that read. Its writing part is
// used by one caller at a time (the writer's leader).
type store struct {
	path string

	writerDB *sql.DB
	conn     *sql.Conn // the writer's connection
	own      *queries  // reads inside the writer's transaction
	insert   *sql.Stmt

	readerDB *sql.DB
	reads    *queries

	next int64 // position that the next record gets
	head int64 // position of the last record; 0 when there is none
	ids  *recent[uuid.UUID, written]
	now  func() time.Time
}

func openStore(ctx context.Context, cfg Config) (_ *store, err error) {
	s := &store{
		path: filepath.Join(cfg.Dir, databaseFileName),
		ids:  newRecent[uuid.UUID, written](idLimit),
		now:  cfg.Clock,
	}
	defer func() {
		if err != nil {
			_ = s.close()
		}
	}()
	if err = createFile(s.path); err != nil {
		return nil, err
	}
	if s.writerDB, err = openWriter(s.path, cfg.MaxStoreBytes); err != nil {
		return nil, err
	}
	if err = migrate(ctx, s.writerDB); err != nil {
		return nil, err
	}
	if s.conn, err = s.writerDB.Conn(ctx); err != nil {
		return nil, err
	}
	if s.own, err = prepareQueries(ctx, s.conn); err != nil {
		return nil, err
	}
	if s.insert, err = s.conn.PrepareContext(ctx, insertSQL); err != nil {
		return nil, err
	}
	if s.readerDB, err = openReaders(s.path); err != nil {
		return nil, err
	}
	if s.reads, err = prepareQueries(ctx, s.readerDB); err != nil {
		return nil, err
	}
	return s, s.findEnd(ctx)
}

// findEnd goes on where the log ended. The last record is always on disk when its
// position was shown to anybody, so no position is ever given out twice.
func (s *store) findEnd(ctx context.Context) error {
	last, err := scanRecord(s.conn.QueryRowContext(ctx, lastRecordSQL))
	if errors.Is(err, sql.ErrNoRows) {
		s.head, s.next = 0, firstPosition
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the end of the log: %w", err)
	}
	s.head, s.next = last.position, last.position+last.size()
	return nil
}

// close closes the file. What was prepared on a single connection is nobody's to close but ours, and SQLite keeps the files of a
// connection open, and its log from being copied back, until the last statement is gone.
func (s *store) close() error {
	errs := []error{s.own.close(), s.reads.close()}
	if s.insert != nil {
		errs = append(errs, s.insert.Close())
	}
	if s.readerDB != nil {
		errs = append(errs, s.readerDB.Close())
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.writerDB != nil {
		// The last connection copies the write-ahead log back into the file.
		errs = append(errs, s.writerDB.Close())
	}
	return errors.Join(errs...)
}

// isFull reports that there was no room for a write: the disk or the configured cap.
func isFull(err error) bool {
	const primary = 0xff // extended codes carry the primary one in the low byte
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&primary == sqlite3.SQLITE_FULL
}
