package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
)

// usersCommand groups what concerns those who sign in.
func (p *program) usersCommand() *cli.Command {
	return &cli.Command{
		Name: "users", Usage: "what those who sign in may still hear",
		Commands: []*cli.Command{p.revokeCommand()}, Action: groupAction,
	}
}

func (p *program) revokeCommand() *cli.Command {
	var f opsFlags
	return &cli.Command{
		Name: "revoke", Usage: "end the realtime tokens of a user", ArgsUsage: "USER-ID",
		Description: "Pages that listen with one ask for another at once, and get what the user's session still allows:\n" +
			"take the role or the session away first, where users sign in. Where the Ably key is not revocable\n" +
			"(ABLY_REVOCABLE) nothing is done, the answer says when the last of the tokens ends, and the exit code is 1.",
		Flags: f.flags(p),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			id, err := oneArg(cmd, "the user's id")
			if err != nil {
				return err
			}
			if !domain.ValidID(domain.UserPrefix, id) {
				return usagef("%q is not an id of the form usr_…", id)
			}
			client, err := p.opsClient(f)
			if err != nil {
				return err
			}
			var done httpapi.RevocationView
			if err := client.do(ctx, http.MethodPost, "/api/ops/users/"+id+"/revoke", nil, &done); err != nil {
				return err
			}
			if done.Revoked {
				return p.answer(f, done, fmt.Sprintf("The realtime tokens of %s have ended.\n", id))
			}
			if err := p.answer(f, done, ""); err != nil {
				return err
			}
			return &foundError{what: []string{fmt.Sprintf(
				"not revoked: the Ably key is not revocable, and the last realtime token of %s ends at %s", id, done.EndsBy.Format(time.RFC3339),
			)}}
		},
	}
}
