package databasetest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/royalglow/booking/internal/database"
)

// Template is a database that is filled once in a test binary, by the first test that opens it, and copied for every test: a copy
// takes milliseconds. It is kept in a variable of the test package.
type Template struct {
	Kind   database.Kind
	Tables database.Tables
	// Fill writes what each copy begins with.
	Fill func(tb testing.TB, db *database.DB)

	once sync.Once
	made bool
	file []byte // SQLite
	name string // PostgreSQL
}

// Open returns a copy, which is closed and removed when the test ends.
func (t *Template) Open(tb testing.TB) *database.DB {
	tb.Helper()
	t.once.Do(func() { t.fill(tb) })
	if !t.made {
		tb.Fatal("what the database begins with could not be made: see the test that opened it first")
	}
	if t.Kind == database.PostgreSQL {
		return Reopen(tb, sharedServer(tb).create(tb, t.name), t.Tables)
	}
	path := filepath.Join(tb.TempDir(), "test.db")
	if err := os.WriteFile(path, t.file, 0o600); err != nil {
		tb.Fatal(err)
	}
	return Reopen(tb, path, t.Tables)
}

func (t *Template) fill(tb testing.TB) {
	tb.Helper()
	place := filepath.Join(tb.TempDir(), "template.db")
	if t.Kind == database.PostgreSQL {
		t.name, place = sharedServer(tb).filled(tb, t.Tables)
	}
	db, err := database.Open(tb.Context(), place, t.Tables)
	if err != nil {
		tb.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			_ = db.Close() // Fill has failed, and said so
		}
	}()
	t.Fill(tb, db)
	closed = true
	if err := db.Close(); err != nil { // nobody may use what is copied
		tb.Fatal(err)
	}
	if t.Kind == database.SQLite {
		if t.file, err = os.ReadFile(place); err != nil {
			tb.Fatal(err)
		}
	}
	t.made = true
}

// filled makes a database with the tables that stays until the server goes, and returns its name and URL.
func (s *Server) filled(tb testing.TB, tables database.Tables) (name, url string) {
	tb.Helper()
	from := s.template(tb, tables)
	s.mu.Lock()
	s.made++
	name = fmt.Sprintf("filled%d", s.made)
	s.mu.Unlock()
	if err := s.do(tb.Context(), "CREATE DATABASE "+name+" TEMPLATE "+from); err != nil {
		tb.Fatal(err)
	}
	return name, s.URL(name)
}
