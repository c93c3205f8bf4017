package esdbnode_test

import (
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/esdbnode"
)

// Whatever a client stores as metadata, the visible part of a stream begins at a
// revision that exists or comes next, and undeleting is understood by its own reader.
func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `[]`, `{}`, `{"$maxCount":2}`, `{"$tb":9223372036854775807}`, `{"$maxAge":7200.0}`,
		`{"$maxAge":1e300,"$tb":-1,"$maxCount":"2"}`, `{"$tb":1,"$tb":2}`, `{"$acl":{"$r":["a"]},"x":null}`,
	} {
		f.Add([]byte(seed), int64(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, last int64) {
		last = max(last, -1)
		deleted, first, _ := esdbnode.MetaOf(data, last)
		if first < 0 {
			t.Fatalf("the visible part begins at %d", first)
		}
		if deleted && first != math.MaxInt64 {
			t.Fatalf("deleted, but visible from %d", first)
		}
		if last == math.MaxInt64 {
			return
		}
		again := esdbnode.UndeleteMeta(data, last+1)
		if !json.Valid(again) {
			t.Fatalf("undeleting made %s", again)
		}
		if deleted, first, _ := esdbnode.MetaOf(again, last); deleted && last+1 != math.MaxInt64 || first != last+1 {
			t.Fatalf("after undeleting at %d the stream is visible from %d (%s)", last+1, first, again)
		}
	})
}

// A filter either is refused or says what its expression says.
func FuzzFilter(f *testing.F) {
	f.Add("^booking-", "booking-", "booking-1", true)
	f.Add("", "a", "b", false)
	f.Add("(", "", "x", true)
	f.Add(`^[^\$].*`, "", "$metadata", false)
	f.Fuzz(func(t *testing.T, pattern, prefix, subject string, byType bool) {
		expr := &streams.ReadReq_Options_FilterOptions_Expression{Regex: pattern}
		if prefix != "" {
			expr.Prefix = []string{prefix, prefix + "x"}
		}
		opt := &streams.ReadReq_Options_FilterOptions{
			Filter: &streams.ReadReq_Options_FilterOptions_StreamIdentifier{StreamIdentifier: expr},
			Window: &streams.ReadReq_Options_FilterOptions_Max{Max: math.MaxUint32}, CheckpointIntervalMultiplier: math.MaxUint32,
		}
		stream, kind := subject, "other"
		if byType {
			opt.Filter = &streams.ReadReq_Options_FilterOptions_EventType{EventType: expr}
			stream, kind = kind, stream
		}
		match, ok := esdbnode.Matches(opt, stream, kind)
		re, err := regexp.Compile(pattern)
		usable := (pattern == "") != (prefix == "") && err == nil
		if ok != usable {
			t.Fatalf("accepted: %v, usable: %v", ok, usable)
		}
		if !ok {
			return
		}
		want := prefix != "" && strings.HasPrefix(subject, prefix) || prefix == "" && re.MatchString(subject)
		if match != want {
			t.Fatalf("matches: %v, want %v", match, want)
		}
	})
}

func FuzzLink(f *testing.F) {
	f.Add([]byte("0@s"))
	f.Add([]byte("@"))
	f.Add([]byte("-1@s@t"))
	f.Fuzz(func(t *testing.T, data []byte) {
		stream, revision, ok := esdbnode.ParseLink(data)
		if ok && (revision < 0 || !strings.HasSuffix(string(data), "@"+stream)) {
			t.Fatalf("%q gives %d@%q", data, revision, stream)
		}
	})
}

// The map that forgets never forgets one of the newest keys, never answers what was
// not stored, and never grows beyond twice its limit.
func TestTheForgettingMapKeepsTheNewest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(1, 8).Draw(rt, "limit")
		r := esdbnode.NewRecent(limit)
		stored := map[int]int{}
		var order []int
		for i := range rapid.IntRange(0, 60).Draw(rt, "steps") {
			k := rapid.IntRange(0, 20).Draw(rt, "key")
			if rapid.Bool().Draw(rt, "put") {
				r.Put(k, i)
				stored[k] = i
				order = append(order, k)
			} else if v, ok := r.Get(k); ok && v != stored[k] {
				rt.Fatalf("key %d is %d, stored %d", k, v, stored[k])
			}
			if r.Len() > 2*limit {
				rt.Fatalf("%d keys, limit %d", r.Len(), limit)
			}
			if n := len(order); n > 0 {
				if _, ok := r.Get(order[n-1]); !ok {
					rt.Fatalf("the newest key %d is forgotten", order[n-1])
				}
			}
		}
	})
}
