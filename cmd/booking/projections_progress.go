package main

import (
	"fmt"
	"io"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// How often progress is shown: in place on a terminal, else by another line.
const (
	showInPlace = 500 * time.Millisecond
	showByLine  = 5 * time.Second
)

// buildProgress shows a person how a build goes.
type buildProgress struct {
	to      io.Writer // nil: nobody looks
	inPlace bool
	every   time.Duration

	began, shown time.Time
	first        *eventstore.Position // where the build was when it was first seen
	drawn        bool
}

func (p *program) newProgress(quiet bool) *buildProgress {
	now := time.Now()
	s := &buildProgress{every: showByLine, began: now, shown: now}
	if quiet {
		return s
	}
	s.to = p.Stderr
	if isTerminal(p.Stderr) {
		s.inPlace, s.every = true, showInPlace
	}
	return s
}

func (s *buildProgress) due() bool { return s.to != nil && time.Since(s.shown) >= s.every }

func (s *buildProgress) show(b projections.Build, head eventstore.Position) {
	s.shown = time.Now()
	if s.first == nil {
		s.first, s.began = &b.Position, s.shown
	}
	s.draw(fmt.Sprintf("generation %d of %s: %s, %d events, %.0f a second%s",
		b.Generation, b.Projection, share(b.Position, head), b.Events, b.EventsPerSecond, s.left(b.Position, head)))
}

// draw shows a line, on a terminal in the place of the one before.
func (s *buildProgress) draw(line string) {
	if s.inPlace {
		s.drawn = true
		_, _ = fmt.Fprint(s.to, "\r\x1b[K"+line)
		return
	}
	_, _ = fmt.Fprintln(s.to, line)
}

// left tells how long it will take, if it goes on as it has gone since it was first seen.
func (s *buildProgress) left(at, head eventstore.Position) string {
	done := float64(at) - float64(*s.first)
	if done <= 0 || at >= head {
		return ""
	}
	left := time.Duration(float64(time.Since(s.began)) * float64(head-at) / done)
	return fmt.Sprintf(", about %v left", left.Round(time.Second))
}

// end takes the line away.
func (s *buildProgress) end() {
	if s.drawn {
		_, _ = fmt.Fprint(s.to, "\r\x1b[K")
	}
}
