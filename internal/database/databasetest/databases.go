package databasetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun/migrate"

	"github.com/royalglow/booking/internal/database"
)

// dropTime bounds how long it may take to remove a database.
const dropTime = 30 * time.Second

// URL returns the URL of a database on the server.
func (s *Server) URL(name string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.port, name)
}

// Addr is the server's host and port.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Create makes an empty database, which is dropped when the test ends, and returns its URL.
func (s *Server) Create(tb testing.TB) string {
	tb.Helper()
	return s.create(tb, "template0")
}

// migrated makes a database with the tables, which is dropped when the test ends, and returns its URL.
func (s *Server) migrated(tb testing.TB, tables database.Tables) string {
	tb.Helper()
	return s.create(tb, s.template(tb, tables))
}

func (s *Server) create(tb testing.TB, template string) string {
	tb.Helper()
	s.mu.Lock()
	s.made++
	name := fmt.Sprintf("test%d", s.made)
	s.mu.Unlock()
	if err := s.do(tb.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), dropTime)
		defer cancel()
		if err := s.do(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	return s.URL(name)
}

// template returns the name of a database with the tables that nobody uses, to be copied. It is migrated by the first who asks.
func (s *Server) template(tb testing.TB, tables database.Tables) string {
	tb.Helper()
	set, err := tables(database.PostgreSQL)
	if err != nil {
		tb.Fatal(err)
	}
	key := names(set)
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, done := s.copied[key]; done {
		return name
	}
	sum := sha256.Sum256([]byte(key))
	name := "template_" + hex.EncodeToString(sum[:8])
	// What a test that failed has left of it is in the way.
	if err := s.do(tb.Context(), "DROP DATABASE IF EXISTS "+name, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		tb.Fatal(err)
	}
	db, err := database.Open(tb.Context(), s.URL(name), tables)
	if err != nil {
		tb.Fatal(err)
	}
	if err := db.Close(); err != nil {
		tb.Fatal(err)
	}
	s.copied[key] = name
	return name
}

// names tells sets of migrations apart.
func names(set *migrate.Migrations) string {
	var b strings.Builder
	for _, m := range set.Sorted() {
		b.WriteString(m.String() + "\n")
	}
	return b.String()
}
