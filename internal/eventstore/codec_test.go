package eventstore_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

func TestWhatIsNotUnderstoodIsRefused(t *testing.T) {
	for _, c := range []struct{ name, eventType, meta, data, says string }{
		{"an unknown name", "booking.teleported", metaV1, `{}`, "unknown event type"},
		{"a version to come", "branch.opened", `{"schemaVersion":2}`, `{}`, "unknown schema version 2"},
		{"no version", "branch.opened", `{}`, `{}`, "unknown schema version 0"},
		{"metadata that is not JSON", "branch.opened", `{"schemaVersion":`, `{}`, "read metadata"},
		{"no metadata", "branch.opened", ``, `{}`, "read metadata"},
		{"an unknown field", "branch.opened", metaV1, `{"branchId":"br_juhu001","mood":"good"}`, "unknown field"},
		{"a field of another type", "branch.opened", metaV1, `{"branchId":7}`, "read data"},
		{"data that ends early", "branch.opened", metaV1, `{"branchId":"br_`, "read data"},
		{"two values", "branch.opened", metaV1, `{} {}`, "more than one value"},
		{"null", "branch.opened", metaV1, ` null `, "data is null"},
		{"a list", "branch.opened", metaV1, `[]`, "read data"},
		{"nothing", "branch.opened", metaV1, ``, "read data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, _, err := eventstore.Decode(c.eventType, []byte(c.meta), []byte(c.data))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("decoded to %+v with error %v, want one that says %q", e, err, c.says)
			}
		})
	}
}

// A store reads with plans. They must know what this build writes, or they are of no use; and give what Decode gives.
func TestAStoreReadsFastWhatIsWrittenNow(t *testing.T) {
	c := eventstore.FastCodec()
	meta, err := json.Marshal(sampleMetadata())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range samples() {
		eventType, data, err := eventstore.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		got, m, err := eventstore.DecodeWith(c, eventType, meta, data)
		if err != nil || !reflect.DeepEqual(got, e) || m != sampleMetadata() {
			t.Errorf("%s reads as %+v, %+v, %v", eventType, got, m, err)
		}
		if kind, _, _ := strings.Cut(eventType, "."); (kind == "booking" || kind == "staffday") && !c.Fast(eventType, data) {
			t.Errorf("%s is not read by a plan", eventType)
		}
	}
	if !eventstore.FastMetadata(c, meta) || !eventstore.FastMetadata(c, []byte(metaV1)) {
		t.Error("metadata is not read by a plan")
	}
}

func TestMetadataOfOthersIsKeptOutOfTheWay(t *testing.T) {
	_, m, err := eventstore.Decode("branch.opened", []byte(`{"schemaVersion":1,"$correlationId":"x","ours":false}`), []byte(`{}`))
	if err != nil || m.CorrelationID != "x" {
		t.Errorf("metadata %+v, error %v", m, err)
	}
}

func TestScenario48OldShapesAreLiftedOneVersionAtATime(t *testing.T) {
	rename := func(from, to string) eventstore.Upcaster {
		return func(data []byte) ([]byte, error) {
			return bytes.Replace(data, []byte(`"`+from+`":`), []byte(`"`+to+`":`), 1), nil
		}
	}
	broken := errors.New("cannot be lifted")
	codec := eventstore.NewCodec("branch.opened", 3, map[int]eventstore.Upcaster{1: rename("title", "label"), 2: rename("label", "name")})
	for version, data := range map[int]string{1: `{"title":"Juhu"}`, 2: `{"label":"Juhu"}`, 3: `{"name":"Juhu"}`} {
		e, _, err := eventstore.DecodeWith(codec, "branch.opened", fmt.Appendf(nil, `{"schemaVersion":%d}`, version), []byte(data))
		if err != nil || e != (domain.BranchOpened{Name: "Juhu"}) {
			t.Errorf("version %d: %+v, %v", version, e, err)
		}
	}
	for name, codec := range map[string]eventstore.Codec{
		"a gap in the chain": eventstore.NewCodec("branch.opened", 3, map[int]eventstore.Upcaster{1: rename("title", "label")}),
		"a step that fails": eventstore.NewCodec("branch.opened", 2, map[int]eventstore.Upcaster{
			1: func([]byte) ([]byte, error) { return nil, broken },
		}),
		"a version to come": eventstore.NewCodec("branch.opened", 0, nil),
	} {
		if e, _, err := eventstore.DecodeWith(codec, "branch.opened", []byte(`{"schemaVersion":1}`), []byte(`{}`)); err == nil {
			t.Errorf("%s: decoded to %+v", name, e)
		}
	}
	if _, _, err := eventstore.DecodeWith(codec, "branch.policy_set", []byte(metaV1), []byte(`{}`)); err != nil {
		t.Errorf("another event is touched: %v", err)
	}
}

func TestEqualEventIDsMeanEqualFacts(t *testing.T) {
	type fact struct {
		Stream, Type, Data, Command string
		Expected, Index             int
	}
	draw := rapid.Custom(func(t *rapid.T) fact {
		text := rapid.StringMatching(`[ab]{0,3}`)
		return fact{
			Stream: text.Draw(t, "stream"), Type: text.Draw(t, "type"), Data: text.Draw(t, "data"), Command: text.Draw(t, "command"),
			Expected: rapid.IntRange(-1, 3).Draw(t, "expected"), Index: rapid.IntRange(0, 3).Draw(t, "index"),
		}
	})
	id := func(f fact) uuid.UUID {
		return eventstore.EventID(f.Stream, eventstore.Revision(f.Expected), f.Index, f.Type, []byte(f.Data), f.Command)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		if (id(a) == id(b)) != (a == b) {
			t.Fatalf("ids %v and %v of %+v and %+v", id(a), id(b), a, b)
		}
	})
	// On disk for ever: a repeat after an upgrade must still be recognised.
	want := "44b66532-2503-5108-9dde-e80a307aa44d"
	if got := id(fact{Stream: "booking-bkg_1", Expected: -1, Type: "booking.requested", Data: "{}", Command: "c"}).String(); got != want {
		t.Errorf("the id of a known fact is %s, was %s", got, want)
	}
}

func FuzzDecode(f *testing.F) {
	for _, e := range samples() {
		eventType, data, err := eventstore.Encode(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(eventType, []byte(metaV1), data)
	}
	f.Add("booking.requested", []byte(`{"schemaVersion":1,"traceparent":"00-x"}`), []byte(`{"segments":[{}],"slots":null}`))
	fast := eventstore.FastCodec()
	f.Fuzz(func(t *testing.T, eventType string, meta, data []byte) {
		e, m, err := eventstore.Decode(eventType, meta, data)
		if e2, m2, err2 := eventstore.DecodeWith(fast, eventType, meta, data); !reflect.DeepEqual(e2, e) || !reflect.DeepEqual(m2, m) ||
			fmt.Sprint(err2) != fmt.Sprint(err) {
			t.Fatalf("a store reads %+v, %+v, %v, and Decode %+v, %+v, %v", e2, m2, err2, e, m, err)
		}
		if err != nil {
			if e != nil {
				t.Fatalf("an event and an error: %+v, %v", e, err)
			}
			return
		}
		m.Context(t.Context())
		name, again, err := eventstore.Encode(e)
		if err != nil || name != eventType {
			t.Fatalf("what was read cannot be written: %v (%s as %s)", err, eventType, name)
		}
		if _, _, err := eventstore.Decode(name, meta, again); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}
