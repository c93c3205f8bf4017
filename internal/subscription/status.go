package subscription

import (
	"time"

	"github.com/royalglow/booking/internal/eventstore"
)

// State is what a consumer is doing.
type State int

// The states of a consumer.
const (
	// Stopped: Run has not begun, or has ended.
	Stopped State = iota
	// Connecting: there is no subscription, for the first time or after a drop.
	Connecting
	// CatchingUp: the consumer reads history.
	CatchingUp
	// Live: the consumer waits for what happens.
	Live
	// Retrying: the handler has failed and gets the same batch again.
	Retrying
	// Halted: an event cannot be decoded or applied, or the log is not the one that the consumer began with. Nothing more is
	// handled until someone repairs that.
	Halted
	// Paused: an operator holds the consumer back.
	Paused
	// Standby: another instance owns the consumer.
	Standby
)

// String returns the state as it appears in answers and metrics.
func (s State) String() string {
	switch s {
	case Stopped:
		return "stopped"
	case Connecting:
		return "connecting"
	case CatchingUp:
		return "catching_up"
	case Live:
		return "live"
	case Retrying:
		return "retrying"
	case Halted:
		return "halted"
	case Paused:
		return "paused"
	case Standby:
		return "standby"
	}
	return "unknown"
}

// Status is a consumer at one moment.
type Status struct {
	Name  string
	State State
	// Position is what the consumer has committed, EventPosition the last event in it. The former may lie further on.
	Position      eventstore.Position
	EventPosition eventstore.Position
	// LastEventAt is when the last handled event was stored; zero when none was since Run began.
	LastEventAt time.Time
	// Lag is how long the oldest event that is known or suspected to be unhandled has been waiting; zero when caught up.
	Lag time.Duration
	// Err is what the consumer is retrying or halted for; nil when nothing is wrong.
	Err error
	// Event is the one that the consumer has halted at; nil when it has not, or for another reason than an event.
	Event *Event
}
