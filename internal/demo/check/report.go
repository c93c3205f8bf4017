package check

import "fmt"

// Report is the summary of a run. Its JSON form is part of the command line's contract, the order of members included.
type Report struct {
	Commands int `json:"commands"` // answered; Accepted + Refused
	Accepted int `json:"accepted"`
	Refused  int `json:"refused"`
	// ByAction counts the answered commands of every verb; a verb that nobody used is there with 0.
	ByAction map[Action]int `json:"byAction"`
	Events   int            `json:"events"`   // domain events of the run in the log
	Messages int64          `json:"messages"` // acknowledged by the realtime endpoint
	Expected int            `json:"expected"` // (message, subscriber) pairs that the log calls for
	Received int            `json:"received"` // those of them that arrived, each once
	Lost     int            `json:"lost"`     // Expected − Received
	// Duplicates counts repeats that the subscriber's code acted on; a repeat that its rule drops is harmless.
	Duplicates int `json:"duplicates"`
	// Reordered counts inversions against log order among first arrivals, per subscriber and channel.
	Reordered int `json:"reordered"`
	// DoubleBooked counts pairs of bookings that held one member of staff at the same time at any prefix of the log.
	DoubleBooked int `json:"doubleBooked"`
	// Faults counts what disturbed the run by name; "phantom" are messages that no event of the log gives.
	Faults    map[string]int `json:"faults"`
	LatencyMs LatencyMs      `json:"latencyMs"`
}

// LatencyMs tells how long a change took to reach a page, in milliseconds.
type LatencyMs struct {
	CommandToReceived Percentiles `json:"commandToReceived"` // from sending the command
	CommitToReceived  Percentiles `json:"commitToReceived"`  // from the store's clock at the append
}

// Percentiles of a set of latencies by nearest rank, in milliseconds; zero when the set is empty.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// Phantom is the name under which Report.Faults counts messages that no event gives.
const Phantom = "phantom"

// minAccepted is the share of commands that must be accepted: people who are mostly refused exercise nothing.
const minAccepted = 0.7

// Failures lists, in words, why the run must count as failed; nothing when it kept every promise.
func (r Report) Failures() []string {
	var why []string
	for _, bad := range []struct {
		n    int
		what string
	}{
		{r.Lost, "messages were lost"},
		{r.Duplicates, "repeats were acted on"},
		{r.Reordered, "messages arrived out of order"},
		{r.DoubleBooked, "bookings overlap on one member of staff"},
		{r.Faults[Phantom], "messages belong to no event of the log"},
	} {
		if bad.n != 0 {
			why = append(why, fmt.Sprintf("%d %s", bad.n, bad.what))
		}
	}
	if r.Received == 0 {
		why = append(why, "no message was received")
	}
	if float64(r.Accepted) < minAccepted*float64(r.Commands) {
		why = append(why, fmt.Sprintf("only %d of %d commands were accepted", r.Accepted, r.Commands))
	}
	for _, a := range Actions() {
		if r.ByAction[a] == 0 {
			why = append(why, fmt.Sprintf("nobody used %q", a))
		}
	}
	return why
}
