package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/projections"
)

// oneBranch is a chain whose second branch has not opened.
type oneBranch struct{ httpapi.Queries }

func (q oneBranch) Branches(ctx context.Context, scope projections.BranchScope, lowest eventstore.Position) (projections.BranchList, error) {
	list, err := q.Queries.Branches(ctx, scope, lowest)
	list.Branches = list.Branches[:min(1, len(list.Branches))]
	return list, err
}

// broken is a write side that fails in the given way.
type broken struct {
	httpapi.Commands
	fail func(context.Context) error
}

func (b broken) RequestBooking(
	ctx context.Context, _ commands.Caller, _ commands.Options, _ commands.RequestBooking,
) (commands.Receipt, error) {
	return commands.Receipt{}, b.fail(ctx)
}

func TestAFaultIsLoggedOnceAndNotShown(t *testing.T) {
	t.Parallel()
	const cause = "the disk has caught fire"
	for name, tt := range map[string]struct {
		fail   func(context.Context) error
		status int
		code   string
		logged int
	}{
		"an error": {func(context.Context) error { return errors.New(cause) }, 500, "INTERNAL_ERROR", 1},
		"a panic":  {func(context.Context) error { panic(cause) }, 500, "INTERNAL_ERROR", 1},
		"no time left": {func(context.Context) error {
			return errors.Join(errors.New(cause), context.DeadlineExceeded)
		}, 503, "SERVICE_UNAVAILABLE", 1},
		"no room": {func(context.Context) error {
			return fmt.Errorf("put name: %w", errors.Join(database.ErrFull, errors.New(cause)))
		}, 503, "SERVICE_UNAVAILABLE", 1},
		"no database": {func(context.Context) error {
			return fmt.Errorf("put name: %w", errors.Join(database.ErrUnavailable, errors.New(cause)))
		}, 503, "SERVICE_UNAVAILABLE", 1},
		"no event store": {func(context.Context) error {
			return fmt.Errorf("read head: %w", errors.Join(eventstore.ErrUnavailable, errors.New(cause)))
		}, 503, "SERVICE_UNAVAILABLE", 1},
		"a wrapped refusal": {func(context.Context) error {
			return errors.Join(errors.New(cause), domain.Refuse(domain.RateLimited, domain.CodeRateLimited, "slower, please"))
		}, 429, "RATE_LIMITED", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openSalon(t, func(c *httpapi.Config) { c.Commands = broken{c.Commands, tt.fail} })
			a := s.refused(s.post(ada, "/api/bookings", wish(10)), len(s.store.All()), tt.status, tt.code)
			if strings.Contains(string(a.body), "fire") {
				t.Errorf("the cause is shown: %s", a.body)
			}
			if got := strings.Count(s.log.String(), cause); got != tt.logged {
				t.Errorf("logged %d times, want %d: %s", got, tt.logged, s.log)
			}
			// The server goes on.
			s.get(ada, "/api/bookings").want(http.StatusOK)
		})
	}
}

func TestACallerWhoHasGoneIsNoFault(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := openSalon(t, func(c *httpapi.Config) {
		c.Commands = broken{c.Commands, func(ctx context.Context) error { cancel(); <-ctx.Done(); return ctx.Err() }}
	})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/api/bookings", strings.NewReader(wish(10)))
	check(t, err)
	r.Header.Set("Authorization", "Bearer "+session(t, ada))
	s.send(r)
	if s.log.String() != "" {
		t.Errorf("logged: %s", s.log)
	}
}

func TestDevelopersReadWhyMessagesWait(t *testing.T) {
	t.Parallel()
	s := openSalon(t, func(c *httpapi.Config) {
		c.Realtime, c.OpsToken = func() string { return "circuit_open" }, "of-the-operator"
		c.RealtimeDetail = func() string { return "last error: no connection to 10.0.0.7" }
	})
	for _, who := range []string{"", ada, desk, owner} {
		s.get(who, "/readyz").want(http.StatusOK).has("realtime", "circuit_open", "realtimeDetail", "")
	}
	s.ask("", http.MethodGet, "/readyz", "", "Authorization", "Bearer of-the-operator").want(http.StatusOK).
		has("realtime", "circuit_open", "realtimeDetail", "last error: no connection to 10.0.0.7")
}

