package main

import (
	"fmt"
	"strings"

	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

// circuitOpen is the word for a service that does not answer.
const circuitOpen = "circuit_open"

// realtime says in one word how publishing is doing here.
func (e *engine) realtime() string {
	runner, here := e.publisherRunner()
	return realtimeWord(e.publisher.Status(), runner.State, here)
}

// publisherRunner returns how what reads the log for the publisher is doing; here is false without a key.
func (e *engine) publisherRunner() (runner subscription.Status, here bool) {
	for _, o := range e.owned {
		if o.Name() == e.publisher.Name() {
			return o.Status(), true
		}
	}
	return runner, false
}

// realtimeWord puts together what the publisher and its runner say. One that another instance owns, or that an operator holds back, has
// nothing to say of the service. The publisher itself learns that it has caught up only with the next event; its runner knows at once.
func realtimeWord(now publishers.Status, runner subscription.State, here bool) string {
	switch {
	case here && (runner == subscription.Standby || runner == subscription.Paused):
		return runner.String()
	case now.State == publishers.AuthFailed:
		return string(now.State) // which says more
	case now.CircuitOpen:
		return circuitOpen
	case here && (runner == subscription.Halted || runner == subscription.Retrying):
		return runner.String() // the publisher itself knows nothing of an event that it is never given
	case here && runner == subscription.Live && now.State == publishers.CatchingUp:
		return string(publishers.Live)
	}
	return string(now.State)
}

// realtimeDetail says what waits and why, for developers; empty where nothing does, or another instance publishes.
func (e *engine) realtimeDetail() string {
	runner, here := e.publisherRunner()
	if !here || runner.State == subscription.Standby {
		return ""
	}
	return realtimeDetailOf(e.publisher.Status(), runner)
}

func realtimeDetailOf(now publishers.Status, runner subscription.Status) string {
	var said []string
	if (runner.State == subscription.Halted || runner.State == subscription.Retrying) && runner.Err != nil {
		said = append(said, "nothing more of the log is published: "+runner.Err.Error())
	}
	if now.Queued > 0 {
		said = append(said, fmt.Sprintf("channels with messages that wait for the service: %d", now.Queued))
	}
	if now.Parked > 0 {
		said = append(said, fmt.Sprintf("channels that are parked: %d", now.Parked))
	}
	if r := now.Reconciled; r.Found+r.Again > 0 {
		said = append(said, fmt.Sprintf("of those that were in doubt for long, had arrived: %d, were sent again: %d", r.Found, r.Again))
	}
	if now.LastError != "" {
		said = append(said, "last error: "+now.LastError)
	}
	return strings.Join(said, "; ")
}
