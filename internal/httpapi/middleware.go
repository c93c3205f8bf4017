package httpapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/felixge/httpsnoop"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"

	"github.com/royalglow/booking/internal/eventstore"
)

// traced gives each request a span, named by its route and continuing the caller's trace.
func (s *server) traced(next http.Handler) http.Handler {
	return shortTraceState(otelhttp.NewHandler(next, "http",
		otelhttp.WithTracerProvider(s.Tracer),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(s.spanName),
		// Probes come every few seconds and say nothing. The path of a calendar is a secret, and spans have the path.
		otelhttp.WithFilter(func(r *http.Request) bool {
			return r.URL.Path != "/healthz" && r.URL.Path != "/readyz" && !holdsSecret(r.URL.Path)
		})))
}

// shortTraceState drops a tracestate that is longer than anybody has to carry on: it would go into every span, event and
// message that the request causes.
func shortTraceState(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(strings.Join(r.Header.Values("Tracestate"), ",")) > eventstore.MaxTraceState {
			r.Header.Del("Tracestate")
		}
		next.ServeHTTP(w, r)
	})
}

// spanName is the route, never the path: ids in span names would make each its own.
func (s *server) spanName(_ string, r *http.Request) string {
	if r.Pattern != "" {
		return r.Pattern
	}
	if _, pattern := s.mux.Handler(r); pattern != "" {
		return pattern
	}
	return r.Method
}

// accessLogged logs each request when it is over, for debugging.
func (s *server) accessLogged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.log.Enabled(r.Context(), slog.LevelDebug) {
			next.ServeHTTP(w, r)
			return
		}
		began := time.Now()
		m := httpsnoop.CaptureMetrics(next, w, r)
		s.log.DebugContext(r.Context(), "request",
			slog.String("method", r.Method), slog.String("route", r.Pattern), slog.Int("status", m.Code),
			slog.Duration("took", time.Since(began)))
	})
}

// recovered turns a panic into an answer and one line in the log. The connection survives.
func (s *server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := false
		w = httpsnoop.Wrap(w, httpsnoop.Hooks{
			WriteHeader: func(f httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
				return func(code int) { begun = true; f(code) }
			},
			Write: func(f httpsnoop.WriteFunc) httpsnoop.WriteFunc {
				return func(b []byte) (int, error) { begun = true; return f(b) }
			},
		})
		defer func() { //nolint:contextcheck // it logs with the request's context, which is all there is
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(v) // the documented way to hang up
			}
			s.log.ErrorContext(r.Context(), "request panicked",
				slog.String("panic", fmt.Sprint(v)), slog.String("stack", string(debug.Stack())))
			if begun {
				panic(http.ErrAbortHandler) // half an answer must not look like a whole one
			}
			writeProblem(w, newProblem(http.StatusInternalServerError, codeInternal,
				"something went wrong here; it has been noted"))
		}()
		next.ServeHTTP(w, r)
	})
}
