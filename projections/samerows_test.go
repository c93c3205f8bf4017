package projections_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
)

// TestBothKindsOfDatabaseHoldTheSame folds a random log into a database of each kind: the digests are equal, and the values are, byte
// for byte.
func TestBothKindsOfDatabaseHoldTheSame(t *testing.T) {
	t.Parallel()
	file, server := openKind(t, database.SQLite), openKind(t, database.PostgreSQL)
	rows, rounds := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		if rounds++; rounds > 50 {
			return // each writes the same into two databases
		}
		h := randomHistory(t, r, 70)
		for _, db := range []*database.DB{file, server} {
			wipe(t, db)
			project(t, models(db), h.events)
		}
		for _, table := range tables(t, file) {
			have, want := valuesOf(t, server, table), valuesOf(t, file, table)
			same(r, table, have, want)
			rows += len(have)
		}
		if has, wants := contentHash(t, server), contentHash(t, file); has != wants {
			r.Fatalf("the values are equal, the digests are not:\n%s\n\n%s", has, wants)
		}
		checkModels(t, r, models(server), h)
	})
	if rows == 0 {
		t.Error("there were no rows: the test proves nothing")
	}
}

// valuesOf reads a table row by row as the driver gives it, but for truths, which are numbers in SQLite. The order is that of the
// primary key, which leads the columns.
func valuesOf(t *testing.T, db *database.DB, table string) (all [][]any) {
	t.Helper()
	rows, err := db.Read.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY "+keyOfTable(table))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // the error of the iteration is checked
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		for i := range values {
			if truth, ok := values[i].(bool); ok {
				values[i] = map[bool]int64{false: 0, true: 1}[truth]
			}
		}
		all = append(all, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// keyOfTable lists the places of the columns that every primary key of the read models lies within.
func keyOfTable(table string) string {
	if strings.HasPrefix(table, "schedule_slots") || strings.HasPrefix(table, "leave_places") {
		return "1, 2, 3, 4"
	}
	return "1, 2, 3"
}

// awkward is a log with texts that databases sort, quote, escape or refuse each in its own way: in columns, in JSON and in keys.
func awkward(tb testing.TB) *history {
	tb.Helper()
	h := salon(tb)
	for n, text := range []string{
		"a", "A", "ä", "Ä", "_", "Z", "\u00e9", "e\u0301", "\x00nul", `'quote' "double" \ \\ \n \u0000`, "\U0001f487", "?", "%", "\u2028\ufffd",
		"<b>&", "$1 :name ?0", "\t\n\r", "-- ; /* */",
	} {
		h.offer(koramangala, domain.Service{ServiceID: haircut, Name: text, Type: domain.ServiceSalon, DurationMinutes: 45})
		legible := strings.ReplaceAll(text, "\x00", "") // no id or code has it
		id := "bkg_strange" + legible
		h.request(id, "usr_"+legible, koramangala, noon().Add(time.Duration(n)*time.Hour), haircut, anita)
		facts, err := h.bookings[id].Reject(domain.Reject{ReasonCode: legible, Reason: text})
		h.must(h.book(id, reception, facts, err))
	}
	return h
}

// TestStrangeTextsAreHeldAlike: equal also in their order, and read back as they were written.
func TestStrangeTextsAreHeldAlike(t *testing.T) {
	t.Parallel()
	h := awkward(t)
	file, server := openKind(t, database.SQLite), openKind(t, database.PostgreSQL)
	for _, db := range []*database.DB{file, server} {
		project(t, models(db), h.events)
	}
	for _, table := range tables(t, file) {
		same(t, table, valuesOf(t, server, table), valuesOf(t, file, table))
	}
	if contentHash(t, server) != contentHash(t, file) {
		t.Error("the digests differ")
	}
	for _, db := range []*database.DB{file, server} {
		for id, b := range h.bookings {
			card, _, err := models(db).Queries().BookingByID(t.Context(), id, 0)
			if err != nil || !reflect.DeepEqual(card.Segments, b.Segments) {
				t.Errorf("%q: %+v, %v", id, card.Segments, err)
			}
		}
	}
}
