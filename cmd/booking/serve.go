package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
		return unlessStopped(ctx, log, err)
	}
	defer func() { err = errors.Join(err, closeTelemetry(ctx, tel)) }()
	e, err := openEngine(ctx, cfg, engineOptions{}, log, tel)
	if err != nil {
		return unlessStopped(ctx, log, err)
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

// unlessStopped returns why a server did not start, nil when it was told to stop before it had: everything that was opened
// is closed, which is all that was asked for. What the start broke off with differs with the moment and goes into the log.
func unlessStopped(ctx context.Context, log *slog.Logger, err error) error {
	if ctx.Err() == nil {
		return err
	}
	log.InfoContext(ctx, "told to stop before the start was over", slog.Any("error", err))
	return nil
}
