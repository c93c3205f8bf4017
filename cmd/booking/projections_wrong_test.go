package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

// engineTables opens the tables of an engine that has stopped, as they are.
func engineTables(t *testing.T, dir string, do func(db *database.DB)) {
	t.Helper()
	db, err := database.Open(t.Context(), filepath.Join(dir, engineDatabase), migrations.Engine)
	if err != nil {
		t.Fatal(err)
	}
	do(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// everything is a digest of all rows that tell of read models, and of what they hold.
func everything(t *testing.T, dir string) (sum string) {
	t.Helper()
	engineTables(t, dir, func(db *database.DB) {
		all := sha256.New()
		for _, table := range []string{"projections", "generations", "projection_skips", "checkpoints"} {
			rows, err := db.Read.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY 1, 2, 3")
			if err != nil {
				t.Fatal(err)
			}
			names, err := rows.Columns()
			values, into := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			for rows.Next() {
				err = errors.Join(err, rows.Scan(into...))
				_, _ = fmt.Fprintln(all, table, values) // a hash takes all
			}
			if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
				t.Fatal(err)
			}
		}
		var store string
		if err := db.Read.QueryRowContext(t.Context(), "SELECT store_id FROM checkpoints LIMIT 1").Scan(&store); err != nil {
			t.Fatal(err)
		}
		for _, p := range projections.New(projections.Config{DB: db, StoreID: store}).All() {
			c, at, err := p.Content(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, _ = fmt.Fprintln(all, p.Name(), c.Hash, at)
		}
		sum = hex.EncodeToString(all.Sum(nil))
	})
	return sum
}

// raw changes the engine's tables behind the back of the program, which may refuse to open them.
func raw(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, engineDatabase))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), statement)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestWhatCannotBeDoneIsSaidInOneSentence: and nothing is changed by it.
func TestWhatCannotBeDoneIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	filled := filledFolder(t)
	env := func(name, value string) map[string]string { return map[string]string{name: value} }
	for name, c := range map[string]struct {
		args    string
		code    int
		json    string // its code in JSON; empty: that of a failure, or of a mistake in its use
		want    string
		env     map[string]string
		prepare func(t *testing.T, dir string)
		undo    string // what prepare has done to tables, so that the others can be looked at
		room    uint64
	}{
		"an unknown read model":  {args: "rebuild nothing", code: exitFailed, json: "NOT_FOUND", want: `there is no projection "nothing"`},
		"no read model":          {args: "rebuild", code: exitUsage, want: "give the read model's name"},
		"two read models":        {args: "pause bookings leave", code: exitUsage, want: "give the read model's name"},
		"no older generation":    {args: "rollback bookings", code: exitFailed, json: "CONFLICT", want: "no older generation"},
		"nothing to skip":        {args: "skip bookings", code: exitFailed, json: "CONFLICT", want: "has not halted"},
		"a position of no kind":  {args: "skip bookings -position x", code: exitUsage, want: "position"},
		"no rebuild to cancel":   {args: "rebuild bookings -cancel", code: exitFailed, json: "CONFLICT", want: "no rebuild"},
		"two speeds":             {args: "rebuild bookings -budget 5ms -full-speed", code: exitUsage, want: "contradict"},
		"a budget of nothing":    {args: "rebuild bookings -budget 0s", code: exitUsage, want: "-budget"},
		"a stream of no kind":    {args: "rebuild customers -stream nonsense", code: exitFailed, json: "NOT_FOUND", want: "nonsense"},
		"a stream of no model":   {args: "audit -stream booking-bkg_nobody001", code: exitUsage, want: "give the read model's name"},
		"a sample below zero":    {args: "audit -sample -3", code: exitUsage, want: "-sample"},
		"a sample of everything": {args: "audit -sample 100001", code: exitUsage, want: "at most 100000"},
		"a full disk":            {args: "rebuild bookings", code: exitFailed, json: "SERVICE_UNAVAILABLE", want: "no room", room: 1 << 62},
		"a database that is away": {
			args: "status", code: exitFailed, want: "nothing answers there", env: env("DATABASE_URL", "postgres://nobody:SENSITIVE@127.0.0.1:1/x"),
		},
		"a database of no kind": {args: "status", code: exitUsage, want: "DATABASE_URL", env: env("DATABASE_URL", "mysql://x")},
		"a store that is away":  {args: "rebuild bookings", code: exitFailed, want: "nothing answers there", env: env("EVENTSTORE_URL", "esdb://127.0.0.1:1?tls=false")},
		"an engine of no kind":  {args: "status -url ftp://nobody:SENSITIVE@x", code: exitUsage, want: "https://", env: env("BOOKING_TOKEN", "x")},
		"a store of no kind":    {args: "status", code: exitUsage, want: "EVENTSTORE_URL", env: env("EVENTSTORE_URL", "http://x")},
		"a rebuild while one runs": {
			args: "rebuild leave", code: exitFailed, json: "CONFLICT", want: "is being built",
			prepare: func(t *testing.T, dir string) { operate[rebuildAnswer](t, dir, "rebuild", "leave", "-no-wait") }, //nolint:thelper // it is part of the case
		},
		"a newer program's tables": {
			args: "rebuild bookings", code: exitFailed, want: "newer version of this program",
			prepare: func(t *testing.T, dir string) { //nolint:thelper // it is part of the case
				raw(t, dir, "INSERT INTO bun_migrations (name, group_id) VALUES ('99991231000001', 99)")
			},
			undo: "DELETE FROM bun_migrations WHERE group_id = 99",
		},
		"another store's database": {
			args: "pause bookings", code: exitFailed, want: "belongs to event store another",
			prepare: func(t *testing.T, dir string) { raw(t, dir, "UPDATE checkpoints SET store_id = 'another'") }, //nolint:thelper // it is part of the case
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			copyFolder(t, filled, dir)
			if c.prepare != nil {
				c.prepare(t, dir)
			}
			look := func() string {
				if c.undo != "" {
					raw(t, dir, c.undo)
				}
				return everything(t, dir)
			}
			var stdout, stderr bytes.Buffer
			run := func(more ...string) int {
				stdout.Reset()
				stderr.Reset()
				p := &program{
					Args:   append(append([]string{"booking", "projections"}, strings.Fields(c.args)...), append(more, "-data", dir)...),
					Stdout: &stdout, Stderr: &stderr, Getenv: func(name string) string { return c.env[name] }, LeastRoom: c.room,
				}
				return p.Run(t.Context())
			}
			before := look()
			if c.undo != "" {
				c.prepare(t, dir)
			}
			if code := run(); code != c.code || !strings.Contains(stderr.String(), c.want) || strings.Count(stderr.String(), "\n") != 1 || stdout.Len() != 0 {
				t.Errorf("exit %d, stdout %q, stderr %q", code, &stdout, &stderr)
			}
			if strings.Contains(stderr.String(), "SENSITIVE") {
				t.Errorf("the password is shown: %s", &stderr)
			}
			var line struct {
				Error struct{ Code, Message string }
			}
			if code := run("-json"); code != c.code || json.Unmarshal(stdout.Bytes(), &line) != nil || !strings.Contains(line.Error.Message, c.want) || stderr.Len() != 0 {
				t.Errorf("with -json: exit %d, stdout %q, stderr %q", code, &stdout, &stderr)
			}
			if want := cmp.Or(c.json, map[int]string{exitUsage: "USAGE", exitFailed: "FAILED"}[c.code]); line.Error.Code != want {
				t.Errorf("with -json its code is %s, want %s", line.Error.Code, want)
			}
			if after := look(); after != before {
				t.Error("something was changed")
			}
		})
	}
	// The digest tells what an operator has changed.
	before := everything(t, filled)
	operate[projections.Status](t, filled, "pause", "leave")
	if everything(t, filled) == before {
		t.Error("a pause does not show in the digest")
	}
}

