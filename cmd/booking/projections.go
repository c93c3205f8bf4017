package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/projections"
)

// projectionsCommand groups what concerns the read models.
func (p *program) projectionsCommand() *cli.Command {
	return &cli.Command{
		Name: "projections", Usage: "the read models: what they are doing, and to build them anew",
		Description: "On a running engine (-data or -url) or, when none runs on the folder, on its database itself.",
		Commands: []*cli.Command{
			p.listCommand(), p.statusCommand(), p.rebuildCommand(), p.rollbackCommand(), p.pauseCommand(), p.resumeCommand(),
			p.skipCommand(), p.auditCommand(),
		},
		Action: groupAction,
	}
}

// deskFlags say where an operator works: at a running engine, or at what one on the folder would use.
type deskFlags struct {
	opsFlags
	store    string
	database string
}

func (f *deskFlags) flags(p *program, more ...cli.Flag) []cli.Flag {
	return append(append(more, f.opsFlags.flags(p)...),
		&cli.StringFlag{Name: "eventstore-url", Value: p.Getenv("EVENTSTORE_URL"), Destination: &f.store, Usage: "esdb:// `URL` of the cluster, when no engine runs; none: the folder's node [EVENTSTORE_URL]", HideDefault: true},
		&cli.StringFlag{Name: "database-url", Value: p.Getenv("DATABASE_URL"), Destination: &f.database, Usage: "`URL` of the read models' database, when no engine runs; none: the folder's file [DATABASE_URL]", HideDefault: true},
	)
}

// at opens the desk, lets do work at it and closes it.
func (p *program) at(ctx context.Context, f deskFlags, do func(d desk) error) (err error) {
	d, err := p.openDesk(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return do(d)
}

// overviewCommand is one that tells of all read models.
func (p *program) overviewCommand(
	name, usage string, tell func(all projections.Overview) (answer any, words string),
) *cli.Command {
	var f deskFlags
	return &cli.Command{
		Name: name, Usage: usage, Flags: f.flags(p),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			return p.at(ctx, f, func(d desk) error {
				all, err := d.Overview(ctx)
				if err != nil {
					return err
				}
				answer, words := tell(all)
				return p.answer(f.opsFlags, answer, words)
			})
		},
	}
}

func (p *program) listCommand() *cli.Command {
	return p.overviewCommand("list", "the read models, their versions and the generations that are read",
		func(all projections.Overview) (any, string) { return newListAnswer(all), listWords(all) })
}

func (p *program) statusCommand() *cli.Command {
	return p.overviewCommand("status", "what the read models are doing",
		func(all projections.Overview) (any, string) { return all, statusWords(all) })
}

// changeCommand is one that does something to one read model and says what has come of it.
func (p *program) changeCommand(
	cmd *cli.Command, f *deskFlags, change func(ctx context.Context, d desk, name string) (answer any, words string, err error),
) *cli.Command {
	cmd.ArgsUsage = "NAME"
	cmd.Action = func(ctx context.Context, cmd *cli.Command) error {
		name, err := oneArg(cmd, "the read model's name")
		if err != nil {
			return err
		}
		return p.at(ctx, *f, func(d desk) error {
			answer, words, err := change(ctx, d, name)
			if err != nil {
				return err
			}
			return p.answer(f.opsFlags, answer, words)
		})
	}
	return cmd
}

func (p *program) rollbackCommand() *cli.Command {
	var f deskFlags
	return p.changeCommand(&cli.Command{
		Name: "rollback", Usage: "let the generation before be read again, at once", Flags: f.flags(p),
	}, &f, func(ctx context.Context, d desk, name string) (any, string, error) {
		b, err := d.Rollback(ctx, name)
		return newRebuildAnswer(b), fmt.Sprintf("%s is read from generation %d again.\n", name, b.Generation), err
	})
}

func (p *program) pauseCommand() *cli.Command {
	var f deskFlags
	return p.changeCommand(&cli.Command{
		Name: "pause", Usage: "stop a read model where it is, until it is resumed", Flags: f.flags(p),
	}, &f, func(ctx context.Context, d desk, name string) (any, string, error) {
		s, err := d.Pause(ctx, name, httpapi.OperatorID)
		return s, fmt.Sprintf("%s is paused at position %d; what is read stays as it is.\n", name, s.Position), err
	})
}

func (p *program) resumeCommand() *cli.Command {
	var f deskFlags
	return p.changeCommand(&cli.Command{
		Name: "resume", Usage: "end a pause; one that has halted tries again", Flags: f.flags(p),
	}, &f, func(ctx context.Context, d desk, name string) (any, string, error) {
		s, err := d.Resume(ctx, name)
		return s, fmt.Sprintf("%s goes on from position %d.\n", name, s.Position), err
	})
}

func (p *program) skipCommand() *cli.Command {
	var f deskFlags
	var at uint64
	return p.changeCommand(&cli.Command{
		Name: "skip", Usage: "let a halted read model pass over the event that it has halted at",
		Description: "The event's stream is set aside from there on: what is read of it stays as it is until it is rebuilt by a program\n" +
			"that understands the event (rebuild NAME -stream STREAM).",
		Flags: f.flags(p, &cli.Uint64Flag{Name: "position", Destination: &at, Usage: "`POSITION` at which it must have halted; none: wherever", HideDefault: true}),
	}, &f, func(ctx context.Context, d desk, name string) (any, string, error) {
		s, err := d.Skip(ctx, name, eventstore.Position(at), httpapi.OperatorID)
		return s, fmt.Sprintf("%s passes over %s at position %d; the stream %s is set aside from there on.\n", name, s.EventType, s.Position, s.Stream), err
	})
}
