package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The bodies that everything else is derived from are sound: none is refused for its form.
func TestSoundBodiesAreSound(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	all, d := bodies(), s.document()
	d.each(func(method, path string, op described) {
		if op.RequestBody != nil && len(all[method+" "+path]) == 0 {
			t.Errorf("%s %s has no sound body", method, path)
		}
	})
	for operation, some := range all {
		method, path := cutWord(operation)
		for _, body := range some {
			as := owner
			if operation == "POST /api/leave" {
				as = worker
			}
			if err := s.contract.Takes(method, aim(path), []byte(body)); err != nil {
				t.Errorf("%s: the document: %v", operation, err)
			}
			if a := s.ask(as, method, aim(path), body, d.condition(operation, `"0"`)...); a.status == http.StatusBadRequest || a.status >= 500 {
				t.Errorf("%s %s: %d %s", operation, body, a.status, a.body)
			}
		}
	}
}

// What the document refuses the server refuses: programs are made from it.
func TestWhatTheDocumentRefusesIsRefused(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	all, d := bodies(), s.document()
	operations := sortedKeys(all)
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		operation := rapid.SampledFrom(operations).Draw(t, "operation")
		var tree any
		if err := json.Unmarshal([]byte(rapid.SampledFrom(all[operation]).Draw(t, "body")), &tree); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			tree = spoil(t, tree)
		}
		body, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		method, path := cutWord(operation)
		against := s.contract.Takes(method, aim(path), body)
		a := s.ask(owner, method, aim(path), string(body), d.condition(operation, `"0"`)...)
		if against != nil {
			refused++
		}
		if against != nil && a.status != http.StatusBadRequest {
			t.Fatalf("%s %s is answered with %d %s\nand refused by the document: %v", operation, body, a.status, a.body, against)
		}
		if a.status >= http.StatusInternalServerError {
			t.Fatalf("%s %s: %d %s", operation, body, a.status, a.body)
		}
	})
	if refused == 0 {
		t.Error("nothing was spoilt")
	}
}

// What the document refuses of a parameter the server refuses, by its name.
func TestWhatTheDocumentRefusesOfAParameterIsRefused(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	texts := []string{
		"0", "1", "-1", "500", "501", "1.5", "+1", "01", "1e2", "true", "TRUE", "yes", "published", "now", "start", "-start", "end", "salon", "gym",
		"pending", "pending,approved", "pending,", ",", "approved,lost", "2026-06-17", "2026-02-30", "2026-6-1", "2026-06-17T10:00:00Z",
		"2026-06-17T10:00:00", "2026-06-17 10:00:00Z", ada, asha, mitte, cut, cut + "," + cut, "any", "any," + asha, "usr_*", "x", "*", " ",
		"bkg_00000000000000000000", "BKG_00000000000000000000", "18446744073709551616",
	}
	refused := 0
	s.document().each(func(method, path string, op described) {
		for _, p := range op.Parameters {
			for _, text := range texts {
				if p.In != "query" || s.contract.TakesParameter(method, fill(path), p.Name, text) == nil {
					continue
				}
				refused++
				a := s.ask(owner, method, fill(path)+"?"+url.Values{p.Name: {text}}.Encode(), "")
				if a.status != http.StatusBadRequest || !a.names(p.Name) {
					t.Errorf("%s %s takes %s=%q: %d %s", method, path, p.Name, text, a.status, a.body)
				}
			}
		}
	})
	if refused < 200 {
		t.Errorf("only %d were refused", refused)
	}
}

// spoil changes one place of a value.
func spoil(t *rapid.T, v any) any {
	switch v := v.(type) {
	case map[string]any:
		keys := sortedKeys(v)
		switch {
		case len(keys) == 0 || rapid.IntRange(0, 5).Draw(t, "unknown") == 0:
			v[rapid.SampledFrom([]string{"colour", "Action", "id", "staffID", "a/b", ""}).Draw(t, "name")] = other(t)
		case rapid.IntRange(0, 5).Draw(t, "missing") == 0:
			delete(v, rapid.SampledFrom(keys).Draw(t, "left out"))
		default:
			key := rapid.SampledFrom(keys).Draw(t, "key")
			v[key] = spoil(t, v[key])
		}
		return v
	case []any:
		switch {
		case len(v) == 0 || rapid.Bool().Draw(t, "longer"):
			return slices.Repeat(append(v, other(t)), rapid.SampledFrom([]int{1, 2, 11}).Draw(t, "times"))
		default:
			i := rapid.IntRange(0, len(v)-1).Draw(t, "entry")
			v[i] = spoil(t, v[i])
			return v
		}
	}
	return other(t)
}

// other is a value that may be right or wrong in any place.
func other(t *rapid.T) any {
	return rapid.SampledFrom([]any{
		nil, true, false, -1, 0, 1, 1.5, 51, 366, 481, 1441, 10081, 43201, 1e11 + 1, 1e300,
		"", " ", "x", "seg_0", "seg_01", "seg_999", "usr_ada00001", "usr_*", "br_mitte", "svc_cut00001", "stf_asha0001\n", "ADA",
		"2026-06-17", "2026-02-30", "2026-6-1", "0000-01-01", "2026-06-17T10:00:00Z", "2026-06-17T10:00:30Z", "2026-06-17 10:00",
		"2026-06-17T10:00:00", "2026-06-17T10:00:60Z", "10:00", "24:00", "24:01", "9:00", "10:00:00", "Z", "+25:00", "+02:00", "-00:00",
		"Europe/Berlin", "Local", "EUR", "eur", "XXX", "salon", "spa", "sick", "active", "hours", "customer", "internal",
		strings.Repeat("x", 101), strings.Repeat("ä", 101), strings.Repeat("x", 501), strings.Repeat("é", 500), strings.Repeat("x", 2001),
		[]any{},
		[]any{"x"},
		[]any{[]any{}},
		map[string]any{},
		map[string]any{"x": 1},
	}).Draw(t, "value")
}
