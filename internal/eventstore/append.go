package eventstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"go.opentelemetry.io/otel/attribute"
)

// attempts is into how many parts the time of an append is cut: an answer that got lost must leave time to ask again.
const attempts = 3

// Append adds the events to the stream, all or none, if its last revision is the expected one, and returns when they are
// durable. It makes a span and puts its context into the metadata of the events, unless that names one already.
//
// A request whose outcome is in doubt is repeated, identically, until ctx ends; the store recognises it. So a *ConflictError
// is certain also after a doubt: had the first try been written, the repeat would have been answered with its receipt.
// ErrInDoubt is returned only when the doubt outlived ctx; the caller may repeat the identical Append later.
//
// ErrUnavailable is returned after Config.Patience without a connection.
func (s *Store) Append(ctx context.Context, a Append) (_ Appended, err error) {
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return Appended{}, fmt.Errorf("append to %s: %w", a.Stream, err)
	}
	defer end()
	ctx, span := s.trace.startAppend(ctx, a)
	defer func() { endSpan(span, err) }()
	a.Metadata = a.Metadata.traced(ctx)
	events, err := Proposals(a)
	if err != nil {
		return Appended{}, err
	}
	got, err := s.write(ctx, a.Stream, a.Expected, events)
	if err != nil {
		return Appended{}, err
	}
	span.SetAttributes(attribute.Int64("booking.revision", int64(got.Revision)))
	return got, nil
}

// write appends proposals, repeating in doubt.
func (s *Store) write(ctx context.Context, stream string, expected Revision, events []Proposal) (Appended, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
	defer cancel()
	w := writing{s: s, stream: stream, expected: expected, data: eventData(events)}
	for try := 1; ; try++ {
		got, v, err := w.attempt(ctx)
		if w.settled(v, err) {
			return got, err
		}
		if waited := wait(ctx, backoff(try)); waited != nil {
			if w.doubt {
				return Appended{}, w.inDoubt(err)
			}
			return Appended{}, w.fail(ErrUnavailable, err)
		}
	}
}

// writing is one append under way.
type writing struct {
	s        *Store
	stream   string
	expected Revision
	data     []esdb.EventData
	doubt    bool // some try may have been written
}

// settled reports whether an attempt was the last, and takes note of the doubt that it leaves.
func (w *writing) settled(v verdict, err error) bool {
	switch v {
	case done, conflicting:
		return true
	case refused, deleted:
		// A refusal says nothing about an earlier try, so a doubt outlives it.
		return !w.doubt
	case unsent:
		return !w.doubt && !errors.Is(err, errRetired)
	case doubtful, missing: // "not found" is no answer to an append
		w.doubt = true
	}
	return false
}

// attempt sends the request once. The error is complete unless the verdict is doubtful.
func (w *writing) attempt(ctx context.Context) (Appended, verdict, error) {
	sess, err := w.s.sup.session(ctx)
	if err != nil {
		return Appended{}, unsent, w.fail(ErrUnavailable, err)
	}
	limit := w.s.cfg.CallTimeout / attempts
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var result *esdb.WriteResult
	c, err := sess.start(ctx, func(ctx context.Context, client *esdb.Client) error {
		var err error
		result, err = client.AppendToStream(ctx, w.stream, w.options(limit), w.data...)
		return err
	})
	if err != nil {
		return Appended{}, unsent, err
	}
	if err := c.wait(ctx); err != nil {
		return w.failed(sess, c, err)
	}
	got := Appended{Revision: Revision(result.NextExpectedVersion), Position: Position(result.CommitPosition)}
	if want := w.expected + Revision(len(w.data)); got.Revision != want {
		// A deleted stream begins again with a later number; the engine never deletes one.
		return Appended{}, refused, fmt.Errorf("append to %s: %w: ended at revision %d, not %d", w.stream, ErrDeleted, got.Revision, want)
	}
	return got, done, nil
}

func (w *writing) options(limit time.Duration) esdb.AppendToStreamOptions {
	o := esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}, Deadline: &limit}
	if w.expected != NoStream {
		o.ExpectedRevision = esdb.Revision(uint64(w.expected))
	}
	return o
}

func (w *writing) failed(sess *session, c *call, err error) (Appended, verdict, error) {
	if connectionLost(err) {
		sess.retire()
	}
	v := judge(err)
	err = w.s.sup.server.legible(err)
	if !c.sent.Load() {
		return Appended{}, unsent, w.fail(ErrUnavailable, err)
	}
	switch v {
	case conflicting:
		return Appended{}, v, &ConflictError{Stream: w.stream, Expected: w.expected}
	case deleted:
		return Appended{}, v, w.fail(ErrDeleted, err)
	case refused:
		return Appended{}, v, fmt.Errorf("append to %s: %w", w.stream, err)
	case unsent:
		return Appended{}, v, w.fail(ErrUnavailable, err)
	case done, doubtful, missing:
	}
	return Appended{}, doubtful, err
}

func (w *writing) fail(kind, cause error) error {
	if errors.Is(cause, kind) {
		return fmt.Errorf("append to %s: %w", w.stream, cause)
	}
	return fmt.Errorf("append to %s: %w: %w", w.stream, kind, cause)
}

// inDoubt is the error of an append that may have been written. The last attempt's error is told in words only: it may say
// that nothing was written, which is true of that attempt and not of the append, and no caller may find it in the chain.
func (w *writing) inDoubt(last error) error {
	return fmt.Errorf("append to %s: %w: %v", w.stream, ErrInDoubt, last) //nolint:errorlint // see above
}

func eventData(events []Proposal) []esdb.EventData {
	data := make([]esdb.EventData, len(events))
	for i, p := range events {
		data[i] = esdb.EventData{
			EventID: p.ID, EventType: p.Type, ContentType: esdb.ContentTypeJson, Data: p.Data, Metadata: p.Meta,
		}
	}
	return data
}
