package main

import (
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/telemetry"
)

// TestTheEngineOpensOnPostgreSQL twice: what the first start has made is there for the second, in two schemas and no file.
func TestTheEngineOpensOnPostgreSQL(t *testing.T) {
	t.Parallel()
	cfg := Config{
		Listen: "127.0.0.1:0", DataDir: t.TempDir(), SessionSecret: childSecret,
		LogFormat: "text", LogLevel: "info", DatabaseURL: databasetest.Place(t, database.PostgreSQL), SingleInstance: true,
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	for start := range 2 {
		e, err := openEngine(t.Context(), cfg, engineOptions{}, slog.New(slog.DiscardHandler),
			&telemetry.Providers{Tracer: noop.NewTracerProvider()})
		if err != nil {
			t.Fatal(err)
		}
		for _, db := range []*database.DB{e.tables, e.outbox} {
			if made := len(db.Applied()) > 0; db.Kind() != database.PostgreSQL || made != (start == 0) {
				t.Errorf("start %d: %s is %v and has had %q", start, db.Name(), db.Kind(), db.Applied())
			}
		}
		if e.tables.Name() == e.outbox.Name() {
			t.Errorf("both sets are in %s", e.tables.Name())
		}
		if key, err := readCommandKey(&cfg); err != nil || key != nil {
			t.Errorf("the command key is in the folder, %v", err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}
