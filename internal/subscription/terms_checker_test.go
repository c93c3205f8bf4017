package subscription_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"
)

// written is a row that an owner has committed, with what he took his place and his term to be.
type written struct {
	position int64
	term     int64
	owner    string
}

// wrongTerms says what is wrong with rows, given in the order in which they were committed: each position once and in order,
// terms that never fall, one owner for each.
func wrongTerms(rows []written) error {
	owners := map[int64]string{}
	for i, r := range rows {
		if i > 0 && r.term < rows[i-1].term {
			return fmt.Errorf("row %d is of term %d, after one of term %d", i, r.term, rows[i-1].term)
		}
		if i > 0 && r.position <= rows[i-1].position {
			return fmt.Errorf("row %d is of position %d, after %d", i, r.position, rows[i-1].position)
		}
		if was, ok := owners[r.term]; ok && was != r.owner {
			return fmt.Errorf("term %d is of both %s and %s", r.term, was, r.owner)
		}
		owners[r.term] = r.owner
	}
	return nil
}

func TestTheCheckerOfTermsObjects(t *testing.T) {
	good := []written{{1, 1, "a"}, {2, 1, "a"}, {3, 2, "b"}, {4, 4, "a"}}
	if err := wrongTerms(good); err != nil {
		t.Error(err)
	}
	for want, rows := range map[string][]written{
		"after one of term": {{1, 1, "a"}, {2, 2, "b"}, {3, 1, "a"}},
		"of position":       {{1, 1, "a"}, {1, 2, "b"}},
		"both":              {{1, 1, "a"}, {2, 1, "b"}},
	} {
		if err := wrongTerms(rows); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", rows, err)
		}
	}
}

// writes is the table that owners fill in these tests. seq is the order of the commits, because they exclude one another.
const writes = `CREATE TABLE writes (seq BIGINT NOT NULL, position BIGINT NOT NULL, term BIGINT NOT NULL, owner TEXT NOT NULL)`

func writeRow(ctx context.Context, tx bun.Tx, r written) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO writes (seq, position, term, owner)
		SELECT COALESCE(MAX(seq), 0) + 1, ?, ?, ? FROM writes`, r.position, r.term, r.owner)
	return err
}

func readRows(ctx context.Context, db bun.IDB) (all []written, err error) {
	rows, err := db.QueryContext(ctx, `SELECT position, term, owner FROM writes ORDER BY seq`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var r written
		if err := rows.Scan(&r.position, &r.term, &r.owner); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}
