package vault_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/calendars"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/directory"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/internal/vault"
	"github.com/royalglow/booking/migrations"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(databasetest.Main(m)) }

const (
	carla = "usr_carla1"
	dora  = "usr_dora01"
)

func seal(t *testing.T, v *vault.Vault, subject string, kind domain.SecretKind, text string) domain.Sealed {
	t.Helper()
	sealed, err := v.Seal(t.Context(), subject, kind, text)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed.Box, []byte(text)) {
		t.Fatal("the text is in the box")
	}
	return sealed
}

func open(t *testing.T, v *vault.Vault, sealed ...domain.Sealed) map[string]string {
	t.Helper()
	texts, err := v.Open(t.Context(), sealed...)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestEveryTextComesBackAsItWas(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		v := vault.New(db, time.Now)
		rapid.Check(t, func(rt *rapid.T) {
			text := rapid.String().Draw(rt, "text")
			sealed, err := v.Seal(t.Context(), carla, domain.SecretNote, text)
			if err != nil {
				rt.Fatal(err)
			}
			texts, err := v.Open(t.Context(), sealed)
			if err != nil || texts[sealed.KeyID] != text {
				rt.Fatalf("%q became %q, %v", text, texts[sealed.KeyID], err)
			}
		})
	})
}

func TestATextWithoutItsKeyIsGone(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		v := vault.New(db, time.Now)
		one, two := seal(t, v, carla, domain.SecretNote, "first note"), seal(t, v, carla, domain.SecretNote, "second note")
		if err := v.Discard(t.Context(), one.KeyID); err != nil {
			t.Fatal(err)
		}
		texts := open(t, v, one, two)
		if _, there := texts[one.KeyID]; there || texts[two.KeyID] != "second note" {
			t.Errorf("left are %v", texts)
		}
	})
}

func TestABoxThatWasTamperedWithDoesNotOpen(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		v := vault.New(db, time.Now)
		sealed, other := seal(t, v, carla, domain.SecretNote, "a note"), seal(t, v, carla, domain.SecretNote, "another")
		for name, box := range map[string][]byte{
			"a changed byte":    append([]byte{sealed.Box[0] ^ 1}, sealed.Box[1:]...),
			"another's box":     other.Box,
			"next to nothing":   sealed.Box[:5],
			"nothing":           nil,
			"a box cut in half": sealed.Box[:len(sealed.Box)/2],
		} {
			if texts, err := v.Open(t.Context(), domain.Sealed{KeyID: sealed.KeyID, Box: box}); err == nil {
				t.Errorf("%s opened to %v", name, texts)
			}
		}
	})
}

// handle shows the eraser events.
func handle(t *testing.T, e *vault.Eraser, events ...domain.Event) {
	t.Helper()
	at, err := e.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := subscription.Batch{Position: at}
	for _, event := range events {
		b.Position++
		b.Events = append(b.Events, eventstore.Recorded{Event: event, Position: b.Position})
	}
	if err := e.Handle(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func newEraser(db *database.DB) *vault.Eraser {
	return &vault.Eraser{DB: db, StoreID: "store", Names: directory.Forget, Calendars: calendars.Forget}
}

func TestARedactedNoteLosesItsKey(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		v := vault.New(db, time.Now)
		sealed := seal(t, v, carla, domain.SecretNote, "a note")
		handle(t, newEraser(db), domain.BookingNoteRedacted{NoteID: "nt_first01", KeyID: sealed.KeyID})
		if texts := open(t, v, sealed); len(texts) != 0 {
			t.Errorf("left are %v", texts)
		}
	})
}

