package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/projections"
)

// auditAnswer is what "projections audit -json" prints.
type auditAnswer struct {
	Clean   bool                      `json:"clean"` // or healed
	Reports []projections.AuditReport `json:"reports"`
}

// mostSampled bounds how many streams one audit draws, as the API does.
const mostSampled = 100_000

func (p *program) auditCommand() *cli.Command {
	var f deskFlags
	var o projections.AuditOptions
	return &cli.Command{
		Name: "audit", Usage: "compare a sample of rows with what the log makes of them", ArgsUsage: "[NAME]",
		Description: "Without a name all read models are audited. Nothing is changed unless it is to heal. The exit code is 1 when a row\n" +
			"was found that is not what the log makes of it, and was not healed.",
		Flags: f.flags(p,
			&cli.IntFlag{Name: "sample", Destination: &o.Sample, Usage: "how `MANY` streams are drawn, at least one from each table; 100, or none when streams are named", HideDefault: true},
			&cli.StringSliceFlag{Name: "stream", Destination: &o.Streams, Usage: "a `STREAM` that is compared in any case; may be repeated"},
			&cli.BoolFlag{Name: "heal", Destination: &o.Heal, Usage: "rebuild each stream that has drifted"}),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() > 1 {
				return usagef("give one read model's name, or none for all: try %q", cmd.FullName()+" --help")
			}
			if len(o.Streams) > 0 && cmd.Args().Len() == 0 {
				return usagef("-stream %s: give the read model's name as well, because no stream is used by all of them", o.Streams[0])
			}
			if o.Sample < 0 || o.Sample > mostSampled {
				return usagef("-sample %d: give a number of streams, at most %d", o.Sample, mostSampled)
			}
			return p.at(ctx, f, func(d desk) error { return p.audit(ctx, d, f, cmd.Args().First(), o) })
		},
	}
}

func (p *program) audit(ctx context.Context, d desk, f deskFlags, name string, o projections.AuditOptions) error {
	names := []string{name}
	if name == "" {
		all, err := d.Overview(ctx)
		if err != nil {
			return err
		}
		names = nil
		for _, s := range all.Projections {
			names = append(names, s.Name)
		}
	}
	answer := auditAnswer{Clean: true}
	var found []string
	var words strings.Builder
	for _, name := range names {
		r, err := d.Audit(ctx, name, o)
		if err != nil {
			return err
		}
		answer.Reports = append(answer.Reports, r)
		words.WriteString(auditWords(r))
		if left := unhealed(r); left > 0 {
			answer.Clean = false
			found = append(found, fmt.Sprintf("%s: %d streams are not what the log makes of them", name, left))
		}
	}
	if err := p.answer(f.opsFlags, answer, words.String()); err != nil {
		return err
	}
	if len(found) > 0 {
		return &foundError{found}
	}
	return nil
}

// unhealed counts the streams that are not, or are not known to be, what the log makes of them.
func unhealed(r projections.AuditReport) int {
	bad := map[string]bool{}
	for _, d := range r.Drifted {
		bad[d.Stream] = true
	}
	for _, stream := range r.Healed {
		delete(bad, stream)
	}
	for _, refused := range r.Refused {
		bad[refused.Stream] = true
	}
	return len(bad)
}

func auditWords(r projections.AuditReport) string {
	var b strings.Builder
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	say("%s: %d streams compared at position %d, %d rows are not what the log makes of them", r.Projection, r.Audited, r.Position, len(r.Drifted))
	for _, d := range r.Drifted {
		what := string(d.Kind)
		if len(d.Columns) > 0 {
			what += " in " + strings.Join(d.Columns, ", ")
		}
		say("  %s: a row of %s %s", d.Stream, d.Table, what)
	}
	for _, refused := range r.Refused {
		say("  %s: %s", refused.Stream, refused.Reason)
	}
	for _, stream := range r.Healed {
		say("  %s was rebuilt", stream)
	}
	return b.String()
}

func streamWords(done projections.StreamRebuild) string {
	again := ""
	if done.Resumed {
		again = "; it is followed again"
	}
	return fmt.Sprintf("What %s holds of %s was made anew: %d events folded, %d rows replaced%s.\n",
		done.Projection, strings.Join(done.Streams, ", "), done.Events, done.Replaced, again)
}
