package esdbnode

import (
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
)

// follower is what the two kinds of subscription share: a place in the log and the
// way from disk to memory and back.
//
// There is no hand-over from catching up to live that could lose or repeat a record.
// The place is one number. What follows it comes from memory when memory reaches back
// so far, else from disk; both are bounded by the same published end of the log.
type follower struct {
	*outlet
	cursor int64 // everything up to this position was considered
	live   bool  // the reader was told that it has caught up

	// load considers what follows on disk up to head and moves the cursor.
	load func(head int64) error
	// take considers one record from memory.
	take func(rec *record) error
	// caughtUp is called before the reader is told; nil: nothing to do.
	caughtUp func() error
}

// run follows the log until the reader leaves, the server stops or an error ends it.
func (f *follower) run() error {
	if err := f.call.Send(confirmationResp(uuid.NewString())); err != nil {
		return err
	}
	for {
		n := f.tail.after(f.cursor, pageRecords)
		switch {
		case !n.inMemory:
			f.live = false
			if err := f.load(n.head); err != nil {
				return err
			}
		case len(n.records) > 0:
			for _, rec := range n.records {
				if err := f.take(rec); err != nil {
					return err
				}
				f.cursor = rec.position
			}
		default:
			if err := f.idle(n.changed); err != nil {
				return err
			}
			continue
		}
		if err := f.halted(); err != nil {
			return err
		}
	}
}

// idle tells the reader that it has caught up, if it does not know, and waits.
func (f *follower) idle(changed <-chan struct{}) error {
	if !f.live {
		f.live = true
		if f.caughtUp != nil {
			if err := f.caughtUp(); err != nil {
				return err
			}
		}
		if err := f.call.Send(caughtUpResp()); err != nil {
			return err
		}
	}
	select {
	case <-changed:
		return nil
	case <-f.ctx().Done():
		return f.ctx().Err()
	case <-f.stopping:
		return stopping()
	}
}

// subscribeToAll sends what follows a position of the log, filtered.
func (s *streamsServer) subscribeToAll(out *outlet, of *streams.ReadReq_Options_AllOptions, filter *filter) error {
	head := s.tail.published()
	from, err := s.logPosition(out.ctx(), of, head)
	if err != nil {
		return err
	}
	sub := &allSubscription{filter: filter}
	sub.follower = follower{outlet: out, cursor: min(from, head), load: sub.load, take: sub.take, caughtUp: sub.checkpoint}
	sub.marked = sub.cursor
	return sub.run()
}

// allSubscription follows $all.
type allSubscription struct {
	follower
	filter     *filter
	considered uint64 // records since the last checkpoint
	marked     int64  // position of the last checkpoint, or of the start
}

func (a *allSubscription) load(head int64) error {
	p, err := readPage(a.ctx(), a.reads.allForwards, pageRecords, a.cursor, head)
	if err != nil {
		return err
	}
	for _, rec := range p.records {
		if err := a.take(rec); err != nil {
			return err
		}
		a.cursor = rec.position
	}
	return nil
}

func (a *allSubscription) take(rec *record) error {
	if a.filter.matches(rec) {
		if err := a.send(rec); err != nil {
			return err
		}
	}
	if a.filter == nil {
		return nil
	}
	if a.considered++; a.considered < a.filter.interval {
		return nil
	}
	a.considered, a.marked = 0, rec.position
	return a.call.Send(checkpointResp(rec.position))
}

// checkpoint tells how far a filtered subscription has looked when it goes live. The
// cursor is always the position of a record that was looked at: the next record gets a
// higher one, so that resuming here skips nothing.
func (a *allSubscription) checkpoint() error {
	if a.filter == nil || a.cursor == a.marked {
		return nil
	}
	a.considered, a.marked = 0, a.cursor
	return a.call.Send(checkpointResp(a.cursor))
}
