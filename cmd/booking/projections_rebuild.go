package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/projections"
)

// defaultBudget is by how much a rebuild beside a running engine may slow commands down unless it is told.
const defaultBudget = 5 * time.Millisecond

// lookAtBuild is how often a build is looked at by who waits for it.
const lookAtBuild = 100 * time.Millisecond

// rebuildFlags say how a read model is rebuilt.
type rebuildFlags struct {
	deskFlags
	budget    time.Duration
	fullSpeed bool
	force     bool
	noWait    bool
	stream    string
	cancel    bool
}

func (p *program) rebuildCommand() *cli.Command {
	var f rebuildFlags
	return &cli.Command{
		Name: "rebuild", Usage: "build a read model anew from the log, beside the one that is read", ArgsUsage: "NAME",
		Description: "The new generation goes live by itself once it holds what the one before holds; that one is kept for a rollback.\n" +
			"Beside a running engine it gives way to commands; without one it is built here, at full speed.",
		Flags: f.flags(p,
			&cli.DurationFlag{Name: "budget", Destination: &f.budget, Usage: "by how `MUCH` commands may be slowed down (99th percentile)", Value: defaultBudget},
			&cli.BoolFlag{Name: "full-speed", Destination: &f.fullSpeed, Usage: "do not give way to commands"},
			&cli.BoolFlag{Name: "force", Destination: &f.force, Usage: "let it go live even where it differs from what is read"},
			&cli.BoolFlag{Name: "no-wait", Destination: &f.noWait, Usage: "do not wait for the end"},
			&cli.StringFlag{Name: "stream", Destination: &f.stream, Usage: "rebuild only what is held of this `STREAM`, in place"},
			&cli.BoolFlag{Name: "cancel", Destination: &f.cancel, Usage: "give up the rebuild that is running"}),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			name, err := oneArg(cmd, "the read model's name")
			if err != nil {
				return err
			}
			if err := f.validate(cmd); err != nil {
				return err
			}
			return p.at(ctx, f.deskFlags, func(d desk) error { return p.rebuild(ctx, d, name, f) })
		},
	}
}

func (f rebuildFlags) validate(cmd *cli.Command) error {
	switch {
	case f.budget <= 0 || f.budget > time.Minute:
		return usagef("-budget %v: give a time of at most 1m such as 5ms, or -full-speed", f.budget)
	case f.fullSpeed && cmd.IsSet("budget"):
		return usagef("-budget and -full-speed contradict each other: keep one")
	case f.stream != "" && (f.force || f.noWait || f.cancel || f.fullSpeed || cmd.IsSet("budget")):
		return usagef("-stream goes with no other: what it rebuilds is done at once")
	case f.cancel && (f.force || f.noWait):
		return usagef("-cancel goes with no other: give it alone")
	}
	return nil
}

func (p *program) rebuild(ctx context.Context, d desk, name string, f rebuildFlags) error {
	if f.cancel {
		b, err := d.Cancel(ctx, name, httpapi.OperatorID)
		if err != nil {
			return err
		}
		return p.answer(f.opsFlags, newRebuildAnswer(b), fmt.Sprintf("Generation %d of %s was given up; what is read is as it was.\n", b.Generation, name))
	}
	if f.stream != "" {
		done, err := d.RebuildStream(ctx, name, f.stream)
		if err != nil {
			return err
		}
		return p.answer(f.opsFlags, done, streamWords(done))
	}
	wish := projections.Rebuild{By: httpapi.OperatorID, Budget: f.budget, Force: f.force}
	if f.fullSpeed || !d.Running() {
		wish.Budget = 0
	}
	b, err := d.Rebuild(ctx, name, wish)
	if err != nil {
		return err
	}
	if f.noWait {
		words := fmt.Sprintf("Generation %d of %s is being built.\n", b.Generation, name)
		if !d.Running() {
			words = fmt.Sprintf("Generation %d of %s will be built by the next engine that starts.\n", b.Generation, name)
		}
		return p.answer(f.opsFlags, newRebuildAnswer(b), words)
	}
	if b, err = p.await(ctx, d, b, f.json); err != nil {
		return err
	}
	if err := p.answer(f.opsFlags, newRebuildAnswer(b), rebuiltWords(b)); err != nil {
		return err
	}
	return verdictOf(b, f.force)
}

// verdictOf says that a rebuild was not what it should be.
func verdictOf(b projections.Build, force bool) error {
	switch {
	case !b.Swapped:
		return &foundError{[]string{fmt.Sprintf("the rebuild of %s failed: %s", b.Projection, b.Error)}}
	case !b.Verified && !force:
		return &foundError{[]string{fmt.Sprintf("generation %d of %s is read without having been compared with the one before", b.Generation, b.Projection)}}
	}
	return nil
}

// await waits until a build is over, and lets the desk work meanwhile.
func (p *program) await(ctx context.Context, d desk, begun projections.Build, quiet bool) (b projections.Build, err error) {
	name, generation := begun.Projection, begun.Generation
	working := goBackground(ctx, func(ctx context.Context) error { return d.Work(ctx, name) })
	defer func() { err = errors.Join(err, working.Stop()) }()
	show := p.newProgress(quiet)
	defer show.end()
	tick := time.NewTicker(lookAtBuild)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return b, fmt.Errorf("stopped waiting: generation %d of %s goes on being built as long as an engine runs", generation, name)
		case <-working.Done():
			return b, errors.Join(fmt.Errorf("the build of generation %d of %s ended early", generation, name), working.err)
		case <-tick.C:
		}
		if b, err = d.Build(ctx, name, generation); err != nil {
			if ctx.Err() != nil {
				continue
			}
			return b, err
		}
		if b.Over() {
			return b, nil
		}
		if err := d.Check(ctx, b); err != nil {
			return b, err
		}
		if show.due() {
			if all, err := d.Overview(ctx); err == nil {
				show.show(b, all.Position)
			}
		}
	}
}

// rebuildAnswer is what "projections rebuild -json" prints.
type rebuildAnswer struct {
	Projection      string                      `json:"projection"`
	Generation      int64                       `json:"generation"`
	Previous        int64                       `json:"previous"`
	Events          int64                       `json:"events"`
	Seconds         float64                     `json:"seconds"`
	EventsPerSecond float64                     `json:"eventsPerSecond"`
	Verified        bool                        `json:"verified"`
	Hash            string                      `json:"hash"`
	Swapped         bool                        `json:"swapped"`
	State           projections.GenerationState `json:"state"`
	Error           string                      `json:"error,omitempty"`
}

func newRebuildAnswer(b projections.Build) rebuildAnswer {
	return rebuildAnswer{
		Projection: b.Projection, Generation: b.Generation, Previous: b.Previous, Events: b.Events, Seconds: b.Seconds,
		EventsPerSecond: b.EventsPerSecond, Verified: b.Verified, Hash: b.Hash, Swapped: b.Swapped, State: b.State, Error: b.Error,
	}
}

func rebuiltWords(b projections.Build) string {
	if !b.Swapped {
		return fmt.Sprintf("Generation %d of %s was given up; what is read is as it was.\n", b.Generation, b.Projection)
	}
	compared := "not compared with the one before"
	if b.Verified {
		compared = "verified: it holds what the one before held"
	}
	return fmt.Sprintf("%s is read from generation %d (before: %s).\n  %d events in %.1f s, %.0f a second\n  %s\n  sha256 %s\n",
		b.Projection, b.Generation, number(b.Previous), b.Events, b.Seconds, b.EventsPerSecond, compared, b.Hash)
}
