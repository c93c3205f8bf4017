package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/royalglow/booking/internal/demo/check"
)

// writeSummary prints a report for people; -json is for programs.
func writeSummary(w io.Writer, r check.Report) error {
	verdict := "every promise was kept"
	if failures := r.Failures(); len(failures) > 0 {
		verdict = "FAILED: " + strings.Join(failures, "\n             ")
	}
	_, err := fmt.Fprintf(w, `
Summary
  commands   %d answered: %d accepted, %d refused
%s  log        %d events, %d messages acknowledged
  pages      %d of %d expected messages received
  promises   lost %d, duplicates %d, reordered %d, double booked %d
  latency    command to page p50 %.1f ms, p99 %.1f ms
             commit to page  p50 %.1f ms, p99 %.1f ms
%s  verdict    %s
`,
		r.Commands, r.Accepted, r.Refused, verbs(r),
		r.Events, r.Messages, r.Received, r.Expected,
		r.Lost, r.Duplicates, r.Reordered, r.DoubleBooked,
		r.LatencyMs.CommandToReceived.P50, r.LatencyMs.CommandToReceived.P99,
		r.LatencyMs.CommitToReceived.P50, r.LatencyMs.CommitToReceived.P99, chaos(r)+revoked(r), verdict)
	return err
}

// verbs tells how often each verb was used, a line for each group.
func verbs(r check.Report) string {
	var out strings.Builder
	for _, g := range check.Groups() {
		var counts []string
		for _, v := range g.Verbs {
			counts = append(counts, fmt.Sprintf("%s %d", v.Label, r.ByAction[v.Action]))
		}
		fmt.Fprintf(&out, "  %-10s %s\n", g.Name, strings.Join(counts, ", "))
	}
	return out.String()
}

// chaos tells what was made to go wrong; nothing when nothing was.
func chaos(r check.Report) string {
	if r.Chaos == nil {
		return ""
	}
	return fmt.Sprintf("  chaos      %d of %d publish requests failed, %d sockets dropped\n", r.Chaos.Failed, r.Chaos.Requests, r.Chaos.Dropped)
}

// revoked tells of the tokens that were taken away; nothing when none can be.
func revoked(r check.Report) string {
	if r.Revoked == nil {
		return ""
	}
	return fmt.Sprintf("  tokens     %d revoked from pages that were open\n", *r.Revoked)
}
