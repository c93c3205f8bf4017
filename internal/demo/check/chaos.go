package check

import (
	"fmt"
	"maps"
)

// Chaos says how much the realtime endpoint was made to go wrong. A run that kept its promises while hardly anything did has
// shown nothing.
type Chaos struct {
	Requests int `json:"requests"` // to publish
	Failed   int `json:"failed"`   // of them, on purpose
	Dropped  int `json:"dropped"`  // subscribers' sockets
}

// minFailed is the share of publish requests that must fail for a run to count as one under chaos.
const minFailed = 0.03

// WithChaos adds to a report what was made to go wrong: of so many requests to publish those that failed, by name, and the drops
// of sockets, under a name as well.
func (r Report) WithChaos(requests int, failed map[string]int, drops string, dropped int) Report {
	r.Chaos = &Chaos{Requests: requests, Dropped: dropped}
	faults := map[string]int{}
	maps.Copy(faults, r.Faults)
	for name, n := range failed {
		r.Chaos.Failed += n
		faults[name] += n
	}
	faults[drops] += dropped
	r.Faults = faults
	return r
}

// tooTame tells, in words, what did not go wrong although it should have.
func (c Chaos) tooTame() (why []string) {
	if c.Failed == 0 || float64(c.Failed) < minFailed*float64(c.Requests) {
		why = append(why, fmt.Sprintf("only %d of %d publish requests failed: chaos takes %.0f %%", c.Failed, c.Requests, 100*minFailed))
	}
	if c.Dropped == 0 {
		why = append(why, "no subscriber's socket was dropped")
	}
	return why
}
