package projections_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
)

// TestTuplesKeepTheirForm: rows of a version hold them as they are here.
func TestTuplesKeepTheirForm(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 16, 12, 0, 0, 0, time.UTC)
	segments := []domain.Segment{
		{
			SegmentID: "seg_1", ServiceID: colour, ServiceName: `Colour & "cut"`, StaffID: anita, DurationMinutes: 75,
			Phases:           []domain.Phase{{Kind: domain.PhaseActive, Minutes: 30}, {Kind: domain.PhaseProcessing, Minutes: 25}},
			PreBufferMinutes: 5, PostBufferMinutes: 10, PriceMinor: 300_000, StartAt: at, EndAt: at.Add(75 * time.Minute),
			LocalDates: []string{"2026-06-16", "2026-06-17"}, LocalStart: "17:30", StartedAt: at.Add(time.Minute), FinishedAt: at.Add(time.Hour),
		},
		{SegmentID: "seg_2", ServiceName: "Façade"},
	}
	want := `[["seg_1","svc_colour1","Colour \u0026 \"cut\"","stf_anita1",75,[["active",30],["processing",25]],5,10,300000,` +
		`1781611200000000000,1781615700000000000,["2026-06-16","2026-06-17"],"17:30",1781611260000000000,1781614800000000000],` +
		`["seg_2","","Façade","",0,[],0,0,0,0,0,[],"",0,0]]`
	if have, _ := projections.SegmentsJSON(segments); have != want {
		t.Errorf("%s\nwant\n%s", have, want)
	}
	policy := domain.DefaultPolicy()
	policy.AutoConfirm = true
	want = `[60,30,3,15,240,"allow_and_flag",2,60,false,15,15,1440,true,false,false]`
	if have := projections.PolicyJSON(policy); have != want {
		t.Errorf("%s\nwant\n%s", have, want)
	}
}

// TestTuplesHoldAllThatTheDomainHas: a field that the domain gets must not be lost on the way through the tables.
func TestTuplesHoldAllThatTheDomainHas(t *testing.T) {
	t.Parallel()
	var segment domain.Segment
	var policy domain.Policy
	set(t, reflect.ValueOf(&segment).Elem())
	set(t, reflect.ValueOf(&policy).Elem())
	segments := []domain.Segment{segment, {LocalDates: []string{}}, segment}
	text, _ := projections.SegmentsJSON(segments)
	if have := readSegments(t, text); !reflect.DeepEqual(have, segments) {
		t.Errorf("%+v\nwant\n%+v", have, segments)
	}
	if have, err := projections.ReadPolicy(projections.PolicyJSON(policy)); err != nil || have != policy {
		t.Errorf("%+v, %v\nwant\n%+v", have, err, policy)
	}
}

// set gives everything in a value some value of its own.
func set(t *testing.T, v reflect.Value) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(noon()))
		return
	}
	switch v.Kind() { //nolint:exhaustive // what the domain has not
	case reflect.Struct:
		for _, field := range v.Fields() {
			set(t, field)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		set(t, v.Index(0))
		set(t, v.Index(1))
	case reflect.String:
		v.SetString("some text")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("a tuple with %s in it", v.Type())
	}
}

func readSegments(tb rapid.TB, text string) []domain.Segment {
	tb.Helper()
	have, err := projections.ReadSegments(text)
	if err != nil {
		tb.Fatalf("%v: %s", err, text)
	}
	return have
}

// TestAnyTextIsReadBack as encoding/json reads it back.
func TestAnyTextIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(r, "text")
		plain, err := json.Marshal(text)
		if err != nil {
			r.Fatal(err)
		}
		var want string
		if err := json.Unmarshal(plain, &want); err != nil {
			r.Fatal(err)
		}
		bulk, statement := projections.SegmentsJSON([]domain.Segment{{ServiceName: text, LocalDates: []string{text}}})
		if bulk != statement {
			r.Errorf("bulk writes have %s, statements %s", bulk, statement)
		}
		segments := readSegments(r, bulk)
		if s := segments[0]; s.ServiceName != want || s.LocalDates[0] != want {
			r.Errorf("%q has become %q, and %q", want, s.ServiceName, s.LocalDates[0])
		}
	})
}

// TestShortTuplesAreRead: fields that a version did not have yet are zero.
func TestShortTuplesAreRead(t *testing.T) {
	t.Parallel()
	if s := readSegments(t, `[["seg_1","svc_1"]]`); len(s) != 1 || !reflect.DeepEqual(s[0], domain.Segment{SegmentID: "seg_1", ServiceID: "svc_1"}) {
		t.Errorf("%+v", s)
	}
	if p, err := projections.ReadPolicy(`[5]`); err != nil || p != (domain.Policy{LeadMinutes: 5}) {
		t.Errorf("%+v, %v", p, err)
	}
	if s := readSegments(t, "null"); s != nil {
		t.Errorf("%+v", s)
	}
	for _, text := range []string{`{}`, `[{}]`, `[[1]]`, `[["a","b","c","d","e"]]`, `[`, ``} {
		if s, err := projections.ReadSegments(text); err == nil {
			t.Errorf("%s is read as %+v", text, s)
		}
	}
}
