package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/royalglow/booking/domain"
)

// readyTime bounds the checks of /readyz together.
const readyTime = 2 * time.Second

func (s *server) healthRoutes() {
	register(s, operation{
		id: "healthz", method: http.MethodGet, path: "/healthz", tag: "Health", public: true,
		summary: "Whether the process runs", detail: "It says nothing of what the process needs.",
	}, func(context.Context, *noInput) (*healthOutput, error) {
		out := &healthOutput{}
		out.Body.Status = "ok"
		return out, nil
	})
	register(s, operation{
		id: "readyz", method: http.MethodGet, path: "/readyz", tag: "Health", public: true, moreInside: true,
		summary: "Whether the engine can serve, and which part cannot",
		detail: "Realtime never makes the engine unready: bookings go on without it. Callers with the role developer get the " +
			"reason in full.",
	}, s.readyz)
}

type healthOutput struct {
	Body struct {
		Status string `json:"status" enum:"ok"`
	}
}

type readyOutput struct{ Body readiness }

type readiness struct {
	Status   string      `json:"status" enum:"ready"`
	Parts    []partState `json:"parts"`
	Realtime string      `json:"realtime" doc:"How publishing is doing: live, catching_up, retrying, halted at an event that cannot be published, circuit_open while the service does not answer, auth_failed, paused, standby where another instance publishes, not_configured without a key."`
	Detail   string      `json:"realtimeDetail,omitempty" doc:"What waits to be published, and why, for developers."`
}

type partState struct {
	Name   string `json:"name"`
	Ready  bool   `json:"ready"`
	State  string `json:"state" doc:"ready, or in one word what else: why it is not, or that an operator has stopped it."`
	Detail string `json:"detail,omitempty" doc:"The reason in full, for developers."`
}

func (s *server) readyz(ctx context.Context, _ *noInput) (*readyOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	state := readiness{Status: "ready", Parts: make([]partState, 0, len(s.Parts)), Realtime: "not_configured"}
	if s.Realtime != nil {
		state.Realtime = s.Realtime()
	}
	if s.RealtimeDetail != nil && sessionOf(ctx).Role == domain.RoleDeveloper {
		state.Detail = s.RealtimeDetail()
	}
	ready := true
	for _, part := range s.Parts {
		p := s.partState(ctx, part)
		ready = ready && p.Ready
		state.Parts = append(state.Parts, p)
	}
	if !ready {
		return nil, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "a part of the engine is not ready").
			With("parts", state.Parts).With("realtime", state.Realtime)
	}
	return &readyOutput{Body: state}, nil
}

// partState checks a part. What is wrong in full may name addresses and files: it goes to developers and into the log, where
// a change is enough, because probes come every few seconds.
func (s *server) partState(ctx context.Context, part Part) partState {
	err := part.Check(ctx)
	if s.unready.changed(part.Name, err != nil) {
		if err != nil {
			s.log.WarnContext(ctx, "part not ready", slog.String("part", part.Name), slog.Any("error", err))
		} else {
			s.log.InfoContext(ctx, "part ready", slog.String("part", part.Name))
		}
	}
	if err == nil {
		return partState{Name: part.Name, Ready: true, State: "ready"}
	}
	p := partState{Name: part.Name, State: "unavailable"}
	if e, ok := errors.AsType[*NotReadyError](err); ok {
		p.State, p.Ready = e.Word, e.Wanted
	}
	if sessionOf(ctx).Role == domain.RoleDeveloper {
		p.Detail = err.Error()
	}
	return p
}

// flags remembers which parts are not ready.
type flags struct {
	mu  sync.Mutex
	set map[string]bool
}

// changed sets a flag, which is not set at first, and reports whether it was otherwise before.
func (f *flags) changed(name string, set bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := f.set[name]
	if f.set == nil {
		f.set = map[string]bool{}
	}
	f.set[name] = set
	return before != set
}
