package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/httpapi"
)

// claimsCommand groups what concerns the claims on members' time.
func (p *program) claimsCommand() *cli.Command {
	return &cli.Command{
		Name: "claims", Usage: "the claims of bookings on members' time",
		Commands: []*cli.Command{p.sweepCommand()}, Action: groupAction,
	}
}

func (p *program) sweepCommand() *cli.Command {
	var f opsFlags
	return &cli.Command{
		Name: "sweep", Usage: "check every claim against its booking, and give back what none names",
		Description: "The claim keeper does this by itself for what commands left behind. A sweep looks at all that it knows, due or not.\n" +
			"It is safe at any time, beside running commands.",
		Flags: f.flags(p),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			client, err := p.opsClient(f)
			if err != nil {
				return err
			}
			var r httpapi.SweepView
			if err := client.do(ctx, http.MethodPost, "/api/ops/claims/sweep", nil, &r); err != nil {
				return err
			}
			return p.answer(f, r, fmt.Sprintf("%d bookings: %d claims kept, %d released (%d of them fenced)\n",
				r.Bookings, r.Kept, r.Released, r.Fenced))
		},
	}
}
