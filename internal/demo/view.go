package demo

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/royalglow/booking/internal/demo/check"
)

const (
	redrawEvery = 200 * time.Millisecond // on a terminal
	lineEvery   = time.Second            // elsewhere
)

// showView shows the board until the context ends, and once more then. A view that cannot be written is given up without
// a word: the run is what matters.
func (t *town) showView(ctx context.Context) {
	if t.View == nil {
		return
	}
	every := lineEvery
	if t.TTY {
		every = redrawEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	lines := 0
	for {
		var err error
		lines, err = t.draw(lines)
		if err != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			_, _ = t.draw(lines)
			return
		}
	}
}

// draw shows the board as it is and returns how many lines it took; above is how many the last drawing took.
func (t *town) draw(above int) (int, error) {
	s := t.board.snapshot()
	if !t.TTY {
		_, err := io.WriteString(t.View, s.line()+"\n")
		return 0, err
	}
	lines := s.block()
	var out strings.Builder
	if above > 0 {
		fmt.Fprintf(&out, "\x1b[%dA", above)
	}
	for _, l := range lines {
		out.WriteString("\r\x1b[2K" + l + "\n")
	}
	_, err := io.WriteString(t.View, out.String())
	return len(lines), err
}

// snapshot is the board at one moment.
type snapshot struct {
	stage            string
	rate             float64
	branches, people int
	elapsed          time.Duration
	accepted         map[check.Action]int
	refused, reads   int
	heard            map[string]int
	latency          check.Percentiles
	sentences        []sentence
}

func (b *board) snapshot() snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := snapshot{
		stage: b.stage, rate: b.rate, branches: b.branches, people: b.people, refused: b.refused, reads: b.reads,
		accepted: maps.Clone(b.accepted), heard: maps.Clone(b.heard),
		latency: check.Rank(slices.Clone(b.latencies)), sentences: slices.Clone(b.sentences),
	}
	if !b.began.IsZero() {
		s.elapsed = time.Since(b.began)
	}
	return s
}

func (s snapshot) commands() int {
	n := s.refused
	for _, accepted := range s.accepted {
		n += accepted
	}
	return n
}

func (s snapshot) messages() int {
	n := 0
	for _, heard := range s.heard {
		n += heard
	}
	return n
}

// line is the board for a log file: no colour, nothing that moves the cursor.
func (s snapshot) line() string {
	if s.elapsed == 0 {
		return fmt.Sprintf("%s %s: %s", clock(0), s.stage, s.town())
	}
	return fmt.Sprintf("%s %s: %d commands (%d refused), %d messages arrived (%s), latency p50 %s p99 %s",
		clock(s.elapsed), s.stage, s.commands(), s.refused, s.messages(), s.arrivals(),
		millis(s.latency.P50), millis(s.latency.P99))
}

// arrivals tells how many messages came on which kind of channel.
func (s snapshot) arrivals() string {
	var kinds []string
	for _, k := range channelKinds() {
		kinds = append(kinds, fmt.Sprintf("%s %d", k, s.heard[k]))
	}
	return strings.Join(kinds, ", ")
}

// The looks of the block. They are written where they are used, so that a line's visible width stays easy to see.
const (
	bold  = "\x1b[1m"
	dim   = "\x1b[2m"
	green = "\x1b[32m"
	cyan  = "\x1b[36m"
	plain = "\x1b[0m"
)

// town tells who is there, and how busy.
func (s snapshot) town() string {
	branches := "1 branch"
	if s.branches != 1 {
		branches = fmt.Sprintf("%d branches", s.branches)
	}
	return fmt.Sprintf("%s, %d people, %g commands a second", branches, s.people, s.rate)
}

// block is the board for a terminal. Every line is shorter than 80 columns: one that wraps would spoil the redrawing. The
// number of lines is always the same.
func (s snapshot) block() []string {
	lines := []string{
		fmt.Sprintf("%sRoyal Glow%s  %s   %s%s %s%s", bold, plain, s.town(), cyan, clock(s.elapsed), s.stage, plain),
		"",
	}
	for _, g := range check.Groups() {
		lines = append(lines, row(g.Name, g.Verbs, func(v check.Verb) (string, int) { return v.Label, s.accepted[v.Action] }))
	}
	kinds := func(k string) (string, int) { return k, s.heard[k] }
	lines = append(lines, "",
		row("arrived", channelKinds()[:4], kinds), row("", channelKinds()[4:], kinds),
		fmt.Sprintf("%-10s%sp50%s %-9s %sp99%s %-9s %srefused%s %-5s %sreads%s %s", "latency",
			dim, plain, millis(s.latency.P50), dim, plain, millis(s.latency.P99),
			dim, plain, short(s.refused), dim, plain, short(s.reads)),
		"")
	for i := range recentSentences {
		line := ""
		if i < len(s.sentences) {
			e := s.sentences[i]
			line = fmt.Sprintf("%-10s%-20s %-26s %s%8s%s", "", clip(e.who, 20), clip(e.what, 26), green,
				millis(float64(e.took)/float64(time.Millisecond)), plain)
		}
		lines = append(lines, line)
	}
	return lines
}
