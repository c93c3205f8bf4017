package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/telemetry"
)

// flushTelemetry is how long the last spans may take to be sent.
const flushTelemetry = 5 * time.Second

// serveCommand runs the engine until a signal.
func (p *program) serveCommand() *cli.Command {
	var cfg Config
	return &cli.Command{
		Name: "serve", Usage: "run the engine: API, page, read models, publisher",
		Flags: cfg.flags(p.Getenv),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			if err := cfg.Validate(); err != nil {
				return err
			}
			return p.serve(ctx, cfg)
		},
	}
}

func (p *program) serve(ctx context.Context, cfg Config) (err error) {
	log, err := p.logger(cfg.LogFormat, cfg.LogLevel)
	if err != nil {
		return err
	}
	tel, err := telemetry.Open(ctx, p.Getenv, p.Stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTelemetry(ctx, tel)) }()
	e, err := openEngine(ctx, cfg, engineOptions{}, log, tel)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }() //nolint:contextcheck // what is closed must not stay open because a context has ended
	return e.Run(ctx, func() error {
		_, err := fmt.Fprintf(p.Stdout, "booking %s\n", e.URL())
		return err
	})
}

func closeTelemetry(ctx context.Context, tel *telemetry.Providers) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTelemetry)
	defer cancel()
	return tel.Close(ctx)
}
