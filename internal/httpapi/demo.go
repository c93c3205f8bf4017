package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/royalglow/booking/domain"
)

// DemoIdentity is somebody whom the demo lets a visitor be.
type DemoIdentity struct {
	Token     string      `json:"token" doc:"A user token, for the Authorization header."`
	UserID    string      `json:"userId"`
	Name      string      `json:"name"`
	Role      domain.Role `json:"role"`
	BranchID  string      `json:"branchId,omitempty" doc:"The branch at whose desk the person works, or which he visits."`
	ExpiresAt time.Time   `json:"expiresAt"`
}

// demoRoutes adds the demo's sign-in, which exists nowhere else: it gives a token to whoever asks.
func (s *server) demoRoutes() {
	if s.DemoSignIn == nil {
		return
	}
	register(s, operation{
		id: "demoSignIn", method: http.MethodGet, path: "/demo/sign-in", tag: "Demo", public: true,
		summary: "Be somebody of the demo",
	}, s.demoSignIn)
}

type demoInput struct {
	As string `query:"as" doc:"Who to be: customer or receptionist."`
}

type demoOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         DemoIdentity
}

func (s *server) demoSignIn(ctx context.Context, in *demoInput) (*demoOutput, error) {
	p := s.parameters(ctx)
	if in.As != string(domain.RoleCustomer) && in.As != string(domain.RoleReceptionist) {
		p.wrong("as", "must be customer or receptionist")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	who, err := s.DemoSignIn(ctx, in.As)
	if err != nil {
		return nil, err
	}
	return &demoOutput{CacheControl: "no-store", Body: who}, nil
}
