// Package aggregate loads aggregates from their streams and appends to them. It is the one place where the write side reads,
// and it keeps what it has folded.
//
// It promises that a state was folded from every event of its stream up to Revision, that a Fresh one has seen every event
// that was there when it was asked for, and that the outcome of an append is never reported better than it is known. The
// commands and the keepers call it; it decides nothing.
package aggregate

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Store is the log as the write side needs it.
type Store interface {
	// Append adds events at an exact revision, all or none; see internal/eventstore for what it fails with.
	Append(ctx context.Context, a eventstore.Append) (eventstore.Appended, error)
	// Read yields a stream's events from a revision on. A stream that does not exist yields none.
	Read(ctx context.Context, stream string, from eventstore.Revision) iter.Seq2[eventstore.Recorded, error]
}

// State is an aggregate that folds events of type E.
type State[S any, E domain.Event] interface{ Evolve(e E) S }

// Mark is what a command left in a stream.
type Mark struct {
	CommandID string
	Hash      string
	Revision  eventstore.Revision // of the command's last event
	Position  eventstore.Position
}

// Loaded is an aggregate as it stood at Revision. It is a value: nobody changes one that somebody else holds.
type Loaded[S any] struct {
	State  S
	Stream string
	// Revision is that of the last event, NoStream when there is none: what an append expects.
	Revision eventstore.Revision
	// Visible is the revision of the last event that is not a fence, Position that event's place: what users see.
	Visible  eventstore.Revision
	Position eventstore.Position
	marks    []Mark
}

// nothing is an aggregate without events.
func nothing[S any](stream string) Loaded[S] {
	return Loaded[S]{Stream: stream, Revision: eventstore.NoStream, Visible: eventstore.NoStream}
}

// Load folds a whole stream.
func Load[S State[S, E], E domain.Event](ctx context.Context, store Store, stream string) (Loaded[S], error) {
	return readOn[S, E](ctx, store, nothing[S](stream))
}

// readOn folds what has come since.
func readOn[S State[S, E], E domain.Event](ctx context.Context, store Store, l Loaded[S]) (Loaded[S], error) {
	for r, err := range store.Read(ctx, l.Stream, l.Revision+1) {
		if err != nil {
			return Loaded[S]{}, fmt.Errorf("load %s: %w", l.Stream, err)
		}
		e, ok := r.Event.(E)
		if !ok {
			// Deciding without an event that is there would be deciding on a lie.
			return Loaded[S]{}, fmt.Errorf("load %s: %s at %d does not belong there", l.Stream, r.Event.EventType(), r.Revision)
		}
		l.State = l.State.Evolve(e)
		l.note(domain.IsFence(r.Event), Mark{
			CommandID: r.Metadata.CommandID, Hash: r.Metadata.CommandHash, Revision: r.Revision, Position: r.Position,
		})
	}
	return l, nil
}

// note takes down an event's place and the command that it is of.
func (l *Loaded[S]) note(fence bool, m Mark) {
	l.Revision = m.Revision
	if fence {
		return
	}
	l.Visible, l.Position = m.Revision, m.Position
	if m.CommandID == "" {
		return
	}
	// Events of one append follow one another: the last of them gives the receipt. A copy, because the list may be shared.
	if n := len(l.marks); n > 0 && l.marks[n-1].CommandID == m.CommandID {
		l.marks = append(slices.Clone(l.marks[:n-1]), m)
		return
	}
	l.marks = append(slices.Clip(l.marks), m)
}

// Find returns what the command left in the stream, if it has been here.
func (l *Loaded[S]) Find(commandID string) (Mark, bool) {
	for _, m := range l.marks {
		if m.CommandID == commandID {
			return m, true
		}
	}
	return Mark{}, false
}
