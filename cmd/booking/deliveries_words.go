package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/royalglow/booking/publishers"
)

func deliveryWords(page []publishers.Delivered, next publishers.DeliveryCursor) string {
	if len(page) == 0 {
		return "There is no such delivery.\n"
	}
	lines := [][]string{{"AT", "EVENT", "CHANNEL", "MESSAGES", "OUTCOME", "ATTEMPTS", "LATENCY"}}
	for _, d := range page {
		lines = append(lines, []string{
			d.At.Format(time.DateTime), d.EventID, d.Channel, strings.Join(d.Messages, ","), d.Outcome, strconv.Itoa(d.Attempts),
			strconv.FormatFloat(d.LatencyMs, 'f', 1, 64) + " ms",
		})
	}
	words := columns(lines)
	if next != "" {
		words += fmt.Sprintf("There are more: -after %s\n", next)
	}
	return words
}

func refusedWords(refused []publishers.Refused) string {
	var b strings.Builder
	for _, r := range refused {
		fmt.Fprintf(&b, "refused for good: %s on %s, %d: %s\n  %s\n", r.Name, r.Channel, r.Code, r.Reason, r.Data)
	}
	return b.String()
}

func pausingWords(s publishers.Pausing) string {
	if !s.Paused {
		return "Messages are published.\n"
	}
	return fmt.Sprintf("Nothing is published since %s, by %s: events wait in the log.\n", s.PausedAt.Format(time.DateTime), s.PausedBy)
}

func parkedWords(parked []publishers.Parked) string {
	if len(parked) == 0 {
		return "Nothing is parked.\n"
	}
	lines := [][]string{{"CHANNEL", "MESSAGES", "FIRST", "LAST", "OLDEST", "PARKED", "WHY"}}
	for _, p := range parked {
		lines = append(lines, []string{
			p.Channel, strconv.Itoa(p.Messages), strconv.FormatUint(uint64(p.First), 10), strconv.FormatUint(uint64(p.Last), 10),
			p.Oldest.Format(time.DateTime), p.ParkedAt.Format(time.DateTime), fmt.Sprintf("%s, %d: %s", p.Why, p.Code, p.Reason),
		})
	}
	return columns(lines)
}

// redrivenWords says what becomes of what was parked, at a running engine or at none.
func redrivenWords(r publishers.Redriven, running bool) string {
	what := counted(r.Messages, "message") + " on " + counted(len(r.Channels), "channel")
	switch {
	case r.DryRun:
		return parkedWords(r.Channels) + what + " would be sent.\n"
	case !running:
		return what + either(r.Messages, " is", " are") + " sent as soon as an engine runs.\n"
	}
	return what + either(r.Messages, " is", " are") + " being sent.\n"
}

func replayWords(r publishers.Replaying) string {
	what := fmt.Sprintf("%s of %s on %s", counted(r.Messages, "message"), counted(r.Events, "event"), counted(r.Channels, "channel"))
	switch {
	case r.DryRun:
		return what + " would be sent again.\n"
	case r.FinishedAt.IsZero():
		return what + either(r.Messages, " is", " are") + " being sent again.\n"
	}
	what += either(r.Messages, " was", " were") + " sent again"
	if r.Refused > 0 {
		what += fmt.Sprintf("; %d %s left out: refused, or of a channel that is parked", r.Refused, either(r.Refused, "was", "were"))
	}
	return what + ".\n"
}

// counted is a number of things.
func counted(n int, thing string) string { return fmt.Sprintf("%d %s", n, thing) + either(n, "", "s") }

func either(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// showReplay shows a person how a replay goes.
func (s *buildProgress) showReplay(r publishers.Replaying, of int) {
	s.shown = time.Now()
	done, took := r.Messages+r.Refused, time.Since(s.began).Seconds()
	line := fmt.Sprintf("%d of %d messages, %.0f a second", done, of, float64(done)/took)
	if done > 0 {
		line += fmt.Sprintf(", %v left", time.Duration(float64(of-done)/float64(done)*took*float64(time.Second)).Round(time.Second))
	}
	s.draw(line)
}
