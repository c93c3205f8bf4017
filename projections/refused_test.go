package projections_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// leaf is a text or a number in a document, and how to put another in its place.
type leaf struct {
	path string
	text bool
	set  func(v any)
}

func leaves(path string, doc any, set func(v any)) (list []leaf) {
	switch doc := doc.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(doc)) {
			list = append(list, leaves(path+"."+k, doc[k], func(v any) { doc[k] = v })...)
		}
	case []any:
		for i := range doc[:min(1, len(doc))] {
			list = append(list, leaves(fmt.Sprintf("%s[%d]", path, i), doc[i], func(v any) { doc[i] = v })...)
		}
	case string:
		list = append(list, leaf{path, true, set})
	case json.Number:
		list = append(list, leaf{path, false, set})
	}
	return list
}

// strangeTexts and strangeNumbers stand in a log although no command would write them.
var strangeTexts = []string{
	`"a\u0000b"`, `"\ud800"`, `"` + strings.Repeat("x", 9000) + `"`, `""`,
	`"0000-01-01T00:00:00+01:00"`, `"9999-12-31T23:59:59-01:00"`, `"1600-01-01T00:00:00Z"`,
}

var strangeNumbers = []string{"9223372036854775807", "-9223372036854775808", "-1"}

// spoilt is a log in which one event has one strange value.
type spoilt struct {
	name   string
	events []eventstore.Recorded
	event  eventstore.Recorded
}

// spoiltLogs puts strange values into each part of each type of event in turn, as far as the log can hold them.
func spoiltLogs(t *testing.T, h *history) (list []spoilt) {
	t.Helper()
	seen := map[string]bool{}
	for n, e := range h.events {
		_, data, err := eventstore.Encode(e.Event)
		if err != nil {
			t.Fatal(err)
		}
		e.Metadata.SchemaVersion = 1
		meta, err := json.Marshal(e.Metadata)
		if err != nil {
			t.Fatal(err)
		}
		for i := range leavesOf(t, data, meta) {
			l, _ := pick(t, data, meta, i)
			values := strangeNumbers
			if l.text {
				values = strangeTexts
			}
			if seen[e.Event.EventType()+l.path] {
				continue
			}
			seen[e.Event.EventType()+l.path] = true
			for _, v := range values {
				l, render := pick(t, data, meta, i)
				l.set(json.RawMessage(v))
				newData, newMeta := render()
				event, m, err := eventstore.Decode(e.Event.EventType(), newMeta, newData)
				if err != nil {
					continue // the log cannot hold it
				}
				bad := e
				bad.Event, bad.Metadata = event, m
				events := slices.Clone(h.events)
				events[n] = bad
				list = append(list, spoilt{fmt.Sprintf("%s%s = %.40s", e.Event.EventType(), l.path, v), events, bad})
			}
		}
	}
	return list
}

func leavesOf(t *testing.T, data, meta []byte) []leaf {
	t.Helper()
	list, _ := parsed(t, data, meta)
	return list
}

func parsed(t *testing.T, data, meta []byte) (list []leaf, render func() (data, meta []byte)) {
	t.Helper()
	docs := map[string]any{}
	for name, text := range map[string][]byte{"data": data, "meta": meta} {
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.UseNumber()
		var doc any
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		docs[name] = doc
	}
	return leaves("", docs, nil), func() ([]byte, []byte) {
		data, err1 := json.Marshal(docs["data"])
		meta, err2 := json.Marshal(docs["meta"])
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		return data, meta
	}
}

func pick(t *testing.T, data, meta []byte, i int) (leaf, func() (data, meta []byte)) {
	t.Helper()
	list, render := parsed(t, data, meta)
	return list[i], render
}

