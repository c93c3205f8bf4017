package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

// Config says where the engine is and how busy the people are. Fields without a default are required.
type Config struct {
	// API is the base URL of the HTTP API, without a trailing slash.
	API string
	// Ably is the realtime endpoint.
	Ably Ably
	// SignIn returns a fresh user token for the API. It is called again before the token is ten minutes old.
	SignIn func(User) (string, error)
	// Log is the event log, for the checker only.
	Log Log
	// Messages says which messages the engine owes for an event.
	Messages func(eventstore.Recorded) []check.Message
	// Acknowledged returns how many messages the realtime endpoint has acknowledged so far. Nil: the summary says 0.
	Acknowledged func() int64
	// Rate is how many commands all people issue per second. Defaults to 5.
	Rate float64
	// Duration is how long they do, counted from the first command. Zero: until the context ends.
	Duration time.Duration
	// Patience bounds how long the run waits, after its last command, for answers and messages that are under way. Zero: ten seconds.
	Patience time.Duration
	// View gets the live view; nil for none. TTY says that it is a terminal, which may be redrawn and coloured.
	View io.Writer
	TTY  bool
	// Logger takes what went wrong on the people's side. Nil: discarded.
	Logger *slog.Logger
	// Seed makes the people's choices repeatable. Zero: chosen at random. A folder that is used again needs another seed,
	// because the seed also decides the ids.
	Seed uint64
}

// Ably is a realtime endpoint that speaks plain HTTP, as the local one does.
type Ably struct {
	Host string // an address or "localhost": the client has no fallback hosts for these
	Port int
}

// User is whom a user token is for.
type User struct {
	ID        string
	Name      string
	Role      domain.Role
	StaffID   string   // of a member of staff
	BranchIDs []string // of a receptionist or a member of staff
	Visits    string   // the branch where a customer books; no part of his token
}

// Log is how the checker reads the event log.
type Log interface {
	// Head returns a position that lies before every event that is appended later.
	Head(ctx context.Context) (eventstore.Position, error)
	// Follow calls each with every event after the position, in log order, what is there first and then what comes. It
	// returns when the context ends, or when the log cannot be read.
	Follow(ctx context.Context, after eventstore.Position, each func(eventstore.Recorded)) error
}

const (
	defaultRate = 5
	// MaxRate is the highest rate that Run accepts, in commands per second.
	MaxRate = 1000
	// commandsPerBranch is how busy one branch gets, in commands per second. A page may get 50 messages per second, and each
	// command gives one or two on the receptionist's pages.
	commandsPerBranch = 20
)

// withDefaults fills what was left empty and refuses what cannot work.
func (c Config) withDefaults() (Config, error) {
	if c.API == "" || c.Ably.Host == "" || c.SignIn == nil || c.Log == nil || c.Messages == nil {
		return c, errors.New("start demo: API, Ably, SignIn, Log and Messages are required")
	}
	if c.Rate == 0 {
		c.Rate = defaultRate
	}
	if !(c.Rate > 0 && c.Rate <= MaxRate) {
		return c, fmt.Errorf("start demo: a rate of %v commands per second is not in (0, %d]", c.Rate, MaxRate)
	}
	if c.Duration < 0 {
		return c, fmt.Errorf("start demo: the duration %v is negative", c.Duration)
	}
	if c.Patience <= 0 {
		c.Patience = maxDrain
	}
	if c.Acknowledged == nil {
		c.Acknowledged = func() int64 { return 0 }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64()
	}
	return c, nil
}

// branches is how many branches the rate needs.
func (c Config) branches() int { return int(math.Ceil(c.Rate / commandsPerBranch)) }
