package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

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
	// Faults counts, by name, what else went wrong: Phantom, Leaked, Outdated, Resync, and under chaos what was made to go wrong.
	// What did not is not there.
	Faults    map[string]int `json:"faults"`
	LatencyMs LatencyMs      `json:"latencyMs"`
	// Chaos is there when faults were made on purpose.
	Chaos *Chaos `json:"chaos,omitempty"`
	// Revoked is how often a page lost its token because its owner had lost access; there when tokens can be revoked.
	Revoked *int `json:"revoked,omitempty"`
	// Missing names the first of the messages that were lost, in log order; there when any were.
	Missing []Missing `json:"missing,omitempty"`
}

// Missing is a message that did not come to somebody to whom it should have.
type Missing struct {
	Subscriber string    `json:"subscriber"`
	Channel    string    `json:"channel"`
	EventID    uuid.UUID `json:"eventId"`
	Part       int       `json:"part"`
	Committed  time.Time `json:"committed"`
}

// maxMissing is how many of the lost messages a report names.
const maxMissing = 10

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

// The names of faults.
const (
	// Phantom counts messages that no event gives.
	Phantom = "phantom"
	// Leaked counts secrets that came to somebody who may not know them.
	Leaked = "leaked"
	// Outdated counts pages that, once everything had arrived, did not show what the API says.
	Outdated = "outdated"
	// Resync counts messages in whose place a resync came. Nothing is lost by that: the page has read again.
	Resync = "resync"
)

// maxResyncs is the share of messages that may be resyncs: pages that mostly read again are told nothing.
const maxResyncs = 0.1

// minAccepted is the share of commands that must be accepted: people who are mostly refused exercise nothing.
const minAccepted = 0.7

// enough is how many commands it takes in one branch until every verb has come. Some need what others have left behind: a customer
// who stayed away three times, a leave that was granted and whose conflicts were solved.
const enough = 100

// Failures lists, in words, why the run must count as failed: the promises that were broken, and what nobody tried.
func (r Report) Failures() []string {
	why := r.Broken()
	var unused []string
	for _, a := range Actions() {
		if r.ByAction[a] == 0 {
			unused = append(unused, string(a))
		}
	}
	if len(unused) > 0 {
		missing := "nobody used " + strings.Join(unused, ", ")
		if r.Commands < enough {
			missing += fmt.Sprintf(" (the run was short: it takes about %d commands in a branch to use every verb)", enough)
		}
		why = append(why, missing)
	}
	return why
}

// Broken lists the promises that were not kept, however short the run was.
func (r Report) Broken() []string {
	var why []string
	if r.Chaos != nil {
		why = append(why, r.Chaos.tooTame()...)
	}
	for _, bad := range []struct {
		n    int
		what string
	}{
		{r.Lost, "messages were lost"},
		{r.Duplicates, "repeats were acted on"},
		{r.Reordered, "messages arrived out of order"},
		{r.DoubleBooked, "bookings overlap on one member of staff"},
		{r.Faults[Phantom], "messages belong to no event of the log"},
		{r.Faults[Leaked], "secrets came to people who may not know them"},
		{r.Faults[Outdated], "pages do not show what the API says"},
	} {
		if bad.n != 0 {
			why = append(why, fmt.Sprintf("%d %s", bad.n, bad.what))
		}
	}
	for _, m := range r.Missing {
		why = append(why, fmt.Sprintf("%s did not get part %d of event %s on %s", m.Subscriber, m.Part, m.EventID, m.Channel))
	}
	if r.Received == 0 {
		why = append(why, "no message was received")
	}
	if n := r.Faults[Resync]; float64(n) > maxResyncs*float64(r.Received) {
		why = append(why, fmt.Sprintf("%d of %d messages only told to read again", n, r.Received))
	}
	if float64(r.Accepted) < minAccepted*float64(r.Commands) {
		why = append(why, fmt.Sprintf("only %d of %d commands were accepted", r.Accepted, r.Commands))
	}
	return why
}
