package httpapi

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/royalglow/booking/internal/eventstore"
)

// server is the handler of all routes.
type server struct {
	Config
	sessions    *Sessions
	log         *slog.Logger
	mux         *http.ServeMux
	api         huma.API
	crossOrigin *http.CrossOriginProtection
}

// New returns the API as one handler. It says what the Config lacks.
func New(c Config) (http.Handler, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Tracer == nil {
		c.Tracer = noop.NewTracerProvider()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &server{
		Config: c, sessions: c.Sessions, log: c.Logger,
		mux: http.NewServeMux(), crossOrigin: http.NewCrossOriginProtection(),
	}
	s.api = humago.New(s.mux, description())
	s.api.UseMiddleware(s.authenticate, noteUnknown, s.readBody)
	s.routes()
	if err := s.serveDescription(); err != nil {
		return nil, err
	}
	return s.traced(s.accessLogged(s.recovered(http.HandlerFunc(s.serve)))), nil
}

// routes is the API's table of contents.
func (s *server) routes() {
	s.bookingRoutes()
	s.scheduleRoutes()
	s.availabilityRoutes()
	s.branchRoutes()
	s.staffRoutes()
	s.leaveRoutes()
	s.customerRoutes()
	s.calendarRoutes()
	s.directoryRoutes()
	s.realtimeRoutes()
	s.healthRoutes()
	s.demoRoutes()
}

// serve answers what no operation takes in the API's own way.
func (s *server) serve(w http.ResponseWriter, r *http.Request) {
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
		if page.missing {
			writeProblem(w, routeNotFound())
		}
	default:
		writeProblem(w, routeNotFound())
	}
}

// pageWriter passes the page's answers on, but for "not found": that is said in the API's way, whoever asks.
type pageWriter struct {
	http.ResponseWriter
	missing bool
}

func (p *pageWriter) WriteHeader(status int) {
	if p.missing = status == http.StatusNotFound; !p.missing {
		p.ResponseWriter.WriteHeader(status)
	}
}

func (p *pageWriter) Write(b []byte) (int, error) {
	if p.missing {
		return len(b), nil
	}
	return p.ResponseWriter.Write(b)
}

// statusProbe takes an answer and keeps its status and headers only.
type statusProbe struct {
	header http.Header
	status int
}

func (p *statusProbe) Header() http.Header         { return p.header }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }
func (p *statusProbe) WriteHeader(status int)      { p.status = status }

// published is what ?minPosition=published means now; nothing to wait for without realtime.
func (s *server) published() eventstore.Position {
	if s.Published == nil {
		return 0
	}
	return s.Published()
}
