package esdbnode

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// Write is one append, as a client would ask for it.
type Write struct {
	Stream string
	// Expected is the revision of the stream's last event, or -1 for a stream that does
	// not exist. There is no "any": whoever fills a log knows what is in it.
	Expected int64
	Events   []Event
}

// Event is an event to append. Its content type is application/json.
type Event struct {
	ID       uuid.UUID
	Type     string
	Data     []byte
	Metadata []byte
}

// Import appends in the given order, as if one client had sent each append after the
// answer to the one before: the rows, the positions and the rules are the same. But it
// takes no round trips and writes many appends in one transaction, so that a long log
// is there in a minute. Others may append meanwhile; theirs fall in between.
//
// All appends are tried, and the error is that of the first that was refused. What was
// not refused is durable. The events' bytes must not be changed afterwards.
func (n *Node) Import(ctx context.Context, writes []Write) error {
	leave, err := n.enter()
	if err != nil {
		return fmt.Errorf("import events: %w", err)
	}
	defer leave()
	changes := make([]*change, len(writes))
	for i, w := range writes {
		if changes[i], err = w.change(ctx, n.cfg.MaxAppendBytes); err != nil {
			return fmt.Errorf("import events: append %d to %s: %w", i, w.Stream, err)
		}
	}
	n.write.submitAll(changes)
	for i, c := range changes {
		if err := c.refused(); err != nil {
			return fmt.Errorf("import events: append %d to %s: %w", i, c.stream, err)
		}
	}
	return nil
}

// change is the append as the writer takes it, under the rules of the wire.
func (w Write) change(ctx context.Context, limit int) (*change, error) {
	stream, err := writableStream(streamID(w.Stream))
	if err != nil {
		return nil, err
	}
	c := &change{kind: changeAppend, stream: stream, want: expectation{kind: expectNoStream}, ctx: ctx}
	if w.Expected != noRevision {
		if c.want, err = exactly(uint64(w.Expected)); err != nil {
			return nil, err
		}
	}
	size := 0
	c.events = make([]proposed, len(w.Events))
	for i, e := range w.Events {
		switch {
		case e.Type == "":
			return nil, missingProperty()
		case e.ID == uuid.Nil:
			return nil, invalidArgument("Event id is missing or zero.")
		}
		c.events[i] = proposed{id: e.ID, kind: e.Type, json: true, data: e.Data, metadata: e.Metadata}
		size += c.events[i].size()
	}
	if size > limit {
		return nil, appendTooBig(limit)
	}
	return c, nil
}

// refused is why nothing was written, in words; nil when it was, now or before.
func (c *change) refused() error {
	switch {
	case c.err != nil:
		return c.err
	case c.result.verdict == verdictConflict:
		return fmt.Errorf("the stream is at revision %d, not %d", c.result.last, c.want.number())
	case c.result.verdict == verdictDeleted:
		return errors.New("the stream is deleted")
	}
	return nil
}
