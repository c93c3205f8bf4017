package projections

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

// Content is what the rows of one generation come to.
type Content struct {
	// Hash is SHA-256, hexadecimal, over all rows of all tables, each table in the order of its primary key. It is the same in
	// every database and for every generation that holds the same.
	Hash string
	// Tables digests each table.
	Tables []TableContent
}

// TableContent is what the rows of one table come to.
type TableContent struct {
	Name string // without version and generation
	Rows int64
	Hash string // SHA-256, hexadecimal
}

// rowsPerRest is after how many rows who compares gives way.
const rowsPerRest = 100

// content digests a generation as tx sees it. It calls rest now and then.
func (p *Projection) content(ctx context.Context, tx bun.IDB, generation int64, rest func(context.Context)) (c Content, err error) {
	s := p.spec.at(generation)
	all := sha256.New()
	for _, t := range p.make(s).tables() {
		digest := sha256.New()
		rows, err := t.digest(ctx, tx, s, digest, rest)
		if err != nil {
			return c, fmt.Errorf("hash %s: %w", s.named(t.part), err)
		}
		sum := digest.Sum(nil)
		c.Tables = append(c.Tables, TableContent{Name: t.part, Rows: rows, Hash: hex.EncodeToString(sum)})
		all.Write([]byte(t.part))
		all.Write(sum)
	}
	c.Hash = hex.EncodeToString(all.Sum(nil))
	return c, nil
}

// digest writes the canonical form of all rows in the order of the key. Positions of the log are among what is compared.
func (t table) digest(
	ctx context.Context, tx bun.IDB, s spec, into hash.Hash, rest func(context.Context),
) (n int64, err error) {
	described := tx.Dialect().Tables().Get(t.row)
	columns, key := names(described.Fields), names(described.PKs)
	rows, err := tx.QueryContext(ctx,
		"SELECT "+strings.Join(columns, ", ")+" FROM "+s.named(t.part)+" ORDER BY "+strings.Join(key, ", "))
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // the error of the iteration is checked
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	var line []byte
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return 0, err
		}
		line = line[:0]
		for _, v := range values {
			line = appendCanonical(line, v)
		}
		into.Write(line)
		if n++; n%rowsPerRest == 0 {
			rest(ctx)
		}
	}
	return n, rows.Err()
}

// appendCanonical writes a value with its kind and length, so that no two rows are written alike. A truth is a number, because
// SQLite knows no truths.
func appendCanonical(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, 'n')
	case int64:
		return binary.BigEndian.AppendUint64(append(b, 'i'), uint64(v))
	case bool:
		n := uint64(0)
		if v {
			n = 1
		}
		return binary.BigEndian.AppendUint64(append(b, 'i'), n)
	case string:
		return append(binary.BigEndian.AppendUint64(append(b, 's'), uint64(len(v))), v...)
	case []byte:
		return append(binary.BigEndian.AppendUint64(append(b, 's'), uint64(len(v))), v...)
	}
	panic(fmt.Sprintf("no canonical form of %T", v))
}

// errApart says that two generations are at different positions, so that they cannot be compared.
var errApart = errors.New("the generations are at different positions")

// compare digests a generation and the live one in one snapshot, in which both must be at the same position.
func (p *Projection) compare(
	ctx context.Context, number int64, rest func(context.Context),
) (same bool, sum, difference string, err error) {
	err = p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		entry, err := p.entry(ctx, tx, "")
		if err != nil {
			return err
		}
		if err := p.requireTogether(ctx, tx, number, entry.Live); err != nil {
			return err
		}
		was, err := p.content(ctx, tx, entry.Live, rest)
		if err != nil {
			return err
		}
		is, err := p.content(ctx, tx, number, rest)
		if err != nil {
			return err
		}
		same, sum, difference = is.Hash == was.Hash, is.Hash, was.differs(is, entry.Live)
		return nil
	})
	return same, sum, difference, err
}

func (p *Projection) requireTogether(ctx context.Context, tx bun.Tx, number, live int64) error {
	var at [2]eventstore.Position
	for i, generation := range []int64{number, live} {
		var err error
		if at[i], _, err = p.reached(ctx, tx, generation); err != nil {
			return err
		}
	}
	if at[0] != at[1] {
		return errApart
	}
	return nil
}

// differs says in words where a new generation is not the same as the live one; empty when it is.
func (c Content) differs(o Content, live int64) string {
	var parts []string
	for i, t := range c.Tables {
		switch n := o.Tables[i]; {
		case n.Rows != t.Rows:
			parts = append(parts, fmt.Sprintf("%s has %d rows instead of %d", t.Name, n.Rows, t.Rows))
		case n.Hash != t.Hash:
			parts = append(parts, fmt.Sprintf("%s has the same %d rows with other content", t.Name, t.Rows))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("differs from generation %d, which is read: %s", live, strings.Join(parts, "; "))
}

// Content digests the rows of the generation that is read, and returns the position that they are of.
func (p *Projection) Content(ctx context.Context) (c Content, at eventstore.Position, err error) {
	err = p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		seen, err := p.snapshot(ctx, tx)
		if err != nil {
			return err
		}
		at = seen.Position
		c, err = p.content(ctx, tx, seen.specs[0].generation, func(context.Context) {})
		return err
	})
	return c, at, err
}
