package nodelog

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/royalglow/booking/internal/esdbnode"
	"github.com/royalglow/booking/internal/eventstore"
)

// chunkAppends is how many appends are handed on at once.
const chunkAppends = 512

// chunk is a part of the log on its way to disk.
type chunk struct {
	writes []esdbnode.Write
	events int
	at     time.Time // when commands wrote it, about
	err    error
}

// Fill writes a log with so many booking events into a node's empty folder, such as an engine's DATA_DIR/eventstore, and returns how
// many events it has in all. What comes next is encoded while the node writes.
func Fill(ctx context.Context, dir string, bookingEvents int) (total int, err error) {
	var now time.Time
	node, err := esdbnode.Open(ctx, esdbnode.Config{Dir: dir, Clock: func() time.Time { return now }})
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithCancel(ctx)
	chunks := make(chan chunk, 4)
	var maker sync.WaitGroup
	maker.Go(func() {
		defer close(chunks)
		encode(ctx, bookingEvents, chunks)
	})
	defer func() {
		stop()
		maker.Wait()
		if cerr := node.Close(); err == nil {
			err = cerr
		}
	}()
	for c := range chunks {
		if c.err != nil {
			return 0, c.err
		}
		now = c.at
		if err := node.Import(ctx, c.writes); err != nil {
			return 0, err
		}
		total += c.events
	}
	return total, ctx.Err()
}

// encode sends the log in chunks until it ends, or ctx does.
func encode(ctx context.Context, bookingEvents int, to chan<- chunk) {
	var c chunk
	send := func() bool {
		select {
		case to <- c:
			ok := c.err == nil
			c = chunk{}
			return ok
		case <-ctx.Done():
			return false
		}
	}
	for a := range Appends(bookingEvents) {
		w, err := write(a)
		c.writes, c.events = append(c.writes, w), c.events+len(w.Events)
		c.at, c.err = a.Metadata.OccurredAt, err
		if (err != nil || len(c.writes) == chunkAppends) && !send() {
			return
		}
	}
	if len(c.writes) > 0 {
		send()
	}
}

// write encodes an append as the store does.
func write(a eventstore.Append) (esdbnode.Write, error) {
	proposals, err := eventstore.Proposals(a)
	if err != nil {
		return esdbnode.Write{}, fmt.Errorf("encode log: %w", err)
	}
	w := esdbnode.Write{Stream: a.Stream, Expected: int64(a.Expected)}
	for _, p := range proposals {
		w.Events = append(w.Events, esdbnode.Event{ID: p.ID, Type: p.Type, Data: p.Data, Metadata: p.Meta})
	}
	return w, nil
}
