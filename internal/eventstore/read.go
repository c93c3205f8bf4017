package eventstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"go.opentelemetry.io/otel/attribute"
)

// readAttempts is how often a read is tried again after an interruption before it gives up.
const readAttempts = 3

// Read yields the events of a stream from the revision on (below 0: from the first), in order, each once. A stream that
// does not exist yields none. Every error is yielded, as the last pair: an end without one is the end of the stream. The
// errors are *DecodeError, ErrDeleted (also when events are missing in between), ErrUnavailable (with the context's own when
// that has ended), or one that repeating does not cure.
func (s *Store) Read(ctx context.Context, stream string, from Revision) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		ctx, end, err := s.begin(ctx)
		if err != nil {
			yield(Recorded{}, fmt.Errorf("read %s: %w", stream, err))
			return
		}
		defer end()
		ctx, span := s.trace.startRead(ctx, stream)
		defer func() { endSpan(span, err) }()
		r := reading{s: s, stream: stream, from: max(from, 0), next: max(from, 0), yield: yield}
		err = r.run(ctx)
		span.SetAttributes(attribute.Int64("booking.events_replayed", int64(r.next-r.from)))
		if err != nil && !errors.Is(err, errEnough) {
			yield(Recorded{}, err)
			return
		}
		err = nil
	}
}

// errEnough says that the reader has left the loop. It never leaves the package.
var errEnough = errors.New("reader has enough")

// reading is one read of a stream under way.
type reading struct {
	s          *Store
	stream     string
	from, next Revision
	yield      func(Recorded, error) bool
}

// run reads to the end, going on behind the last event after an interruption.
func (r *reading) run(ctx context.Context) error {
	for try := 1; ; try++ {
		start := r.next
		err := r.s.pump(ctx, r.open, func(e *esdb.RecordedEvent) error { return r.take(e) })
		switch {
		case err == nil:
			return r.atEnd()
		case errors.Is(err, errRetired):
			try--
		case !errors.Is(err, ErrUnavailable), errors.Is(err, errAway), ctx.Err() != nil:
			return r.fail(ctx, err)
		case r.next > start:
			try = 1 // it got on, so it may go on
		}
		if try >= readAttempts || wait(ctx, backoff(try)) != nil {
			return r.fail(ctx, err)
		}
	}
}

func (r *reading) open(ctx context.Context, c *esdb.Client) (*esdb.ReadStream, error) {
	return c.ReadStream(ctx, r.stream, esdb.ReadStreamOptions{From: esdb.Revision(uint64(r.next))}, math.MaxInt64)
}

// take passes one event on. The numbers of a stream have no gaps; where one shows, events were taken away.
func (r *reading) take(e *esdb.RecordedEvent) error {
	rec, err := r.s.recorded(e)
	if err != nil {
		return err
	}
	if rec.Revision != r.next {
		return fmt.Errorf("%w: revision %d follows %d", ErrDeleted, rec.Revision, r.next-1)
	}
	r.next++
	if !r.yield(*rec, nil) {
		return errEnough
	}
	return nil
}

// atEnd looks at an end that came without an event. A stream that exists has a first event.
func (r *reading) atEnd() error {
	if r.next == 0 {
		return fmt.Errorf("read %s: %w", r.stream, ErrDeleted)
	}
	return nil
}

// fail makes an interruption's error one for the caller; a stream that was not found is looked into first.
func (r *reading) fail(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, errEnough):
		return err
	case errors.Is(err, errMissing):
		if err = r.s.checkMissing(ctx, r.stream); err == nil {
			return nil
		}
	case ctx.Err() != nil:
		err = fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
	}
	if _, ok := errors.AsType[*DecodeError](err); ok {
		return err
	}
	return fmt.Errorf("read %s: %w", r.stream, err)
}

// recorded translates what the library returns. The error is a *DecodeError.
func (s *Store) recorded(e *esdb.RecordedEvent) (*Recorded, error) {
	r := &Recorded{
		ID: e.EventID, Stream: e.StreamID, Revision: Revision(e.EventNumber), Position: position(e.Position), Created: e.CreatedDate,
	}
	var err error
	if r.Event, err = s.codec.decode(e.EventType, e.UserMetadata, e.Data, &r.Metadata); err != nil {
		return nil, &DecodeError{
			ID: r.ID, Stream: r.Stream, Revision: r.Revision, Position: r.Position, Type: e.EventType, Created: r.Created, Err: err,
		}
	}
	return r, nil
}

// position translates a position of the log. Old servers do not tell it with the events of a stream and send the greatest
// number instead.
func position(p esdb.Position) Position {
	if p.Commit > math.MaxInt64 {
		return 0
	}
	return Position(p.Commit)
}

// errMissing says that a stream does not exist, or no longer does. It never leaves the package.
var errMissing = errors.New("stream not found")

// pump opens a read on a goroutine of the session and hands the events to take, on the caller's. A nil error means that the
// server has said that there are no more; an error of take ends the read.
func (s *Store) pump(
	ctx context.Context, open func(context.Context, *esdb.Client) (*esdb.ReadStream, error), take func(*esdb.RecordedEvent) error,
) error {
	sess, err := s.sup.session(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	events := make(chan *esdb.RecordedEvent, 64)
	c, err := sess.start(ctx, func(ctx context.Context, client *esdb.Client) error {
		defer close(events)
		return receive(ctx, client, open, events)
	})
	if err != nil {
		return err
	}
	if err := s.drain(ctx, events, take); err != nil {
		cancel(err) // the other side may be waiting to hand over the next
		_ = c.wait(ctx)
		return err
	}
	if err := c.wait(ctx); err != nil {
		return s.sup.readError(sess, err)
	}
	return nil
}

// receive runs beside the library and ends with its answers, or with ctx.
func receive(
	ctx context.Context, client *esdb.Client, open func(context.Context, *esdb.Client) (*esdb.ReadStream, error),
	events chan<- *esdb.RecordedEvent,
) error {
	stream, err := open(ctx, client)
	if err != nil {
		return err
	}
	defer stream.Close()
	for {
		e, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e.Event == nil {
			continue // a link whose event is gone; links are not resolved, so there is none
		}
		select {
		case events <- e.Event:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// errSilent says that the server has sent nothing for Config.CallTimeout.
var errSilent = fmt.Errorf("%w: no answer in time: %w", ErrUnavailable, context.DeadlineExceeded)

func (s *Store) drain(ctx context.Context, events <-chan *esdb.RecordedEvent, take func(*esdb.RecordedEvent) error) error {
	silence := time.NewTimer(s.cfg.CallTimeout)
	defer silence.Stop()
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return nil
			}
			if err := take(e); err != nil {
				return err
			}
			silence.Reset(s.cfg.CallTimeout)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-silence.C:
			return errSilent
		}
	}
}

// readError makes the library's error one of this package.
func (s *supervisor) readError(sess *session, err error) error {
	if connectionLost(err) {
		sess.retire()
	}
	v := judge(err)
	err = s.server.legible(err)
	switch v {
	case missing:
		return errMissing
	case deleted:
		return fmt.Errorf("%w: %w", ErrDeleted, err)
	case refused, conflicting:
		return err
	case doubtful, unsent, done:
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