func TestReadinessNamesThePartThatIsNotReady(t *testing.T) {
	t.Parallel()
	var trouble error
	s := openSalon(t, func(c *httpapi.Config) {
		c.Realtime, c.OpsToken = func() string { return "auth_failed" }, "of-the-operator"
		c.Parts = []httpapi.Part{
			{Name: "bookings", Check: func(context.Context) error { return nil }},
			{Name: "event store", Check: func(context.Context) error { return trouble }},
		}
	})
	s.get("", "/healthz").want(http.StatusOK)
	if a := s.get("", "/readyz").want(http.StatusOK); a.text("status") != "ready" || a.text("realtime") != "auth_failed" {
		t.Errorf("ready: %s", a.body)
	}
	trouble = errors.New("no connection to 10.0.0.7:2113")
	for range 3 { // probes come again and again
		a := s.refused(s.get("", "/readyz"), len(s.store.All()), http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE")
		for _, part := range []string{
			`{"name":"event store","ready":false,"state":"unavailable"}`, `{"name":"bookings","ready":true,"state":"ready"}`,
		} {
			if !strings.Contains(string(a.body), part) {
				t.Errorf("%s is missing: %s", part, a.body)
			}
		}
	}
	if n := strings.Count(s.log.String(), "10.0.0.7"); n != 1 {
		t.Errorf("the reason is logged %d times", n)
	}
	trouble = &httpapi.NotReadyError{Word: "halted", Err: trouble}
	for _, who := range []string{ada, desk, owner} {
		if a := s.get(who, "/readyz"); strings.Contains(string(a.body), "10.0.0.7") || !strings.Contains(string(a.body), `"state":"halted"`) {
			t.Errorf("%s is told: %s", who, a.body)
		}
	}
	operator := s.ask("", http.MethodGet, "/readyz", "", "Authorization", "Bearer of-the-operator").want(http.StatusServiceUnavailable)
	if !strings.Contains(string(operator.body), `"detail":"halted: no connection to 10.0.0.7:2113"`) {
		t.Errorf("the operator is told: %s", operator.body)
	}
	// A bad session is none.
	s.ask("", http.MethodGet, "/readyz", "", "Authorization", "Bearer nonsense").want(http.StatusServiceUnavailable)
	s.get("", "/healthz").want(http.StatusOK)
	trouble = nil
	s.ask("", http.MethodGet, "/readyz", "", "Authorization", "Bearer nonsense").want(http.StatusOK)
	if !strings.Contains(s.log.String(), "part ready") {
		t.Error("that it is ready again is not logged")
	}
}

var update = flag.Bool("update", false, "write the golden files")

// The document is a promise to other programs: a change of it is seen in the golden file.
func TestTheDescriptionIsTheOneThatWasReviewed(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	var text bytes.Buffer
	check(t, json.Indent(&text, s.get("", "/openapi.json").want(http.StatusOK).body, "", "\t"))
	text.WriteByte('\n')
	golden := filepath.Join("testdata", "openapi.json")
	if *update {
		check(t, os.WriteFile(golden, text.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	check(t, err)
	if !bytes.Equal(text.Bytes(), want) {
		t.Errorf("%s is not what the code describes: run the test with -update and read the difference", golden)
	}
}

func TestTheDescriptionIsWhole(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	a := s.get("", "/openapi.json").want(http.StatusOK)
	var spec struct {
		OpenAPI    string
		Paths      map[string]map[string]map[string]any
		Components struct{ Schemas map[string]any }
	}
	check(t, json.Unmarshal(a.body, &spec))
	if spec.OpenAPI != "3.1.0" {
		t.Errorf("openapi %s", spec.OpenAPI)
	}
	for path, methods := range spec.Paths {
		for method, op := range methods {
			if op["operationId"] == nil || op["summary"] == nil || op["tags"] == nil {
				t.Errorf("%s %s is not described: %v", method, path, op)
			}
			if body := op["requestBody"]; body != nil && !strings.Contains(describe(t, body), "#/components/schemas/") {
				t.Errorf("%s %s does not describe its body: %v", method, path, body)
			}
			responses, _ := op["responses"].(map[string]any)
			if !strings.Contains(describe(t, responses["default"]), "#/components/schemas/Problem") {
				t.Errorf("%s %s does not tell of problems: %v", method, path, responses)
			}
			for name := range strings.SplitSeq(path, "{") {
				name, _, parameter := strings.Cut(name, "}")
				if parameter && !strings.Contains(describe(t, op["parameters"]), `"name":"`+name+`"`) {
					t.Errorf("%s %s does not describe %s", method, path, name)
				}
			}
		}
	}
	if _, there := spec.Components.Schemas["ErrorModel"]; there {
		t.Error("an error is described that nobody gets")
	}
	for _, hidden := range []string{"/docs", "/schemas/Problem.json", "/openapi.yaml"} {
		s.get("", hidden).want(http.StatusNotFound)
	}
}

func describe(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	check(t, err)
	return string(text)
}

func TestTheTraceOfACommandBeginsAtTheCaller(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	var inside trace.SpanContext
	s := openSalon(t, func(c *httpapi.Config) {
		c.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
		c.Commands = broken{c.Commands, func(ctx context.Context) error {
			inside = trace.SpanContextFromContext(ctx)
			return domain.Refuse(domain.Conflict, domain.CodeConflict, "not now")
		}}
	})
	const parent = "4bf92f3577b34da6a3ce929d0e0e4736"
	s.post(ada, "/api/bookings", wish(10), "Traceparent", "00-"+parent+"-00f067aa0ba902b7-01").want(http.StatusConflict)
	if inside.TraceID().String() != parent {
		t.Errorf("the command runs in trace %s", inside.TraceID())
	}
	ended := spans.Ended()
	last := ended[len(ended)-1]
	if last.Name() != "POST /api/bookings" || last.SpanKind() != trace.SpanKindServer || last.Parent().SpanID().String() != "00f067aa0ba902b7" {
		t.Errorf("span %q, kind %s, parent %s", last.Name(), last.SpanKind(), last.Parent().SpanID())
	}
	if !slices.ContainsFunc(ended, func(s sdktrace.ReadOnlySpan) bool { return s.Name() == "PUT /api/branches/{id}" }) {
		t.Error("no span is named by its route")
	}
	for _, span := range ended {
		if strings.Contains(span.Name(), mitte) {
			t.Errorf("an id is in a span's name: %s", span.Name())
		}
	}
}

// TestALongTraceStateEndsHere: a caller may send 16 KB of it, which would travel with every event and message.
func TestALongTraceStateEndsHere(t *testing.T) {
	t.Parallel()
	var inside trace.SpanContext
	s := openSalon(t, func(c *httpapi.Config) {
		c.Tracer = sdktrace.NewTracerProvider()
		c.Commands = broken{c.Commands, func(ctx context.Context) error {
			inside = trace.SpanContextFromContext(ctx)
			return domain.Refuse(domain.Conflict, domain.CodeConflict, "not now")
		}}
	})
	const parent = "4bf92f3577b34da6a3ce929d0e0e4736"
	for state, want := range map[string]string{
		"a=" + strings.Repeat("x", 200):                                    "a=" + strings.Repeat("x", 200),
		"a=" + strings.Repeat("x", 255) + ",b=" + strings.Repeat("y", 256): "",
	} {
		s.post(ada, "/api/bookings", wish(10), "Traceparent", "00-"+parent+"-00f067aa0ba902b7-01", "Tracestate", state).
			want(http.StatusConflict)
		if inside.TraceID().String() != parent || inside.TraceState().String() != want {
			t.Errorf("of %d bytes the command sees trace %s and %q", len(state), inside.TraceID(), inside.TraceState())
		}
	}
}

func TestTheDemoSignsInWhoAsks(t *testing.T) {
	t.Parallel()
	s := openSalon(t, func(c *httpapi.Config) {
		c.DemoSignIn = func(_ context.Context, as string) (httpapi.DemoIdentity, error) {
			return httpapi.DemoIdentity{Token: "token of " + as, UserID: ada, Role: domain.RoleCustomer, ExpiresAt: time.Now()}, nil
		}
	})
	a := s.get("", "/demo/sign-in?as=customer").want(http.StatusOK)
	if a.text("token") != "token of customer" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("identity: %s", a.body)
	}
	for _, query := range []string{"", "?as=owner", "?as=customer&more=1"} {
		s.refused(s.get("", "/demo/sign-in"+query), len(s.store.All()), http.StatusBadRequest, "VALIDATION_ERROR")
	}
}

func TestTheConsoleGetsOnlyWhatIsNotTheAPIs(t *testing.T) {
	t.Parallel()
	s := openSalon(t, func(c *httpapi.Config) {
		c.Console = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("page " + r.URL.Path)) })
	})
	for path, want := range map[string]string{"/": "page /", "/assets/main.js": "page /assets/main.js"} {
		if a := s.get("", path).want(http.StatusOK); string(a.body) != want {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	s.get("", "/api/nothing").want(http.StatusNotFound)
	s.get("", "/api").want(http.StatusNotFound)
	s.post("", "/", "{}").want(http.StatusNotFound)
	s.ask("", http.MethodPut, "/healthz", "").want(http.StatusMethodNotAllowed)
}

func TestAnIncompleteConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := httpapi.New(httpapi.Config{}); err == nil {
		t.Error("an API without parts was made")
	}
}
