package httpapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/internal/httpapi/contract"
)

// ask makes a request as a user; nobody when as is empty. Headers come in pairs.
func (s *salon) ask(as, method, path, body string, headers ...string) answer {
	s.tb.Helper()
	r := httptest.NewRequestWithContext(s.tb.Context(), method, path, bytes.NewBufferString(body))
	if as != "" {
		r.Header.Set("Authorization", "Bearer "+session(s.tb, as))
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.send(r)
}

// send makes a request and holds the exchange against the document.
func (s *salon) send(r *http.Request) answer {
	s.tb.Helper()
	var asked []byte
	if r.Body != nil {
		var err error
		asked, err = io.ReadAll(r.Body)
		check(s.tb, err)
		r.Body = io.NopCloser(bytes.NewReader(asked))
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if s.contract != nil && r.Context().Err() == nil {
		if err := s.contract.Check(contract.Exchange{
			Method: r.Method, Path: r.URL.Path, Request: asked, Status: w.Code, Header: w.Header(), Body: w.Body.Bytes(),
		}); err != nil {
			s.tb.Errorf("the document is not kept: %v", err)
		}
	}
	return answer{tb: s.tb, what: r.Method + " " + r.URL.String(), status: w.Code, header: w.Header(), body: w.Body.Bytes()}
}

// askAs makes a request as somebody who is none of the people.
func (s *salon) askAs(who httpapi.Session, method, path, body string, headers ...string) answer {
	s.tb.Helper()
	token, err := httpapi.SignSession([]byte(sealing), who, time.Now(), time.Hour)
	check(s.tb, err)
	return s.ask("", method, path, body, append(headers, "Authorization", "Bearer "+token)...)
}

func (s *salon) get(as, path string, headers ...string) answer {
	s.tb.Helper()
	return s.ask(as, http.MethodGet, path, "", headers...)
}

func (s *salon) put(as, path, body string, headers ...string) answer {
	s.tb.Helper()
	return s.ask(as, http.MethodPut, path, body, headers...)
}

func (s *salon) post(as, path, body string, headers ...string) answer {
	s.tb.Helper()
	return s.ask(as, http.MethodPost, path, body, headers...)
}

func (s *salon) patch(as, path, body string, headers ...string) answer {
	s.tb.Helper()
	return s.ask(as, http.MethodPatch, path, body, headers...)
}

func (s *salon) remove(as, path string, headers ...string) answer {
	s.tb.Helper()
	return s.ask(as, http.MethodDelete, path, "", headers...)
}

// answer is what came back.
type answer struct {
	tb     testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

func (a answer) want(status int) answer {
	a.tb.Helper()
	if a.status != status {
		a.tb.Fatalf("%s: status %d, want %d: %s", a.what, a.status, status, a.body)
	}
	return a
}

func (a answer) json() map[string]any {
	a.tb.Helper()
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(a.body))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		a.tb.Fatalf("%s: not JSON (%v): %s", a.what, err, a.body)
	}
	return m
}

// value returns what is at a place such as segments/0/staffId; nil when nothing is.
func (a answer) value(place string) any {
	a.tb.Helper()
	var v any = a.json()
	for name := range strings.SplitSeq(place, "/") {
		switch parent := v.(type) {
		case map[string]any:
			v = parent[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(parent) {
				return nil
			}
			v = parent[i]
		default:
			return nil
		}
	}
	return v
}

// text is value in words: what JSON would have without quotes, and nothing for nothing.
func (a answer) text(place string) string {
	a.tb.Helper()
	switch v := a.value(place).(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	default:
		text, err := json.Marshal(v)
		check(a.tb, err)
		return string(text)
	}
}

func (a answer) number(key string) string {
	a.tb.Helper()
	n, ok := a.json()[key].(json.Number)
	if !ok {
		a.tb.Fatalf("%s: no number %q: %s", a.what, key, a.body)
	}
	return n.String()
}

// has checks what is at places, given as pairs of place and text; an empty text wants nothing there.
func (a answer) has(pairs ...string) answer {
	a.tb.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := a.text(pairs[i]); got != pairs[i+1] {
			a.tb.Errorf("%s: %s is %q, want %q in %s", a.what, pairs[i], got, pairs[i+1], a.body)
		}
	}
	return a
}

// each returns the text of a member of each entry of a list.
func (a answer) each(list, member string) (all []string) {
	a.tb.Helper()
	entries, ok := a.value(list).([]any)
	if !ok {
		a.tb.Fatalf("%s: no list %q: %s", a.what, list, a.body)
	}
	for i := range entries {
		all = append(all, a.text(fmt.Sprintf("%s/%d/%s", list, i, member)))
	}
	return all
}

// shows reports whether an answer holds a text anywhere.
func (a answer) shows(text string) bool { return bytes.Contains(a.body, []byte(text)) }

// refused checks that an answer is a whole problem with a status and a code.
func (a answer) refused(status int, code string) answer {
	a.tb.Helper()
	a.want(status)
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.tb.Errorf("%s: content type %q", a.what, got)
	}
	if got := a.text("code"); got != code {
		a.tb.Errorf("%s: code %q, want %q: %s", a.what, got, code, a.body)
	}
	if a.number("status") != strconv.Itoa(status) || a.text("title") == "" || a.text("detail") == "" || a.text("type") != "about:blank" {
		a.tb.Errorf("%s: not a whole problem: %s", a.what, a.body)
	}
	return a
}

// cutWord parts a method from a path.
func cutWord(operation string) (method, path string) {
	method, path, _ = strings.Cut(operation, " ")
	return method, path
}
