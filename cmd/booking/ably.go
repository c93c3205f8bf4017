package main

import (
	"context"
	"fmt"
	"net"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/ablylocal"
)

// ablyCommand groups what concerns the local Ably endpoint.
func (p *program) ablyCommand() *cli.Command {
	return &cli.Command{
		Name: "ably", Usage: "the local Ably endpoint, for development and tests",
		Commands: []*cli.Command{p.ablyServeCommand()}, Action: groupAction,
	}
}

// ablyServeCommand starts the endpoint alone, until a signal.
func (p *program) ablyServeCommand() *cli.Command {
	var listen, limits string
	var c ablylocal.Config
	return &cli.Command{
		Name: "serve", Usage: "start the local Ably endpoint alone",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:8090", Destination: &listen, Usage: "`HOST:PORT` to listen on"},
			&cli.StringFlag{Name: "key", Destination: &c.Key, Usage: "API `KEY` APP.KEY:SECRET; none: a random one, printed"},
			&cli.StringFlag{Name: "limits", Value: "standard", Destination: &limits, Usage: "`PACKAGE` whose limits hold: off, free or standard"},
			&cli.BoolFlag{Name: "expose", Destination: &c.Expose, Usage: "allow an address that is not loopback"},
			&cli.BoolFlag{Name: "revocable", Destination: &c.Revocable, Usage: "let the key's tokens be revoked; they then live an hour at most"},
			&cli.BoolFlag{Name: "revoke-channels", Destination: &c.RevokeChannels, Usage: "let tokens be revoked by channel too; needs -revocable"},
			&cli.BoolFlag{Name: "provision", Destination: &c.Provision, Usage: "answer POST /apps with the key, as Ably's integration tests want it"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			if host, _, err := net.SplitHostPort(listen); err != nil || (!c.Expose && !isLoopback(host)) {
				return usagef("-listen %q: give a loopback host:port, or add -expose", listen)
			}
			if c.RevokeChannels && !c.Revocable {
				return usagef("-revoke-channels needs -revocable")
			}
			var err error
			if c.Limits, err = ablylocal.ParseLimits(limits); err != nil {
				return &usageError{err: err}
			}
			if c.Logger, err = p.logger("text", "info"); err != nil {
				return err
			}
			server, err := ablylocal.New(c)
			if err != nil {
				return &usageError{err: err}
			}
			var lc net.ListenConfig
			ln, err := lc.Listen(ctx, "tcp", listen)
			if err != nil {
				return unlessStopped(ctx, c.Logger, fmt.Errorf("listen: %w", err))
			}
			p.say(p.Stdout, "ably http://%s\nABLY_ENDPOINT=%s\nABLY_PRIVATE_KEY=%s\n", ln.Addr(), ln.Addr(), server.Key())
			return server.Run(ctx, ln)
		},
	}
}
