package database_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
)

// thing is a row with a column of every type.
type thing struct {
	bun.BaseModel `bun:"table:things"`

	ID    int64           `bun:"id,pk"`
	Name  string          `bun:"name"`
	Note  sql.NullString  `bun:"note"`
	Share sql.NullFloat64 `bun:"share"`
	Blob  []byte          `bun:"blob"`
}

func things(kind database.Kind) (string, database.Tables) {
	text := `CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT, share REAL, blob BLOB NOT NULL) STRICT`
	if kind == database.PostgreSQL {
		text = `CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT NOT NULL, note TEXT, share DOUBLE PRECISION, blob BYTEA NOT NULL)`
	}
	return text, tables(map[string]string{"20260101000001_things.tx.up.sql": text})
}

func (v thing) write(r *database.Row) {
	r.Int(v.ID)
	r.Text(v.Name)
	if v.Note.Valid {
		r.Text(v.Note.String)
	} else {
		r.Null()
	}
	if v.Share.Valid {
		r.Float(v.Share.Float64)
	} else {
		r.Null()
	}
	r.Bytes(v.Blob)
}

func columns() []string { return []string{"id", "name", "note", "share", "blob"} }

// copyAll copies rows in a transaction of its own.
func copyAll(ctx context.Context, db *database.DB, rows []thing) (n int64, err error) {
	err = db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		left := rows
		n, err = db.CopyFrom(ctx, tx, "things", columns(), func(r *database.Row) (bool, error) {
			if len(left) == 0 {
				return false, nil
			}
			left[0].write(r)
			left = left[1:]
			return true, nil
		})
		return err
	})
	return n, err
}

func eachThings(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	databasetest.EachPlace(t, func(t *testing.T, where string) {
		_, set := things(database.KindOf(where))
		test(t, databasetest.Reopen(t, where, set))
	})
}

// TestWhatIsCopiedIsReadBack as it was: any text, number and blob, and many rows.
func TestWhatIsCopiedIsReadBack(t *testing.T) {
	eachThings(t, func(t *testing.T, db *database.DB) {
		rapid.Check(t, func(r *rapid.T) {
			if _, err := db.Write.ExecContext(t.Context(), "DELETE FROM things"); err != nil {
				r.Fatal(err)
			}
			want := make([]thing, rapid.IntRange(0, 20).Draw(r, "rows"))
			text := rapid.Map(rapid.String(), func(s string) string { return strings.ReplaceAll(s, "\x00", "\\N") })
			for i := range want {
				want[i] = thing{
					ID: int64(i) - rapid.SampledFrom([]int64{0, math.MaxInt64, 1 << 40}).Draw(r, "id"), Name: text.Draw(r, "name"),
					Note:  sql.NullString{String: text.Draw(r, "note"), Valid: rapid.Bool().Draw(r, "has note")},
					Share: sql.NullFloat64{Float64: rapid.Float64().Draw(r, "share"), Valid: rapid.Bool().Draw(r, "has share")},
					Blob:  append([]byte{}, rapid.SliceOfN(rapid.Byte(), 0, 9000).Draw(r, "blob")...),
				}
				want[i].ID += int64(i) << 41 // no two are alike
			}
			if n, err := copyAll(t.Context(), db, want); err != nil || n != int64(len(want)) {
				r.Fatalf("%d of %d rows: %v", n, len(want), err)
			}
			for _, w := range want {
				got := thing{ID: w.ID}
				if err := db.Read.NewSelect().Model(&got).WherePK().Scan(t.Context()); err != nil {
					r.Fatal(err)
				}
				if got.Name != w.Name || got.Note.Valid != w.Note.Valid || w.Note.Valid && got.Note != w.Note ||
					got.Share.Valid != w.Share.Valid || w.Share.Valid && got.Share != w.Share || !bytes.Equal(got.Blob, w.Blob) {
					r.Fatalf("%+v came back as %+v", w, got)
				}
			}
		})
	})
}