func TestAnErasedCustomerIsForgottenAndNobodyElse(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		v, names, links := vault.New(db, time.Now), directory.New(db, time.Now), calendars.New(db, time.Now)
		var hers, others []domain.Sealed
		for _, text := range []string{"one", "two"} {
			hers = append(hers, seal(t, v, carla, domain.SecretNote, text))
			others = append(others, seal(t, v, dora, domain.SecretNote, text))
		}
		hers = append(hers, seal(t, v, carla, domain.SecretPhone, "+49 30 1234567"))
		for _, id := range []string{carla, dora} {
			if _, err := names.PutName(t.Context(), id, "Some Body"); err != nil {
				t.Fatal(err)
			}
		}
		secret, err := links.Replace(t.Context(), carla)
		if err != nil {
			t.Fatal(err)
		}
		e := newEraser(db)
		handle(t, e, domain.CustomerErased{CustomerID: carla, At: time.UnixMicro(1000)})
		if len(open(t, v, hers...)) != 0 || len(open(t, v, others...)) != 2 {
			t.Error("the wrong keys were deleted")
		}
		left, err := names.Names(t.Context(), carla, dora)
		if err != nil || len(left) != 1 || left[dora] == "" {
			t.Errorf("left are the names %v, %v", left, err)
		}
		if _, ok, err := links.Owner(t.Context(), secret); ok || err != nil {
			t.Errorf("the calendar still opens, %v", err)
		}
		want := vault.Erasure{Subject: carla, ErasedAt: 1000, Notes: 2, Contacts: 1, Names: 1, Calendars: 1}
		if got, ok, err := vault.Report(t.Context(), db.Read, carla); !ok || err != nil || got != want {
			t.Errorf("the report is %+v, %v, %v", got, ok, err)
		}
		// What came since is deleted by a second erasure, and the report adds up.
		seal(t, v, carla, domain.SecretNote, "three")
		handle(t, e, domain.CustomerErased{CustomerID: carla, At: time.UnixMicro(2000)})
		want.ErasedAt, want.Notes = 2000, 3
		if got, _, _ := vault.Report(t.Context(), db.Read, carla); got != want {
			t.Errorf("the report is %+v", got)
		}
		if _, ok, err := vault.Report(t.Context(), db.Read, dora); ok || err != nil {
			t.Errorf("a report of somebody who was not erased: %v", err)
		}
	})
}

// After an erasure the text is nowhere in the database's files either: SQLite writes zeros over what is deleted.
func TestNothingOfAKeyIsLeftInTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "engine.db")
	db := databasetest.Reopen(t, path, migrations.Engine)
	v := vault.New(db, time.Now)
	sealed := seal(t, v, carla, domain.SecretNote, "a note")
	secret := keyOf(t, db, sealed.KeyID)
	if !inFiles(t, path, secret) {
		t.Fatal("the key is not in the file before: this test looks in the wrong place")
	}
	handle(t, newEraser(db), domain.CustomerErased{CustomerID: carla})
	if inFiles(t, path, secret) {
		t.Error("the key is still in the file")
	}
}

func keyOf(t *testing.T, db *database.DB, id string) []byte {
	t.Helper()
	var secret []byte
	if err := db.Read.NewSelect().Table("keys").Column("secret").Where("key_id = ?", id).Scan(t.Context(), &secret); err != nil {
		t.Fatal(err)
	}
	return secret
}

func inFiles(t *testing.T, path string, secret []byte) bool {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil && !strings.HasSuffix(f, "-shm") {
			t.Fatal(err)
		}
		found = found || bytes.Contains(data, secret)
	}
	return found
}

// A crash in the middle of an erasure leaves all of it or nothing.
func TestHalfAnErasureIsNone(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		v := vault.New(db, time.Now)
		sealed := seal(t, v, carla, domain.SecretNote, "a note")
		e := newEraser(db)
		e.Calendars = func(context.Context, bun.Tx, string) (int, error) { return 0, context.DeadlineExceeded }
		b := subscription.Batch{Position: 1, Events: []eventstore.Recorded{{Event: domain.CustomerErased{CustomerID: carla}, Position: 1}}}
		if err := e.Handle(t.Context(), b); err == nil {
			t.Fatal("it did not fail")
		}
		if at, err := e.Checkpoint(t.Context()); at != 0 || err != nil || len(open(t, v, sealed)) != 1 {
			t.Errorf("it stands at %d, %v", at, err)
		}
	})
}
