package httpapi

import (
	"context"
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
	unready     flags // of the parts, as /readyz last saw them
	tokenLimits *userLimits
	logSearches []textFilter // what the delivery log is searched by
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
	s.api.UseMiddleware(s.authenticate, s.refuseAmbiguous, noteUnknown, s.readBody)
	s.routes()
	if err := s.serveDescription(); err != nil {
		return nil, err
	}
	return bodyInTime(s.traced(s.accessLogged(s.recovered(http.HandlerFunc(s.serve))))), nil
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
	s.opsRoutes()
	s.projectionRoutes()
	s.deliveryRoutes()
	s.directoryRoutes()
	s.realtimeRoutes()
	s.revocationRoutes()
	s.healthRoutes()
	s.demoRoutes()
}

// published is what ?minPosition=published means now; nothing to wait for without realtime.
func (s *server) published(ctx context.Context) (eventstore.Position, error) {
	if s.Published == nil {
		return 0, nil
	}
	return s.Published(ctx)
}
