package eventstore_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

var update = flag.Bool("update", false, "write the goldens of events that have none in the present version")

const metaV1 = `{"schemaVersion":1,"actor":{"userId":"usr_priya01","role":"customer"},"occurredAt":"2026-03-14T09:00:00Z"}`

func golden(eventType string, version int) string {
	return filepath.Join("testdata", "events", fmt.Sprintf("%s.v%d.json", eventType, version))
}

// What is written today must be what was written yesterday, and must be read as it was meant.
func TestEveryEventMatchesItsGolden(t *testing.T) {
	for _, e := range samples() {
		t.Run(e.EventType(), func(t *testing.T) {
			eventType, data, err := eventstore.Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			path := golden(eventType, domain.SchemaVersion)
			want := readGolden(t, path, data)
			if d := cmp.Diff(string(want), string(indented(t, data))); d != "" {
				t.Errorf("stored shape differs (-golden +now):\n%s", d)
			}
			got, meta, err := eventstore.Decode(eventType, []byte(metaV1), want)
			if err != nil {
				t.Fatalf("decode golden: %v", err)
			}
			if !reflect.DeepEqual(got, e) {
				t.Errorf("the golden reads as %+v, want %+v", got, e)
			}
			if meta.Actor.Role != domain.RoleCustomer || meta.OccurredAt.IsZero() {
				t.Errorf("metadata reads as %+v", meta)
			}
		})
	}
}

// readGolden returns a golden. With -update it writes one that is missing: a golden that exists is history.
func readGolden(t *testing.T, path string, data []byte) []byte {
	t.Helper()
	want, err := os.ReadFile(path)
	if os.IsNotExist(err) && *update {
		want = indented(t, data)
		err = os.WriteFile(path, want, 0o644)
	}
	if err != nil {
		t.Fatalf("read golden (run with -update to make it): %v", err)
	}
	return want
}

func indented(t *testing.T, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func TestEveryEventHasASampleADecoderAndAGolden(t *testing.T) {
	sampled := map[string]bool{}
	for _, e := range samples() {
		sampled[e.EventType()] = true
		checkFilled(t, e.EventType(), reflect.ValueOf(e))
	}
	known := map[string]bool{}
	for _, e := range domain.Catalogue() {
		known[golden(e.EventType(), domain.SchemaVersion)] = true
		if !sampled[e.EventType()] {
			t.Errorf("%s has no sample", e.EventType())
		}
		got, _, err := eventstore.Decode(e.EventType(), []byte(metaV1), []byte("{}"))
		if err != nil {
			t.Errorf("%s: %v", e.EventType(), err)
			continue
		}
		if reflect.TypeOf(got) != reflect.TypeOf(e) {
			t.Errorf("%s is decoded to %T, want %T", e.EventType(), got, e)
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "events", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f] {
			t.Errorf("%s belongs to no event", f)
		}
	}
	if len(files) != len(known) {
		t.Errorf("%d goldens for %d events", len(files), len(known))
	}
}

// checkFilled finds fields that a sample leaves empty: their names would be missing from the golden, or prove nothing.
func checkFilled(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch v.Kind() { //nolint:exhaustive // the other kinds have nothing inside
	case reflect.Struct:
		if v.Type().PkgPath() == "time" {
			break
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Type.Kind() == reflect.Struct && f.Type.NumField() == 0 {
				continue // the seal
			}
			checkFilled(t, path+"."+f.Name, v.Field(i))
		}
		return
	case reflect.Slice:
		if v.Len() > 0 {
			checkFilled(t, path+"[0]", v.Index(0))
		}
	}
	if v.IsZero() {
		t.Errorf("%s is empty in the sample", path)
	}
}
