package projections

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// Status is a read model at one moment, for operators.
type Status struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	// Generation is the one that is read, zero while the first one is built; Previous the one that a rollback leads to, zero
	// when there is none.
	Generation int64 `json:"generation"`
	Previous   int64 `json:"previous,omitempty"`
	// State is building (nothing can be read yet), connecting, catching_up, live, retrying, paused, halted or stopped (no
	// instance runs it).
	State    string              `json:"state"`
	Position eventstore.Position `json:"position"` // of what is read
	// LagSeconds is how long the oldest event that is not folded yet has been in the log.
	LagSeconds float64 `json:"lagSeconds"`
	// Owner is the instance that runs it, empty: none; Term counts the ownerships.
	Owner string `json:"owner"`
	Term  int64  `json:"term"`
	// Rebuild is what is being built; nil: nothing.
	Rebuild *Build `json:"rebuild,omitempty"`
	// Halt is where it has halted; nil: it has not.
	Halt     *Halt     `json:"halt,omitempty"`
	PausedBy string    `json:"pausedBy,omitempty"`
	PausedAt time.Time `json:"pausedAt,omitzero"` // UTC
	// Error is what it is retrying for, as far as this instance knows.
	Error string `json:"error,omitempty"`
	// Skipped lists the streams that are set aside.
	Skipped []Skipped `json:"skipped,omitempty"`
}

// Halt is the event at which a read model has halted.
type Halt struct {
	EventID   string              `json:"eventId,omitempty"`
	EventType string              `json:"eventType,omitempty"`
	Stream    string              `json:"stream,omitempty"`
	Revision  eventstore.Revision `json:"revision"`
	Position  eventstore.Position `json:"position"`
	Reason    string              `json:"reason"`
	At        time.Time           `json:"at"` // UTC
}

// Build is a generation and how it was, or is, built. It is what a rebuild comes to.
type Build struct {
	Projection string          `json:"projection"`
	Generation int64           `json:"generation"`
	State      GenerationState `json:"state"`
	// Previous is the generation that it replaces, or has replaced; zero: none.
	Previous        int64   `json:"previous"`
	Events          int64   `json:"events"` // folded
	Seconds         float64 `json:"seconds"`
	EventsPerSecond float64 `json:"eventsPerSecond"`
	// Verified: at one position of the log its rows were compared with those of the generation before, and are the same.
	Verified bool   `json:"verified"`
	Hash     string `json:"hash"` // SHA-256 over its rows when it went live; empty: not compared
	Swapped  bool   `json:"swapped"`
	// Position is how far it has come, while it is built.
	Position    eventstore.Position `json:"position,omitempty"`
	RequestedBy string              `json:"requestedBy"`
	RequestedAt time.Time           `json:"requestedAt"` // UTC
	Error       string              `json:"error,omitempty"`
}

// Over reports whether the build has ended, well or not.
func (b Build) Over() bool { return b.State != GenerationBuilding && b.State != GenerationJoined }

// Lag tells how long the first event after a position has been in the log; zero when there is none.
type Lag func(ctx context.Context, after eventstore.Position) (time.Duration, error)

// Status returns what the read model is doing, whichever instance runs it.
func (p *Projection) Status(ctx context.Context, lag Lag) (s Status, err error) {
	s = Status{Name: p.spec.name, Version: p.spec.version}
	err = p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		entry, err := p.entry(ctx, tx, "")
		if err != nil {
			return err
		}
		s.Generation, s.Previous, s.Halt = entry.Live, entry.Previous, entry.halt()
		if entry.PausedAt != 0 {
			s.PausedBy, s.PausedAt = entry.PausedBy, time.UnixMicro(entry.PausedAt).UTC()
		}
		if s.Position, _, err = p.reached(ctx, tx, entry.Live); err != nil {
			return err
		}
		lease, err := subscription.LoadLease(ctx, tx, p.spec.lease())
		if err != nil {
			return err
		}
		if s.Owner, s.Term = lease.Owner, lease.Term; !lease.ExpiresAt.IsZero() {
			now, err := p.db.Now(ctx, tx)
			if err != nil {
				return err
			}
			if lease.ExpiresAt.Before(now) {
				s.Owner = "" // he has gone without a word
			}
		}
		if s.Rebuild, err = p.running(ctx, tx); err != nil {
			return err
		}
		skips, err := p.skips(ctx, tx)
		for _, r := range skips {
			s.Skipped = append(s.Skipped, r.skipped())
		}
		return err
	})
	if err != nil {
		return s, err
	}
	return s, p.doing(ctx, &s, lag)
}

