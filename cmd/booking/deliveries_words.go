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
