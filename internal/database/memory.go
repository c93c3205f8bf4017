package database

import (
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

// OpenMemory opens an empty SQLite database in memory, for what need not last: it is gone when it is closed. It has one connection,
// so that it is used in one transaction at a time.
func OpenMemory() (*bun.DB, error) {
	db, err := sql.Open("sqlite", "file::memory:?_time_format=sqlite")
	if err != nil {
		return nil, fmt.Errorf("open database in memory: %w", err)
	}
	setLimits(db, 1) // another connection would be another database
	return bun.NewDB(db, sqlitedialect.New()), nil
}