// doing fills in what the database does not tell.
func (p *Projection) doing(ctx context.Context, s *Status, lag Lag) error {
	var now subscription.Status
	p.run.mu.Lock()
	owning, runner := p.run.owning, p.run.runner
	p.run.mu.Unlock()
	if owning && runner != nil {
		now = runner.Status()
	}
	behind := now.Lag
	// A runner that stands still takes it that something has happened since; the log knows.
	still := now.State == subscription.Paused || now.State == subscription.Halted || now.State == subscription.Stopped
	if still || behind == 0 && now.State != subscription.Live {
		var err error
		if behind, err = lag(ctx, s.Position); err != nil {
			return err
		}
	}
	s.LagSeconds = behind.Seconds()
	switch {
	case s.Halt != nil:
		s.State = subscription.Halted.String()
	case !s.PausedAt.IsZero():
		s.State = subscription.Paused.String()
	case s.Generation == 0:
		s.State = string(GenerationBuilding)
	case s.Owner == "":
		s.State = subscription.Stopped.String()
	case owning && now.State == subscription.Halted:
		s.State = subscription.Retrying.String() // it is about to be noted, with the event
	case owning && runner != nil:
		s.State = now.State.String()
		if now.State == subscription.Paused {
			s.State = subscription.Connecting.String() // it was resumed just now
		}
		if now.Err != nil {
			s.Error = now.Err.Error()
		}
	case behind > 0:
		s.State = subscription.CatchingUp.String()
	default:
		s.State = subscription.Live.String()
	}
	return nil
}

func (r *projectionRow) halt() *Halt {
	if r.HaltedAt == 0 {
		return nil
	}
	return &Halt{
		EventID: r.HaltedEvent, EventType: r.HaltedType, Stream: r.HaltedStream, Revision: r.HaltedRevision,
		Position: r.HaltedPosition, Reason: r.HaltedReason, At: time.UnixMicro(r.HaltedAt).UTC(),
	}
}

// running returns what is being built, if anything.
func (p *Projection) running(ctx context.Context, tx bun.Tx) (*Build, error) {
	row, err := p.underWay(ctx, tx)
	if err != nil || row == nil {
		return nil, err
	}
	b, err := p.build(ctx, tx, row)
	return &b, err
}

// Build returns a generation and how its build goes, or went.
func (p *Projection) Build(ctx context.Context, generation int64) (b Build, err error) {
	err = p.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := p.generation(ctx, tx, generation)
		if err != nil {
			return err
		}
		b, err = p.build(ctx, tx, row)
		return err
	})
	return b, err
}

func (p *Projection) build(ctx context.Context, tx bun.Tx, row *generationRow) (Build, error) {
	b := Build{
		Projection: row.Name, Generation: row.Generation, State: row.State, Previous: row.Replaced,
		Events: row.Events + row.AheadEvents, Seconds: float64(row.BusyUs+row.AheadUs) / 1e6, Verified: row.Verified != 0, Hash: row.Hash,
		Swapped:     row.State == GenerationLive || row.Replaced != 0,
		RequestedBy: row.RequestedBy, RequestedAt: time.UnixMicro(row.RequestedAt).UTC(), Error: row.Error,
	}
	if b.Seconds > 0 {
		b.EventsPerSecond = float64(b.Events) / b.Seconds
	}
	if b.Over() {
		return b, nil
	}
	entry, err := p.entry(ctx, tx, "")
	if err != nil {
		return b, err
	}
	b.Previous = entry.Live
	at, _, err := p.reached(ctx, tx, row.Generation)
	b.Position = max(at, row.Ahead)
	return b, err
}
