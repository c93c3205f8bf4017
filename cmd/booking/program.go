package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"
	"go.opentelemetry.io/otel"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/telemetry"
)

// Exit codes of the command line.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// program is one run of the binary. Tests run it with writers and an environment of their own.
type program struct {
	Args   []string // Args[0] is the name of the binary
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	// LeastRoom is what a disk must have left for a read model to be rebuilt on it, in bytes. Zero: leastRoom.
	LeastRoom uint64
}

// usageError is a mistake in how a command was called: exit code 2.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &usageError{err: fmt.Errorf(format, args...)}
}

// foundError means that the work was done and its answer, printed already, is bad: exit code 1 and nothing more to say.
type foundError struct{ what []string }

func (e *foundError) Error() string { return strings.Join(e.what, "; ") }

// Run executes the command line and returns the exit code.
func (p *program) Run(ctx context.Context) int {
	root := p.root()
	err := root.Run(ctx, p.Args)
	if err == nil {
		return exitOK
	}
	code, name := exitFailed, errorName(err)
	if _, ok := errors.AsType[*usageError](err); ok {
		code, name = exitUsage, "USAGE"
	}
	found, isFound := errors.AsType[*foundError](err)
	switch {
	case isFound:
		// The one line on stdout is the answer; what is wrong with it is for people.
		p.say(p.Stderr, "booking: %s\n", found)
	case p.wantsJSON():
		p.printErrorJSON(name, err)
	default:
		p.say(p.Stderr, "booking: %v\n", err)
	}
	return code
}

func (p *program) root() *cli.Command {
	root := &cli.Command{
		Name:      "booking",
		Usage:     "an event-sourced booking engine for salons",
		Writer:    p.Stdout,
		ErrWriter: p.Stderr,
		Commands: []*cli.Command{
			p.serveCommand(), p.demoCommand(), p.migrateCommand(), p.eventstoreCommand(), p.ablyCommand(), p.claimsCommand(),
			p.customersCommand(), p.usersCommand(), p.projectionsCommand(), p.deliveriesCommand(), p.adoptCommand(), p.tokenCommand(),
		},
		// The library would exit the process; the code is chosen in Run.
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
		Action:         groupAction,
	}
	finish(root)
	return root
}

// finish gives every command of the tree the same manners: usage mistakes are errors of ours, not help texts.
func finish(cmd *cli.Command) {
	cmd.OnUsageError = func(_ context.Context, _ *cli.Command, err error, _ bool) error { return &usageError{err: err} }
	cmd.HideHelpCommand = len(cmd.Commands) == 0
	for _, sub := range cmd.Commands {
		finish(sub)
	}
}

// groupAction is what a command does that only groups others: it shows them, or refuses a name that is none of them.
func groupAction(_ context.Context, cmd *cli.Command) error {
	if arg := cmd.Args().First(); arg != "" {
		return usagef("unknown command %q: try %q", arg, cmd.FullName()+" --help")
	}
	return cli.ShowSubcommandHelp(cmd)
}

// noArgs refuses words that a command has no use for; a forgotten dash must not be ignored.
func noArgs(cmd *cli.Command) error {
	if arg := cmd.Args().First(); arg != "" {
		return usagef("unexpected argument %q: try %q", arg, cmd.FullName()+" --help")
	}
	return nil
}

// wantsJSON looks at the raw words, because the mistake may be that they could not be parsed.
func (p *program) wantsJSON() bool {
	return slices.ContainsFunc(p.Args, func(a string) bool {
		name, value, given := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(a, "-"), "-"), "=")
		on, err := strconv.ParseBool(value)
		return strings.HasPrefix(a, "-") && name == "json" && (!given || (err == nil && on))
	})
}

// errorName is the code of an error for programs: what a command or the API is refused with keeps its own.
func errorName(err error) string {
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		return string(refusal.Code)
	}
	if refused, ok := errors.AsType[*refusedError](err); ok && refused.code != "" {
		return refused.code
	}
	return "FAILED"
}

func (p *program) printErrorJSON(code string, err error) {
	line, _ := json.Marshal(map[string]any{ //nolint:errchkjson // two strings always marshal
		"error": map[string]string{"code": code, "message": err.Error()},
	})
	p.say(p.Stdout, "%s\n", line)
}

// say prints to a terminal or pipe; when nobody reads it any more there is nobody to tell.
func (p *program) say(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format, args...)
}

// orEnv returns the environment variable, or the default when it is empty.
func (p *program) orEnv(name, value string) string {
	if v := p.Getenv(name); v != "" {
		return v
	}
	return value
}

// logger returns a logger that writes to stderr. What the tracing library has to say goes there too, in the same form.
func (p *program) logger(format, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, usagef("log level %q: use debug, info, warn or error", level)
	}
	log, err := telemetry.NewLogger(p.Stderr, format, l)
	if err != nil {
		return nil, &usageError{err: err}
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		log.Warn("tracing", slog.Any("error", err))
	}))
	return log, nil
}
