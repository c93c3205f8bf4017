package esdbnode

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"github.com/google/uuid"
)

const recordColumns = `position, stream, revision, id, kind, json, created, data, metadata`

// Every query is bounded by the published end of the log (position <= ?), so that one
// number decides what is visible, on disk as in memory.
const (
	allForwardsSQL = `SELECT ` + recordColumns + ` FROM events
		WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`
	allBackwardsSQL = `SELECT ` + recordColumns + ` FROM events
		WHERE position < ? AND position <= ? ORDER BY position DESC LIMIT ?`
	streamForwardsSQL = `SELECT ` + recordColumns + ` FROM events
		WHERE stream = ? AND revision >= ? AND position <= ? ORDER BY revision LIMIT ?`
	streamBackwardsSQL = `SELECT ` + recordColumns + ` FROM events
		WHERE stream = ? AND revision <= ? AND position <= ? ORDER BY revision DESC LIMIT ?`
	lastRevisionSQL = `SELECT revision FROM events
		WHERE stream = ? AND position <= ? ORDER BY revision DESC LIMIT 1`
	lastDataSQL = `SELECT data FROM events
		WHERE stream = ? AND position <= ? ORDER BY revision DESC LIMIT 1`
	identitiesSQL = `SELECT id, position FROM events
		WHERE stream = ? AND revision >= ? AND revision < ? ORDER BY revision`
	hasPositionSQL = `SELECT 1 FROM events WHERE position = ?`
	lastRecordSQL  = `SELECT ` + recordColumns + ` FROM events ORDER BY position DESC LIMIT 1`
)

// queries are the prepared reads, over the pool of readers or, inside a transaction,
// over the writer's connection.
type queries struct {
	allForwards, allBackwards, streamForwards, streamBackwards *sql.Stmt
	lastRevision, lastData, identities, hasPosition            *sql.Stmt

	prepared []*sql.Stmt // all of them
}

type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func prepareQueries(ctx context.Context, db preparer) (q *queries, err error) {
	q = &queries{}
	defer func() {
		if err != nil {
			err = errors.Join(err, q.close())
		}
	}()
	for _, p := range []struct {
		into **sql.Stmt
		text string
	}{
		{&q.allForwards, allForwardsSQL},
		{&q.allBackwards, allBackwardsSQL},
		{&q.streamForwards, streamForwardsSQL},
		{&q.streamBackwards, streamBackwardsSQL},
		{&q.lastRevision, lastRevisionSQL},
		{&q.lastData, lastDataSQL},
		{&q.identities, identitiesSQL},
		{&q.hasPosition, hasPositionSQL},
	} {
		stmt, err := db.PrepareContext(ctx, p.text)
		if err != nil {
			return q, fmt.Errorf("prepare query: %w", err)
		}
		*p.into = stmt
		q.prepared = append(q.prepared, stmt)
	}
	return q, nil
}

// close gives the statements back.
func (q *queries) close() error {
	if q == nil {
		return nil
	}
	var errs []error
	for _, stmt := range q.prepared {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

// uncommitted as the bound of a query sees all that its connection sees. Only the
// writer may use it, inside its own transaction.
const uncommitted = math.MaxInt64

// state derives the state of a stream from what is stored up to the given position.
func (q *queries) state(ctx context.Context, stream string, upTo int64) (streamState, error) {
	st := streamState{last: noRevision}
	err := q.lastRevision.QueryRowContext(ctx, stream, upTo).Scan(&st.last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return st, fmt.Errorf("read last revision: %w", err)
	}
	err = q.lastData.QueryRowContext(ctx, metadataStream(stream), upTo).Scan(&st.rawMeta)
	switch {
	case err == nil:
		st.hasMeta = true
		st.meta = parseMeta(st.rawMeta)
	case !errors.Is(err, sql.ErrNoRows):
		return st, fmt.Errorf("read stream metadata: %w", err)
	}
	return st, nil
}

// identity is what tells a repeated append from a new one.
type identity struct {
	id       uuid.UUID
	position int64
}

// recorded gives the ids of up to n events of a stream, from a revision on.
func (q *queries) recorded(ctx context.Context, stream string, from, n int64) ([]identity, error) {
	rows, err := q.identities.QueryContext(ctx, stream, from, from+n)
	if err != nil {
		return nil, fmt.Errorf("read event ids: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var found []identity
	for rows.Next() {
		var (
			raw []byte
			one identity
		)
		if err := rows.Scan(&raw, &one.position); err != nil {
			return nil, fmt.Errorf("read event ids: %w", err)
		}
		if one.id, err = uuid.FromBytes(raw); err != nil {
			return nil, fmt.Errorf("read event ids: %w", err)
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// isRecord reports whether an event begins at the position.
func (q *queries) isRecord(ctx context.Context, position int64) (bool, error) {
	var one int
	err := q.hasPosition.QueryRowContext(ctx, position).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up position: %w", err)
	}
	return true, nil
}
