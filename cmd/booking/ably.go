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
	var listen, key, limits string
	var expose, revocable, provision bool
	return &cli.Command{
		Name: "serve", Usage: "start the local Ably endpoint alone",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:8090", Destination: &listen, Usage: "`HOST:PORT` to listen on"},
			&cli.StringFlag{Name: "key", Destination: &key, Usage: "API `KEY` APP.KEY:SECRET; none: a random one, printed"},
			&cli.StringFlag{Name: "limits", Value: "standard", Destination: &limits, Usage: "`PACKAGE` whose limits hold: off, free or standard"},
			&cli.BoolFlag{Name: "expose", Destination: &expose, Usage: "allow an address that is not loopback"},
			&cli.BoolFlag{Name: "revocable", Destination: &revocable, Usage: "let the key's tokens be revoked; they then live an hour at most"},
			&cli.BoolFlag{Name: "provision", Destination: &provision, Usage: "answer POST /apps with the key, as Ably's integration tests want it"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			if host, _, err := net.SplitHostPort(listen); err != nil || (!expose && !isLoopback(host)) {
				return usagef("-listen %q: give a loopback host:port, or add -expose", listen)
			}
			parsed, err := ablylocal.ParseLimits(limits)
			if err != nil {
				return &usageError{err: err}
			}
			log, err := p.logger("text", "info")
			if err != nil {
				return err
			}
			server, err := ablylocal.New(ablylocal.Config{Key: key, Limits: parsed, Expose: expose, Revocable: revocable, Provision: provision, Logger: log})
			if err != nil {
				return &usageError{err: err}
			}
			var lc net.ListenConfig
			ln, err := lc.Listen(ctx, "tcp", listen)
			if err != nil {
				return unlessStopped(ctx, log, fmt.Errorf("listen: %w", err))
			}
			p.say(p.Stdout, "ably http://%s\nABLY_ENDPOINT=%s\nABLY_PRIVATE_KEY=%s\n", ln.Addr(), ln.Addr(), server.Key())
			return server.Run(ctx, ln)
		},
	}
}
