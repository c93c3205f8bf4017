package esdbnode

import (
	"log/slog"
	"time"
)

// Limits that hold unless [Config] says otherwise.
const (
	// DefaultMaxAppendBytes is the size of one append in bytes: EventStoreDB's own
	// default up to 25.0, so what fits here fits on every server version.
	DefaultMaxAppendBytes = 1 << 20

	// DefaultTailBytes bounds the events that are kept in memory for live
	// subscribers, in bytes.
	DefaultTailBytes = 16 << 20

	// DefaultDrainTimeout is how long a stopping server waits for calls in flight.
	DefaultDrainTimeout = 5 * time.Second
)

// Config says how to open a node. Only Dir is required.
type Config struct {
	// Dir holds the node's files. It is created with mode 0700 when missing.
	Dir string

	// Logger receives what the node has to say: failures of the disk, mostly.
	// Defaults to silence.
	Logger *slog.Logger

	// Clock gives the time that events are stamped with and that $maxAge is measured
	// against. Defaults to time.Now.
	Clock func() time.Time

	// MaxAppendBytes limits one append: types, data and metadata together.
	// Defaults to DefaultMaxAppendBytes.
	MaxAppendBytes int

	// TailBytes bounds the memory that holds the newest events. A subscriber that
	// lags further than this reads from disk. Defaults to DefaultTailBytes.
	TailBytes int

	// MaxStoreBytes caps the database file, rounded down to whole pages of 4 KiB. An
	// append that does not fit is refused like one on a full disk. Defaults to no cap.
	MaxStoreBytes int64

	// DrainTimeout is how long Serve and Close wait for calls in flight before they
	// cut them off. Defaults to DefaultDrainTimeout.
	DrainTimeout time.Duration
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.MaxAppendBytes <= 0 {
		c.MaxAppendBytes = DefaultMaxAppendBytes
	}
	if c.TailBytes <= 0 {
		c.TailBytes = DefaultTailBytes
	}
	if c.DrainTimeout <= 0 {
		c.DrainTimeout = DefaultDrainTimeout
	}
	return c
}
