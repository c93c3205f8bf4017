package httpapi

import (
	"context"
	"net/http"
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
		id: "readyz", method: http.MethodGet, path: "/readyz", tag: "Health", public: true,
		summary: "Whether the engine can serve, and which part cannot",
		detail:  "Realtime never makes the engine unready: bookings go on without it.",
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
	Realtime string      `json:"realtime" doc:"How publishing is doing; not_configured without a key."`
}

type partState struct {
	Name   string `json:"name"`
	Ready  bool   `json:"ready"`
	Detail string `json:"detail,omitempty"`
}

func (s *server) readyz(ctx context.Context, _ *noInput) (*readyOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	state := readiness{Status: "ready", Parts: make([]partState, 0, len(s.Parts)), Realtime: "not_configured"}
	if s.Realtime != nil {
		state.Realtime = s.Realtime()
	}
	ready := true
	for _, part := range s.Parts {
		p := partState{Name: part.Name, Ready: true}
		if err := part.Check(ctx); err != nil {
			p.Ready, p.Detail, ready = false, err.Error(), false
		}
		state.Parts = append(state.Parts, p)
	}
	if !ready {
		return nil, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "a part of the engine is not ready").
			With("parts", state.Parts).With("realtime", state.Realtime)
	}
	return &readyOutput{Body: state}, nil
}