// TestAFolderWithoutAnEnginesDataIsNotMadeOne: who has mistyped a folder is told so.
func TestAFolderWithoutAnEnginesDataIsNotMadeOne(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mistyped")
	got := runProgram(t.Context(), t, nil, "projections", "status", "-data", dir)
	if got.code != exitFailed || !strings.Contains(got.stderr, "no engine is running on") || strings.Count(got.stderr, "\n") != 1 {
		t.Errorf("exit %d, %q", got.code, got.stderr)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
}

// TestARebuildOutlivesAKilledEngine: the restart goes on where the build was, or begins again, and ends it.
func TestARebuildOutlivesAKilledEngine(t *testing.T) {
	t.Parallel()
	ably := startAbly(t.Context(), t)
	child := &childEngine{binary: os.Args[0], dir: filledFolder(t), ably: ably, addr: freeAddr(t.Context(), t)}
	start := func() {
		t.Helper()
		if _, err := child.start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	start()
	t.Cleanup(func() { child.kill(t) })
	wanted, unfinished := map[string]int64{}, 0
	for round := 0; unfinished == 0; round++ {
		if round == 20 {
			t.Fatal("no kill came into the middle of a rebuild")
		}
		for _, name := range modelNames() {
			wanted[name] = operate[rebuildAnswer](t, child.dir, "rebuild", name, "-no-wait", "-budget=1ms").Generation
		}
		child.kill(t)
		// Without the engine, the database still says what was asked for, and what has come of it so far.
		for _, s := range operate[projections.Overview](t, child.dir, "status").Projections {
			if s.Rebuild != nil {
				unfinished++
			}
		}
		start()
	}
	t.Logf("%d of %d rebuilds were cut short", unfinished, len(wanted))
	deadline := time.Now().Add(startLimit)
	for name, generation := range wanted {
		for {
			if s := statusOf(t, child.dir, name); s.Generation == generation && s.Rebuild == nil {
				break
			} else if time.Now().After(deadline) {
				t.Fatalf("%+v", s)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}