// TestACopyIsAPartOfItsTransaction: what fails after it undoes it.
func TestACopyIsAPartOfItsTransaction(t *testing.T) {
	eachThings(t, func(t *testing.T, db *database.DB) {
		failed := errors.New("failed")
		rows := []thing{{ID: 1, Blob: []byte{}}, {ID: 2, Blob: []byte{}}}
		next := func(left *[]thing, end error) func(*database.Row) (bool, error) {
			return func(r *database.Row) (bool, error) {
				if len(*left) == 0 {
					return false, end
				}
				(*left)[0].write(r)
				*left = (*left)[1:]
				return true, nil
			}
		}
		for name, want := range map[string]error{"a later failure": failed, "a failure of the source": failed} {
			err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				left, end := rows, error(nil)
				if name == "a failure of the source" {
					end = failed
				}
				if _, err := db.CopyFrom(ctx, tx, "things", columns(), next(&left, end)); err != nil {
					return err
				}
				var n int
				if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM things").Scan(&n); err != nil || n != 2 {
					t.Errorf("%s: %d rows in the transaction itself, %v", name, n, err)
				}
				return failed
			})
			if !errors.Is(err, want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		short := func(r *database.Row) (bool, error) { r.Int(1); return true, nil }
		err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := db.CopyFrom(ctx, tx, "things", columns(), short)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "1 values for 5 columns") {
			t.Errorf("a short row: %v", err)
		}
		if n, err := copyAll(t.Context(), db, append(rows, rows[0])); err == nil || n != 0 {
			t.Errorf("a row that is there already: %d, %v", n, err)
		}
		var n int
		if err := db.Read.QueryRowContext(t.Context(), "SELECT count(*) FROM things").Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows are left, %v", n, err)
		}
		if _, err := copyAll(t.Context(), db, rows); err != nil {
			t.Errorf("after all that: %v", err)
		}
	})
}

// TestACopyNeedsATransactionOfInTx: of another one the connection is not known.
func TestACopyNeedsATransactionOfInTx(t *testing.T) {
	_, set := things(database.PostgreSQL)
	db := databasetest.Reopen(t, databasetest.Place(t, database.PostgreSQL), set)
	tx, err := db.Write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	none := func(*database.Row) (bool, error) { return false, nil }
	if _, err := db.CopyFrom(t.Context(), tx, "things", columns(), none); err == nil {
		t.Error("it has copied somewhere")
	}
}

// BenchmarkCopy compares CopyFrom with statements of many rows, in one run and with the disk waited for.
func BenchmarkCopy(b *testing.B) {
	const rows, perStatement = 20000, 500
	server := databasetest.NewServer(b, true)
	for _, kind := range databasetest.Kinds() {
		where := databasetest.Place(b, database.SQLite)
		if kind == database.PostgreSQL {
			where = server.Create(b)
		}
		_, set := things(kind)
		db := databasetest.Reopen(b, where, set)
		all := make([]thing, rows)
		for i := range all {
			all[i] = thing{
				ID: int64(i), Name: fmt.Sprintf("bkg_%026d", i), Note: sql.NullString{String: strings.Repeat("x", 200), Valid: true},
				Blob: []byte("0123456789abcdef"),
			}
		}
		empty := func(b *testing.B) {
			b.Helper()
			if _, err := db.Write.ExecContext(b.Context(), "DELETE FROM things"); err != nil {
				b.Fatal(err)
			}
		}
		measure := func(name string, fill func(ctx context.Context) error) {
			b.Run(kind.String()+"/"+name, func(b *testing.B) {
				for range b.N {
					b.StopTimer()
					empty(b)
					b.StartTimer()
					if err := fill(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
		measure("copy", func(ctx context.Context) error {
			_, err := copyAll(ctx, db, all)
			return err
		})
		measure("insert", func(ctx context.Context) error {
			return db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
				for left := all; len(left) > 0; left = left[perStatement:] {
					chunk := left[:perStatement]
					if _, err := tx.NewInsert().Model(&chunk).Exec(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
}
