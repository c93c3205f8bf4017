package httpapi

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// The standard library leaves out what it cannot read of a query, and takes the first of several values. A caller who is
// misunderstood so would get an answer to another question than his, and believe it.

// refuseAmbiguous lets a request pass whose parameters can be read in one way only.
func (s *server) refuseAmbiguous(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	err := checkQuery(r.URL.RawQuery)
	if err == nil {
		err = checkHeaders(r.Header)
	}
	if err != nil {
		writeProblem(w, s.problem(r.Context(), err))
		return
	}
	next(ctx)
}

// checkQuery refuses a parameter that is malformed, empty or repeated.
func checkQuery(raw string) error {
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		key, text, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(key)
		if err != nil || strings.Contains(key, ";") {
			return wrongParameter(key, "is not a well-formed name of a parameter")
		}
		value, err := url.QueryUnescape(text)
		switch {
		case err != nil || strings.Contains(text, ";"):
			return wrongParameter(name, "is not well-formed: percent-encode it")
		case value == "":
			return wrongParameter(name, "is empty: give a value, or leave it out")
		case seen[name]:
			return wrongParameter(name, "is there twice")
		}
		seen[name] = true
	}
	return nil
}

// checkHeaders refuses several values of a header that says one thing.
func checkHeaders(h http.Header) error {
	for _, name := range []string{idempotencyKeyHeader, ifMatchHeader} {
		if len(h.Values(name)) > 1 {
			return wrongParameter(name, "is there twice")
		}
	}
	return nil
}
