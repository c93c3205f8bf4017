package httpapi

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/royalglow/booking/domain"
)

// serve answers what no operation takes in the API's own way.
func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	if !canonical(r.URL) {
		writeProblem(w, routeNotFound())
		return
	}
	handler, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	// The mux knows whether the path exists with other methods: its own answer tells, and is not sent.
	probe := &statusProbe{header: http.Header{}}
	handler.ServeHTTP(probe, r)
	switch {
	case probe.status == http.StatusMethodNotAllowed:
		p := newProblem(http.StatusMethodNotAllowed, codeMethodNotAllowed, r.Method+" is not possible here")
		p.headers.Set("Allow", probe.header.Get("Allow"))
		writeProblem(w, p)
	case s.Console != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) && !isAPIPath(r.URL.Path):
		page := &pageWriter{ResponseWriter: w}
		s.Console.ServeHTTP(page, r)
		if page.refused != 0 {
			w.Header().Del("Location")
			writeProblem(w, pageProblem(page.refused))
		}
	default:
		writeProblem(w, routeNotFound())
	}
}

// isAPIPath reports whether a path belongs to programs, so that an unknown one must not show the page.
func isAPIPath(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

func routeNotFound() *Problem {
	return newProblem(http.StatusNotFound, domain.CodeNotFound, "there is no such route")
}

// canonical reports whether a path is the one name of its place. The mux sends others on to that name, in HTML; a program
// that writes /api//bookings has made a mistake, and is told so.
func canonical(u *url.URL) bool {
	given := u.EscapedPath()
	clean := path.Clean(given)
	return strings.HasPrefix(given, "/") && (given == clean || (clean != "/" && given == clean+"/"))
}

// pageWriter passes on the page's parts. What is none, such as "not found" or a redirect, is said in the API's way, whoever
// asks.
type pageWriter struct {
	http.ResponseWriter
	refused int // the status; 0: passed on
}

func (p *pageWriter) WriteHeader(status int) {
	if status < 300 || status == http.StatusNotModified {
		p.ResponseWriter.WriteHeader(status)
		return
	}
	p.refused = status
}

func (p *pageWriter) Write(b []byte) (int, error) {
	if p.refused != 0 {
		return len(b), nil
	}
	return p.ResponseWriter.Write(b)
}

// pageProblem is what the page's file server would have said in its own words.
func pageProblem(status int) *Problem {
	switch status {
	case http.StatusRequestedRangeNotSatisfiable:
		return newProblem(status, codeRange, "the file does not have this range")
	case http.StatusPreconditionFailed:
		return newProblem(status, codePrecondition, "the file is not the one that the request is for")
	}
	if status >= 500 {
		return newProblem(http.StatusInternalServerError, codeInternal, "something went wrong here")
	}
	return routeNotFound()
}

// statusProbe takes an answer and keeps its status and headers only.
type statusProbe struct {
	header http.Header
	status int
}

func (p *statusProbe) Header() http.Header         { return p.header }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }
func (p *statusProbe) WriteHeader(status int)      { p.status = status }
