package eventstore

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/domain"
)

// Upcaster lets a test give the codec a history of its own.
type Upcaster = step

// NewCodec returns Decode for an imagined event that has reached the given version over these steps (from version i+1).
func NewCodec(eventType string, version int, steps map[int]Upcaster) Codec {
	s := shapes{current: map[string]int{eventType: version}, steps: map[shape]step{}}
	for v, up := range steps {
		s.steps[shape{eventType, v}] = up
	}
	return Codec{codec{shapes: s}}
}

// Codec is a codec with a history of its own.
type Codec struct{ codec }

// FastCodec returns the codec that a store uses.
func FastCodec() Codec { return Codec{newCodec()} }

// Fast reports whether the codec reads data of this type by a plan.
func (c Codec) Fast(eventType string, data []byte) bool {
	plan := c.events[eventType]
	if plan == nil {
		return false
	}
	_, ok := plan.Read(data)
	return ok
}

// DecodeWith is the package's Decode over the codec.
func DecodeWith(c Codec, eventType string, meta, data []byte) (domain.Event, Metadata, error) {
	var m Metadata
	e, err := c.decode(eventType, meta, data, &m)
	return e, m, err
}

// FastMetadata reports whether the codec reads metadata by a plan.
func FastMetadata(c Codec, meta []byte) bool {
	return c.metadata.ReadInto(meta, &Metadata{})
}

var (
	TrustCheckpoint = trustCheckpoints
	Observe         = observe
)

// Noticed is how the library announces a failure.
const Noticed = noticed

// WatchContext returns a context that tells when the library begins to use it.
func WatchContext(ctx context.Context, used func()) context.Context {
	return &watchedContext{Context: ctx, used: used}
}

// NewTestSession returns a session without a client; closed is called in place of closing one.
func NewTestSession(closed func()) *session {
	s := newSession()
	s.users.last = closed
	return s
}

// CallSession makes a call that uses its context at once.
func CallSession(ctx context.Context, s *session, fn func() error) error {
	c, err := s.start(ctx, func(ctx context.Context, _ *esdb.Client) error {
		ctx.Deadline()
		return fn()
	})
	if err != nil {
		return err
	}
	return c.wait(ctx)
}

// RetireSession retires the session.
func RetireSession(s *session) { s.retire() }

// Reason is what a failed attempt to connect is told as.
func Reason(err error) string { return server{}.reason(err) }
