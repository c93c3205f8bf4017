package fastjson_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/eventstore/fastjson"
)

type word string

type inner struct {
	Name  word   `json:"name"`
	Count int64  `json:"count,omitempty"`
	Tags  []word `json:"tags"`
}

type hidden struct{} //nolint:unused // an embedded type without a field, as the domain's events have

type ref struct {
	ID string `json:"id"`
}

// all has everything that plans know.
type all struct {
	hidden //nolint:unused // see there
	ref
	Small  int8      `json:"small"`
	Number int       `json:"$number"`
	Yes    bool      `json:"yes"`
	At     time.Time `json:"at"`
	Done   time.Time `json:"done,omitzero"`
	Box    []byte    `json:"box"`
	Names  []string  `json:"names,omitempty"`
	Parts  []inner   `json:"parts"`
	Part   inner     `json:"part"`
	Maybe  *inner    `json:"maybe,omitempty"`
	Out    string    `json:"-"`
	Plain  string
	inside string //nolint:unused // no name reaches it
}

func plan(tb testing.TB, t reflect.Type) *fastjson.Plan {
	tb.Helper()
	p := fastjson.New(t)
	if p == nil {
		tb.Fatalf("there is no plan for %v", t)
	}
	return p
}

// slow is what encoding/json makes of data.
func slow(data []byte) (v all, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err = d.Decode(&v)
	return v, err
}

func drawInner() *rapid.Generator[inner] {
	return rapid.Custom(func(t *rapid.T) inner {
		return inner{
			Name: word(rapid.String().Draw(t, "name")), Count: rapid.Int64().Draw(t, "count"),
			Tags: rapid.SliceOfN(rapid.Map(rapid.String(), func(s string) word { return word(s) }), 0, 3).Draw(t, "tags"),
		}
	})
}

func drawTime(t *rapid.T, name string) time.Time {
	at := time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, name), rapid.SampledFrom([]int64{0, 1, 120_000_000}).Draw(t, "nanos"))
	return at.In(rapid.SampledFrom([]*time.Location{time.UTC, time.FixedZone("", 5*3600+1800)}).Draw(t, "zone"))
}

func drawAll(t *rapid.T) all {
	v := all{
		ref: ref{ID: rapid.String().Draw(t, "id")}, Small: rapid.Int8().Draw(t, "small"), Number: rapid.Int().Draw(t, "number"),
		Yes: rapid.Bool().Draw(t, "yes"), At: drawTime(t, "at"), Box: rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "box"),
		Names: rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "names"), Part: drawInner().Draw(t, "part"),
		Parts: rapid.SliceOfN(drawInner(), 0, 3).Draw(t, "parts"), Plain: rapid.String().Draw(t, "plain"),
	}
	if v.Yes {
		v.Maybe, v.Parts = &v.Part, nil
		v.Done = v.At
	}
	return v
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	p := plan(t, reflect.TypeFor[all]())
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		data, err := json.Marshal(drawAll(t))
		if err != nil {
			return // a year beyond 9999
		}
		want, err := slow(data)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := p.Read(data); ok {
			read++
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s reads as %+v, want %+v", data, got, want)
			}
		}
	})
	if read == 0 { // long numbers are left to encoding/json
		t.Error("nothing was read")
	}
}

func TestAnotherFormIsLeftToOthers(t *testing.T) {
	t.Parallel()
	p := plan(t, reflect.TypeFor[all]())
	read := func(s string) bool { _, ok := p.Read([]byte(s)); return ok }
	for _, s := range []string{
		`{}`, `{"id":"x"}`, `{"id":null,"small":null,"$number":null,"yes":null,"at":null,"box":null,"names":null,"parts":null}`,
		`{"part":{},"maybe":null,"Plain":""}`, `{"small":-128}`, `{"at":"2024-02-29T23:59:59.5Z"}`,
		`{"at":"2026-03-14T18:00:00+05:30"}`, `{"parts":[{"tags":[]},null]}`, `{"Plain":"a\u0026\n\"b"}`,
	} {
		if !read(s) {
			t.Errorf("%s is not read", s)
		}
	}
	for _, s := range []string{
		``, `null`, `[]`, `{`, `{}}`, `{} `, ` {}`, `{"id": "x"}`, `{"small":1,"id":"x"}`, `{"id":"x","id":"y"}`, `{"ID":"x"}`,
		`{"id":"x",}`, `{"mood":1}`, `{"id":7}`, `{"id":"x}`, `{"id":"null}`, "{\"id\":\"\x01\"}", "{\"id\":\"\xff\"}", `{"id":"\"}`,
		`{"id":"\q"}`, `{"small":128}`, `{"small":01}`, `{"small":1.0}`, `{"small":1e1}`, `{"small":-}`, `{"small":-null}`,
		`{"$number":9223372036854775808}`, `{"yes":1}`, `{"yes":tru}`, `{"at":""}`, `{"at":"2026-02-29T00:00:00Z"}`,
		`{"at":"2026-13-01T00:00:00Z"}`, `{"at":"2026-01-01T24:00:00Z"}`, `{"at":"2026-01-01t00:00:00Z"}`, `{"at":"2026-01-01T00:00:00.Z"}`,
		`{"at":"2026-01-01T00:00:00\u005a"}`, `{"box":"*"}`, `{"names":"x"}`, `{"names":["x",]}`, `{"names":["x"`, `{"names":[null]}`,
		`{"parts":[{},]}`, `{"parts":[{}`, `{"parts":{}}`, `{"maybe":1}`, `{"part":{"name":"x","mood":1}}`, `{"Out":"x"}`, `{"inside":"x"}`,
	} {
		if read(s) {
			t.Errorf("%s is read", s)
		}
	}
}

func TestSomeTypesHaveNoPlan(t *testing.T) {
	t.Parallel()
	type loop struct {
		Next *loop `json:"next"`
	}
	type twice struct {
		ref
		Other string `json:"ID"`
	}
	for _, v := range []any{
		"",
		1,
		struct{ M map[string]string }{},
		struct{ F float64 }{},
		struct{ A any }{},
		struct{ U []uint16 }{},
		struct{ R json.RawMessage }{},
		struct{ T textual }{},
		struct{ *ref }{},
		struct{ word }{},
		struct{ time.Time }{},
		loop{},
		twice{},
		struct {
			N int `json:",string"`
		}{},
	} {
		if fastjson.New(reflect.TypeOf(v)) != nil {
			t.Errorf("there is a plan for %T", v)
		}
	}
}

// textual reads itself.
type textual string

// UnmarshalText reads anything.
func (x *textual) UnmarshalText(text []byte) error {
	*x = textual(strings.ToUpper(string(text)))
	return nil
}

// FuzzRead looks for a text that is read otherwise than encoding/json reads it.
func FuzzRead(f *testing.F) {
	p := plan(f, reflect.TypeFor[all]())
	for _, s := range []string{
		`{"id":"x","small":-7,"$number":12,"yes":true,"at":"2026-03-14T18:00:00.25Z","box":"AQI=","names":["a"],"parts":[{"name":"b"}]}`,
		`{"id":"\u0026\ud83d\ude00","parts":[null],"part":{"tags":["x"]},"maybe":{"count":3}}`, `{"id":"a\u0026b \"c\" \\ \n\u0000","plain":"\u00e9\u005C\/"}`, `{"at":"0000-01-01T00:00:00Z"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok := p.Read(data)
		if !ok {
			return
		}
		if want, err := slow(data); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q reads as %+v, want %+v, %v", data, got, want, err)
		}
	})
}
