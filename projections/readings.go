package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
)

// StreamReader is what the rebuild of a stream asks of an event store.
type StreamReader interface {
	// Read yields the events of a stream from a revision on, as eventstore.Store does.
	Read(ctx context.Context, stream string, from eventstore.Revision) iter.Seq2[eventstore.Recorded, error]
	// Head returns the position of the last event in the log.
	Head(ctx context.Context) (eventstore.Position, error)
}

// readings are streams as they were read from the log.
type readings struct {
	log      StreamReader
	streams  map[string]*reading
	complete eventstore.Position // no event of these streams is missing up to here
}

// reading is one stream.
type reading struct {
	events []eventstore.Recorded
	broken *eventstore.DecodeError // why there is no more; nil: it is the end
}

func newReadings(log StreamReader) *readings {
	return &readings{log: log, streams: map[string]*reading{}}
}

// refresh brings what was read up to date.
func (r *readings) refresh(ctx context.Context) error {
	head, err := r.log.Head(ctx)
	if err != nil {
		return err
	}
	for name, s := range r.streams {
		if err := r.more(ctx, name, s); err != nil {
			return err
		}
	}
	r.complete = head
	return nil
}

// requireUpTo refuses a log that does not have what the database holds: it was put back, or is a copy that lags behind. To fold
// from it would undo what came after.
func (r *readings) requireUpTo(name string, at eventstore.Position) error {
	if at > r.complete {
		return &subscription.LostHistoryError{Name: name, Position: at, Head: r.complete}
	}
	return nil
}

// errNoPositions is of servers that are too old.
var errNoPositions = errors.New("the event store does not tell where in the log the events of a stream stand")

func (r *readings) more(ctx context.Context, name string, s *reading) error {
	s.broken = nil
	for e, err := range r.log.Read(ctx, name, eventstore.Revision(len(s.events))) {
		if broken, ok := errors.AsType[*eventstore.DecodeError](err); ok {
			s.broken = broken
			return nil
		}
		if err != nil {
			return err
		}
		if e.Position == 0 {
			return errNoPositions
		}
		s.events = append(s.events, e)
	}
	return nil
}

// stream returns what is known of a stream, which it reads the first time.
func (r *readings) stream(ctx context.Context, name string) (*reading, error) {
	if s := r.streams[name]; s != nil {
		return s, nil
	}
	s := &reading{}
	if err := r.more(ctx, name, s); err != nil {
		return nil, err
	}
	r.streams[name] = s
	return s, nil
}

// share is a unit with the events that it follows from.
type share struct {
	unit
	feeds    map[string]*reading
	concerns func(head string, e eventstore.Recorded) bool
}

// shares returns what follows from a stream: mostly one unit, in a joint read model also those of other streams. A NotFound
// refusal where the read model does not use the stream.
func (r *readings) shares(ctx context.Context, p *Projection, stream string) ([]share, error) {
	m := p.make(p.spec)
	if u, ok := unitOf(m, stream); ok {
		s, err := r.share(ctx, m, u)
		return []share{s}, err
	}
	units, err := r.headed(ctx, p, stream)
	if err != nil {
		return nil, err
	}
	shares := make([]share, 0, len(units))
	for _, u := range units {
		s, err := r.share(ctx, m, u)
		if err != nil {
			return nil, err
		}
		s.feeds[stream] = r.streams[stream]
		shares = append(shares, s)
	}
	return shares, nil
}

// headed returns the units in which a stream has a part that has none of its own.
func (r *readings) headed(ctx context.Context, p *Projection, stream string) (units []unit, err error) {
	m := p.make(p.spec)
	if j, ok := m.(joint); ok {
		own, err := r.stream(ctx, stream)
		if err != nil {
			return nil, err
		}
		if names, ok := j.heads(stream, own.events); ok {
			slices.Sort(names)
			for _, name := range slices.Compact(names) {
				if u, ok := unitOf(m, name); ok {
					units = append(units, u)
				}
			}
			return units, nil
		}
	}
	return nil, domain.Refuse(domain.NotFound, domain.CodeNotFound, "the projection %q does not use a stream %q", p.spec.name, stream)
}

func (r *readings) share(ctx context.Context, m model, u unit) (share, error) {
	own, err := r.stream(ctx, u.stream)
	if err != nil {
		return share{}, err
	}
	s := share{unit: u, feeds: map[string]*reading{u.stream: own}}
	if j, ok := m.(joint); ok {
		s.concerns = j.concerns
		for _, name := range j.feeds(own.events) {
			if s.feeds[name], err = r.stream(ctx, name); err != nil {
				return share{}, err
			}
		}
	}
	return s, nil
}

// upTo returns the events up to a position, in log order, but for those that are passed over. The error is that of the first event
// among them that cannot be decoded.
func (s share) upTo(at eventstore.Position, skips skipSet) (events []eventstore.Recorded, err error) {
	for name, r := range s.feeds {
		if b := r.broken; b != nil && b.Position <= at && !skips.covers(name, b.Position) {
			return nil, fmt.Errorf("read %s: %w", name, b)
		}
		for _, e := range r.events {
			if e.Position <= at && !skips.covers(name, e.Position) && (s.concerns == nil || s.concerns(s.stream, e)) {
				events = append(events, e)
			}
		}
	}
	slices.SortFunc(events, func(a, b eventstore.Recorded) int { return cmp.Compare(a.Position, b.Position) })
	return events, nil
}
