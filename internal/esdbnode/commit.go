package esdbnode

import (
	"context"

	"github.com/google/uuid"
)

// commit decides and writes a batch in one transaction, publishes it, and sets the
// outcome of every change. Outcomes are given only after the commit, refusals too: a
// refusal may rest on an event of the same batch.
func (n *Node) commit(batch []*change) {
	// A transaction belongs to many clients; none of them can cancel it.
	ctx := context.Background()
	err := n.commitTogether(ctx, batch)
	if err == nil {
		return
	}
	// Without room for all there may be room for some.
	if isFull(err) && len(batch) > 1 {
		for i := range batch {
			n.commit(batch[i : i+1])
		}
		return
	}
	for _, c := range batch {
		c.result, c.err = decision{}, err
	}
}

func (n *Node) commitTogether(ctx context.Context, batch []*change) error {
	tx, err := n.store.begin(ctx, n.tail.knownState)
	if err != nil {
		return err
	}
	for _, c := range batch {
		if c.err = c.ctx.Err(); c.err != nil {
			continue // the client is gone, and nothing of it was written
		}
		if c.result, err = tx.apply(ctx, c); err != nil {
			tx.rollback(ctx)
			return err
		}
	}
	if err := tx.commit(ctx); err != nil {
		return err
	}
	if len(tx.records) > 0 {
		n.store.head = tx.position()
		n.tail.publish(tx.records, tx.states)
	}
	return nil
}

// apply decides one change and writes what it asks for.
func (tx *transaction) apply(ctx context.Context, c *change) (decision, error) {
	st, err := tx.state(ctx, c.stream)
	if err != nil {
		return decision{}, err
	}
	// A tombstone ends the metadata of the stream as well.
	if original, ok := originalStream(c.stream); ok {
		if of, err := tx.state(ctx, original); err != nil {
			return decision{}, err
		} else if of.tombstoned() {
			return decision{verdict: verdictDeleted}, nil
		}
	}
	d, err := decide(ctx, tx, c.stream, st, c.want, c.ids())
	if err != nil || d.verdict != verdictWrite {
		return d, err
	}
	switch c.kind {
	case changeAppend:
		return tx.append(ctx, c, d)
	case changeSoftDelete:
		err = tx.writeMeta(ctx, c.stream, softDeleteMeta())
	case changeTombstone:
		err = tx.write(ctx, c.stream, tombstoneRevision, proposed{id: uuid.New(), kind: typeStreamDeleted})
	}
	d.position = tx.position()
	return d, err
}

// append writes the events of a change behind the stream's last revision.
func (tx *transaction) append(ctx context.Context, c *change, d decision) (decision, error) {
	if d.undelete && len(c.events) > 0 {
		st, err := tx.state(ctx, c.stream)
		if err != nil {
			return d, err
		}
		if err := tx.writeMeta(ctx, c.stream, undeleteMeta(st.rawMeta, d.last+1)); err != nil {
			return d, err
		}
	}
	for _, e := range c.events {
		d.last++
		if err := tx.write(ctx, c.stream, d.last, e); err != nil {
			return d, err
		}
	}
	d.position = tx.position()
	return d, nil
}

// ids are the event ids by which a repeat is recognised. A delete has none of its own:
// a fresh one makes it behave like an append that never happened before.
func (c *change) ids() []uuid.UUID {
	if c.kind != changeAppend {
		return []uuid.UUID{uuid.New()}
	}
	ids := make([]uuid.UUID, len(c.events))
	for i, e := range c.events {
		ids[i] = e.id
	}
	return ids
}
