package publishers_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden is one message as it stands in a golden file, on a line of its own.
type golden struct {
	Channel  string          `json:"channel"`
	Template string          `json:"template"`
	Name     string          `json:"name"`
	Data     json.RawMessage `json:"data"`
}

func goldens(t *testing.T, e eventstore.Recorded, known publishers.Directory) []byte {
	t.Helper()
	lines := [][]byte{}
	for _, m := range publishers.Messages(e, known) {
		line, err := json.Marshal(golden{Channel: m.Channel, Template: m.Template, Name: m.Name, Data: data(t, m)})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return append(append([]byte("[\n"), bytes.Join(lines, []byte(",\n"))...), "\n]\n"...)
}

// compare holds what an event gives against its golden file.
func compare(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("messages differ from %s:\n%s", path, got)
	}
}

// onlyThese objects to files in a folder that no test reads any more.
func onlyThese(t *testing.T, folder string, paths map[string]bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !paths[f] {
			t.Errorf("%s is of no event", f)
		}
	}
}

// TestScenario40EveryFormOfAnEventGivesItsGoldenMessages compares channels, names, order, keys and values with testdata/messages, for
// facts that the verbs of the domain gave.
func TestScenario40EveryFormOfAnEventGivesItsGoldenMessages(t *testing.T) {
	t.Parallel()
	paths, formed := map[string]bool{}, map[string]bool{}
	for name, e := range forms(t) {
		eventType, _, _ := strings.Cut(name, " ")
		if e.Event.EventType() != eventType {
			t.Errorf("%q ends with %s", name, e.Event.EventType())
		}
		formed[eventType] = true
		path := filepath.Join("testdata", "messages", strings.NewReplacer(" ", "-", ",", "").Replace(name)+".json")
		paths[path] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compare(t, path, goldens(t, e, directory))
		})
	}
	onlyThese(t, filepath.Join("testdata", "messages"), paths)
	// What has no form publishes nothing, and what publishes nothing has none.
	for _, zero := range domain.Catalogue() {
		e, texts := filled(zero, first{})
		loud := len(publishers.Messages(eventstore.Recorded{Event: e}, publishers.Directory{Texts: texts})) > 0
		if loud != formed[zero.EventType()] {
			t.Errorf("%s publishes: %v, has a form: %v", zero.EventType(), loud, formed[zero.EventType()])
		}
	}
}

// TestEveryFieldFilledGivesItsGoldenMessages does the same for events in which every field is filled, so that every key of
// every payload stands in a golden file.
func TestEveryFieldFilledGivesItsGoldenMessages(t *testing.T) {
	t.Parallel()
	folder, paths := filepath.Join("testdata", "messages", "filled"), map[string]bool{}
	for _, zero := range domain.Catalogue() {
		e, texts := filled(zero, first{})
		rec := eventstore.Recorded{
			ID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(zero.EventType())), Revision: 7, Position: 700, Event: e,
			Metadata: eventstore.Metadata{Actor: byDesk, OccurredAt: start},
		}
		known := publishers.Directory{Texts: texts, Names: map[string]string{}}
		for _, id := range publishers.People(e) {
			known.Names[id] = "name of " + id
		}
		if len(publishers.Messages(rec, known)) == 0 {
			continue
		}
		path := filepath.Join(folder, zero.EventType()+".json")
		paths[path] = true
		t.Run(zero.EventType(), func(t *testing.T) {
			t.Parallel()
			compare(t, path, goldens(t, rec, known))
		})
	}
	onlyThese(t, folder, paths)
}
