package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// listAnswer is what "projections list -json" prints.
type listAnswer struct {
	Projections []listedProjection `json:"projections"`
}

type listedProjection struct {
	Name       string `json:"name"`
	Version    int    `json:"version"`
	Generation int64  `json:"generation"`
	Previous   int64  `json:"previous,omitempty"`
}

func newListAnswer(all projections.Overview) listAnswer {
	a := listAnswer{Projections: []listedProjection{}}
	for _, s := range all.Projections {
		a.Projections = append(a.Projections, listedProjection{s.Name, s.Version, s.Generation, s.Previous})
	}
	return a
}

// columns aligns lines whose cells tabs part.
func columns(lines [][]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, cells := range lines {
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t")) // a builder takes all
	}
	_ = w.Flush()
	lean := strings.Split(b.String(), "\n")
	for i := range lean {
		lean[i] = strings.TrimRight(lean[i], " ")
	}
	return strings.Join(lean, "\n")
}

func listWords(all projections.Overview) string {
	lines := [][]string{{"NAME", "VERSION", "GENERATION", "BEFORE"}}
	for _, s := range all.Projections {
		lines = append(lines, []string{s.Name, strconv.Itoa(s.Version), number(s.Generation), number(s.Previous)})
	}
	return columns(lines)
}

// number writes a generation; there is none with number zero.
func number(n int64) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatInt(n, 10)
}

func statusWords(all projections.Overview) string {
	lines := [][]string{{"NAME", "VERSION", "GENERATION", "STATE", "POSITION", "LAG", "OWNER", "TERM", "REBUILD"}}
	var notes strings.Builder
	for _, s := range all.Projections {
		building := "-"
		if s.Rebuild != nil {
			building = fmt.Sprintf("generation %d %s, %s", s.Rebuild.Generation, s.Rebuild.State, share(s.Rebuild.Position, all.Position))
		}
		lines = append(lines, []string{
			s.Name, strconv.Itoa(s.Version), number(s.Generation), s.State, strconv.FormatUint(uint64(s.Position), 10), lagWords(s.LagSeconds),
			cmp.Or(s.Owner, "-"), strconv.FormatInt(s.Term, 10), building,
		})
		remark(&notes, s)
	}
	return columns(lines) + notes.String() + fmt.Sprintf("The log ends at position %d.\n", all.Position)
}

// remark says what is unusual about a read model.
func remark(b *strings.Builder, s projections.Status) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(b, s.Name+" "+format+"\n", args...) }
	if h := s.Halt; h != nil {
		if h.Stream == "" {
			say("halted %s: %s", h.At.Format(time.DateTime), h.Reason)
		} else {
			say("halted %s at %s (%s@%d, position %d): %s", h.At.Format(time.DateTime), h.EventType, h.Stream, h.Revision, h.Position, h.Reason)
		}
	}
	if !s.PausedAt.IsZero() {
		say("was paused %s by %s", s.PausedAt.Format(time.DateTime), s.PausedBy)
	}
	if s.Error != "" {
		say("tries again: %s", s.Error)
	}
	for _, aside := range s.Skipped {
		say("passes over %s from position %d on, since %s, by %s", aside.Stream, aside.Position, aside.SkippedAt.Format(time.DateTime), aside.SkippedBy)
	}
}

// share is how far along the log a position is. Positions are not counts, so that is not exact.
func share(at, head eventstore.Position) string {
	if head == 0 {
		return "about 100 %"
	}
	return fmt.Sprintf("about %.0f %%", 100*min(1, float64(at)/float64(head)))
}

func lagWords(seconds float64) string {
	lag := time.Duration(seconds * float64(time.Second))
	switch {
	case lag == 0:
		return "0s"
	case lag < time.Second:
		return lag.Round(time.Millisecond).String()
	}
	return lag.Round(time.Second).String()
}