// TestNoValueOfTheLogIsRetriedForEver: whatever an event has in any place, a read model holds it, or halts and names an event. Where it
// holds it in both kinds of database it holds the same.
func TestNoValueOfTheLogIsRetriedForEver(t *testing.T) {
	t.Parallel()
	h := lively(t)
	all := spoiltLogs(t, h)
	some := all
	if os.Getenv("BOOKING_SOAK") != "1" {
		rand.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
		some = some[:min(40, len(some))]
	}
	halts := 0
	dbs := []*database.DB{openKind(t, database.SQLite), openKind(t, database.PostgreSQL)}
	for _, s := range some {
		var contents [2]map[string]projections.Content
		for i, db := range dbs {
			wipe(t, db)
			contents[i] = map[string]projections.Content{}
			for _, p := range models(db).All() {
				err := p.Handle(t.Context(), batch(s.events))
				if err == nil {
					c, _, err := p.Content(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					contents[i][p.Name()] = c
					continue
				}
				halts++
				if _, named := subscription.HaltedAt(err); !named {
					t.Errorf("%v: %s does not halt but says %.300v", db.Kind(), s.name, err)
				}
			}
		}
		for name, c := range contents[0] {
			if other, ok := contents[1][name]; ok && other.Hash != c.Hash {
				t.Errorf("%s: %s is not the same in both databases", s.name, name)
			}
		}
	}
	t.Logf("%d of %d logs, %d halts", len(some), len(all), halts)
}

// beforeTime is a log one of whose leaves was approved at a moment that has a year in its own time zone, and none in UTC.
func beforeTime(t *testing.T) (h *history, bad eventstore.Recorded) {
	t.Helper()
	h = lively(t)
	n := slices.IndexFunc(h.events, func(e eventstore.Recorded) bool { return e.Event.EventType() == "leave.approved" })
	err := json.Unmarshal([]byte(`"0000-01-01T00:00:00+01:00"`), &h.events[n].Metadata.OccurredAt)
	if err != nil {
		t.Fatal(err)
	}
	h.events[n].ID = uuid.New()
	return h, h.events[n]
}

// TestWhatTheDatabaseDoesNotTakeHaltsAtItsEvent: the database says that some row is wrong; the halt says which event it is, and what comes
// before it is folded.
func TestWhatTheDatabaseDoesNotTakeHaltsAtItsEvent(t *testing.T) {
	t.Parallel()
	h, bad := beforeTime(t)
	m := models(openDB(t))
	run(t, m, newLog(h.events...))
	until(t, "the halt", func() bool { return status(t, m.Leave).Halt != nil })
	s := status(t, m.Leave)
	if s.Halt.EventID != bad.ID.String() || s.Halt.Stream != bad.Stream || s.Halt.Position != bad.Position {
		t.Errorf("%+v", s.Halt)
	}
	if s.Position != h.events[slices.IndexFunc(h.events, func(e eventstore.Recorded) bool { return e.ID == bad.ID })-1].Position {
		t.Errorf("it has halted at %d, before %d", s.Position, bad.Position)
	}
	if _, err := m.Leave.Skip(t.Context(), bad.Position, ""); err != nil {
		t.Fatal(err)
	}
	reaches(t, m, h.position)
}

// TestABuildEndsAtWhatTheDatabaseDoesNotTake, of a version that has nothing to read yet, and says which event it is.
func TestABuildEndsAtWhatTheDatabaseDoesNotTake(t *testing.T) {
	t.Parallel()
	h, bad := beforeTime(t)
	m := models(openDB(t))
	p := m.Leave
	p.SetVersion(projections.LeaveVersion + 1)
	if err := m.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(t, m, newLog(h.events...))
	b := built(t, p, 1)
	if want := fmt.Sprintf("leave.approved (%s@%d)", bad.Stream, bad.Revision); b.State != projections.GenerationFailed ||
		!strings.Contains(b.Error, want) {
		t.Errorf("%+v, want it to fail at %s", b, want)
	}
	// Nothing can be read. It is known why, and can be passed over.
	if s := status(t, p); s.State != "halted" || s.Halt == nil || s.Halt.EventID != bad.ID.String() {
		t.Fatalf("%+v", s)
	}
	if _, err := p.Skip(t.Context(), bad.Position, "usr_operator1"); err != nil {
		t.Fatal(err)
	}
	if b := built(t, p, 2); !b.Swapped || b.RequestedBy != "usr_operator1" {
		t.Errorf("%+v", b)
	}
	if s := status(t, p); s.Generation != 2 || s.Halt != nil || len(s.Skipped) != 1 {
		t.Errorf("%+v", s)
	}
}

// TestAGenerationThatIsRefusedStopsNoOther: where only the one before cannot hold an event, that one fails.
func TestAGenerationThatIsRefusedStopsNoOther(t *testing.T) {
	t.Parallel()
	h := requested(t)
	db, m, l := settled(t, h)
	if b := rebuild(t, m.Bookings, projections.Rebuild{}); !b.Swapped {
		t.Fatalf("%+v", b)
	}
	if _, err := db.Write.ExecContext(t.Context(), "CREATE UNIQUE INDEX no_two ON bookings_v2_g1 (branch_id)"); err != nil {
		t.Fatal(err)
	}
	known := len(h.events)
	h.request("bkg_second1", rahul, koramangala, noon().AddDate(0, 0, 1), haircut, anita)
	l.add(h.events[known:]...)
	reaches(t, m, h.position)
	s := status(t, m.Bookings)
	if s.Generation != 2 || s.Previous != 0 || s.Halt != nil {
		t.Errorf("%+v", s)
	}
	if b, err := m.Bookings.Build(t.Context(), 1); err != nil || b.State != projections.GenerationFailed || !strings.Contains(b.Error, "bkg_second1") {
		t.Errorf("%+v, %v", b, err)
	}
	if contentHash(t, db) != freshHash(t, h.events) {
		t.Error("the rows differ")
	}
}
