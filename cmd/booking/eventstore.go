package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/esdbnode"
)

// eventstoreCommand groups what concerns the embedded EventStoreDB node.
func (p *program) eventstoreCommand() *cli.Command {
	return &cli.Command{
		Name: "eventstore", Usage: "the embedded EventStoreDB node",
		Commands: []*cli.Command{p.eventstoreServeCommand()}, Action: groupAction,
	}
}

// nodeFlags are what the node can be told when it runs alone.
type nodeFlags struct {
	listen, data, cert, key, password string
}

// eventstoreServeCommand starts the node alone, until a signal.
func (p *program) eventstoreServeCommand() *cli.Command {
	var f nodeFlags
	return &cli.Command{
		Name: "serve", Usage: "start the node alone: on loopback, or anywhere with TLS and a password",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:2113", Destination: &f.listen, Usage: "`HOST:PORT` to listen on"},
			&cli.StringFlag{Name: "data", Value: p.orEnv("DATA_DIR", "booking-data"), Destination: &f.data, Usage: "`FOLDER`; the node's files are in its folder eventstore [DATA_DIR]"},
			&cli.StringFlag{Name: "tls-cert", Destination: &f.cert, Usage: "`FILE` with the certificate, PEM"},
			&cli.StringFlag{Name: "tls-key", Destination: &f.key, Usage: "`FILE` with its key, PEM"},
			&cli.StringFlag{Name: "password", Value: p.orEnv("EVENTSTORE_PASSWORD", ""), Destination: &f.password, Usage: "`PASSWORD` of the user admin; needs TLS [EVENTSTORE_PASSWORD]", HideDefault: true},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			return p.serveNode(ctx, f)
		},
	}
}

func (p *program) serveNode(ctx context.Context, f nodeFlags) (err error) {
	if host, _, err := net.SplitHostPort(f.listen); err != nil || (!isLoopback(host) && (f.cert == "" || f.password == "")) {
		return usagef("-listen %q: give a loopback host:port, or add -tls-cert, -tls-key and -password", f.listen)
	}
	access, scheme, err := f.access()
	if err != nil {
		return err
	}
	log, err := p.logger("text", "info")
	if err != nil {
		return err
	}
	c := &Config{DataDir: f.data}
	if err := c.absolute(); err != nil {
		return err
	}
	node, err := esdbnode.Open(ctx, esdbnode.Config{Dir: c.path("eventstore"), Logger: log})
	if err != nil {
		return unlessStopped(ctx, log, err)
	}
	defer func() { err = errors.Join(err, node.Close()) }()
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", f.listen)
	if err != nil {
		return unlessStopped(ctx, log, fmt.Errorf("listen: %w", err))
	}
	p.say(p.Stdout, "EVENTSTORE_URL=esdb://%s%s\n", ln.Addr(), scheme)
	return node.Serve(ctx, ln, access)
}

// access turns the flags into what the node asks of its callers.
func (f nodeFlags) access() (esdbnode.Access, string, error) {
	if (f.cert == "") != (f.key == "") {
		return esdbnode.Access{}, "", usagef("-tls-cert and -tls-key belong together: give both or neither")
	}
	if f.cert == "" {
		if f.password != "" {
			return esdbnode.Access{}, "", usagef("-password without TLS would travel in clear: give -tls-cert and -tls-key too")
		}
		return esdbnode.Access{}, "?tls=false", nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return esdbnode.Access{}, "", usagef("read certificate: %w", err)
	}
	return esdbnode.Access{
		TLS: &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, Password: f.password,
	}, "?tls=true", nil
}
