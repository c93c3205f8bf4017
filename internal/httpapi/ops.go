package httpapi

import (
	"context"
	"net/http"

	"github.com/royalglow/booking/commands/claimkeeper"
)

const opsTag = "Operations"

// Claims is the claim keeper, as *claimkeeper.Keeper is.
type Claims interface {
	Sweep(ctx context.Context) (claimkeeper.Report, error)
}

func (s *server) opsRoutes() {
	register(s, operation{
		id: "sweepClaims", method: http.MethodPost, path: "/api/ops/claims/sweep", tag: opsTag,
		summary: "Check every claim on a member's time against its booking",
		detail: "For owners and developers. The claim keeper does this by itself for what commands left behind; a sweep looks at " +
			"all that it knows, due or not. It is safe at any time.",
	}, s.sweepClaims)
}

type sweepOutput struct{ Body SweepView }

// SweepView is what a sweep has done.
type SweepView struct {
	Bookings int `json:"bookings" doc:"Bookings that were looked at."`
	Kept     int `json:"kept" doc:"Claims that their booking names."`
	Released int `json:"released" doc:"Claims that were given back."`
	Fenced   int `json:"fenced" doc:"Of those released, how many no booking had ever named."`
}

func (s *server) sweepClaims(ctx context.Context, _ *noInput) (*sweepOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	r, err := s.Claims.Sweep(ctx)
	if err != nil {
		return nil, err
	}
	return &sweepOutput{Body: SweepView{Bookings: r.Bookings, Kept: r.Kept, Released: r.Released, Fenced: r.Fenced}}, nil
}

// operatorsOnly refuses everyone but owners and developers.
func (s Session) operatorsOnly() error {
	if !s.Role.AllBranches() {
		return errForbidden()
	}
	return nil
}
