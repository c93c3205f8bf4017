package esdbnode

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"
)

const (
	// pageRecords and pageMemory bound what one query loads. A page is read whole
	// before any of it is sent: a slow client must not hold a transaction open, which
	// would keep the write-ahead log from being reused.
	pageRecords = 256
	pageMemory  = 2 << 20 // bytes
)

// page is a run of records that a query found.
type page struct {
	records []*record
	more    bool // the query may find more behind the last one
}

// readPage runs one of the record queries. The last argument of each of them is the
// limit, which readPage adds.
func readPage(ctx context.Context, stmt *sql.Stmt, limit int64, args ...any) (page, error) {
	limit = min(limit, pageRecords)
	rows, err := stmt.QueryContext(ctx, append(args, limit)...)
	if err != nil {
		return page{}, fmt.Errorf("read events: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var (
		p      page
		memory int64
	)
	for rows.Next() {
		rec, err := scanRecord(rows)
		if err != nil {
			return page{}, err
		}
		p.records = append(p.records, rec)
		if memory += rec.size(); memory >= pageMemory {
			p.more = true
			return p, nil
		}
	}
	if err := rows.Err(); err != nil {
		return page{}, fmt.Errorf("read events: %w", err)
	}
	p.more = int64(len(p.records)) == limit
	return p, nil
}

// scanner is a row, of one or of many.
type scanner interface{ Scan(dest ...any) error }

func scanRecord(row scanner) (*record, error) {
	var (
		rec = &record{}
		id  []byte
	)
	err := row.Scan(&rec.position, &rec.stream, &rec.revision, &id, &rec.kind, &rec.json, &rec.created, &rec.data, &rec.metadata)
	if err != nil {
		return nil, fmt.Errorf("read event: %w", err)
	}
	if rec.id, err = uuid.FromBytes(id); err != nil {
		return nil, fmt.Errorf("read event at %d: %w", rec.position, err)
	}
	return rec, nil
}
