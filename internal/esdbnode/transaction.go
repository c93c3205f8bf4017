package esdbnode

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// transaction is one group of changes on its way to disk. It sees its own earlier
// changes; nobody else does until it is committed and published.
type transaction struct {
	*store
	next    int64
	records []*record
	states  map[string]streamState // every stream that was asked for or changed
	ids     map[uuid.UUID]written
	known   func(stream string) (streamState, bool)
}

// begin starts a transaction. known offers states that are already in memory.
func (s *store) begin(ctx context.Context, known func(string) (streamState, bool)) (*transaction, error) {
	if _, err := s.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return nil, fmt.Errorf("begin transaction: %w", err)
	}
	return &transaction{
		store:  s,
		next:   s.next,
		states: map[string]streamState{},
		ids:    map[uuid.UUID]written{},
		known:  known,
	}, nil
}

// commit makes the transaction durable. After an error nothing of it was written,
// unless the machine dies before the next commit.
func (tx *transaction) commit(ctx context.Context) error {
	if _, err := tx.conn.ExecContext(ctx, "COMMIT"); err != nil {
		tx.rollback(ctx)
		return fmt.Errorf("commit transaction: %w", err)
	}
	tx.store.next = tx.next
	for id, at := range tx.ids {
		tx.store.ids.put(id, at)
	}
	return nil
}

// rollback undoes the transaction. SQLite has often done so itself after an error; it
// then answers that there is none, which is what was wanted.
func (tx *transaction) rollback(ctx context.Context) {
	_, _ = tx.conn.ExecContext(ctx, "ROLLBACK")
}

// state is the state of a stream as this transaction sees it.
func (tx *transaction) state(ctx context.Context, stream string) (streamState, error) {
	if st, ok := tx.states[stream]; ok {
		return st, nil
	}
	st, ok := tx.known(stream)
	if !ok {
		var err error
		if st, err = tx.own.state(ctx, stream, uncommitted); err != nil {
			return st, err
		}
	}
	tx.states[stream] = st
	return st, nil
}

// seen implements history: this transaction first, then what memory holds.
func (tx *transaction) seen(id uuid.UUID) (written, bool) {
	if at, ok := tx.ids[id]; ok {
		return at, true
	}
	return tx.store.ids.get(id)
}

// recorded implements history.
func (tx *transaction) recorded(ctx context.Context, stream string, from, n int64) ([]identity, error) {
	return tx.own.recorded(ctx, stream, from, n)
}

// write inserts one event at the given revision and keeps the states in step.
func (tx *transaction) write(ctx context.Context, stream string, revision int64, e proposed) error {
	rec := &record{
		position: tx.next, stream: stream, revision: revision,
		id: e.id, kind: e.kind, json: e.json, created: ticks(tx.now()),
		data: e.data, metadata: e.metadata,
	}
	_, err := tx.insert.ExecContext(ctx, rec.position, rec.stream, rec.revision, rec.id[:],
		rec.kind, rec.json, rec.created, rec.data, rec.metadata)
	if err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	tx.next += rec.size()
	tx.records = append(tx.records, rec)
	tx.ids[rec.id] = written{stream: stream, revision: revision, position: rec.position}

	st, err := tx.state(ctx, stream)
	if err != nil {
		return err
	}
	st.last = revision
	tx.states[stream] = st
	if original, ok := originalStream(stream); ok {
		return tx.setMeta(ctx, original, e.data)
	}
	return nil
}

// setMeta notes the metadata that was just written for a stream.
func (tx *transaction) setMeta(ctx context.Context, stream string, raw []byte) error {
	st, err := tx.state(ctx, stream)
	if err != nil {
		return err
	}
	st.hasMeta, st.rawMeta, st.meta = true, raw, parseMeta(raw)
	tx.states[stream] = st
	return nil
}

// writeMeta appends a metadata event of the node's own making.
func (tx *transaction) writeMeta(ctx context.Context, stream string, raw []byte) error {
	holder := metadataStream(stream)
	st, err := tx.state(ctx, holder)
	if err != nil {
		return err
	}
	return tx.write(ctx, holder, st.last+1, proposed{id: uuid.New(), kind: typeMetadata, json: true, data: raw})
}

// position is where the last event of this transaction stands, or the last of all.
func (tx *transaction) position() int64 {
	if n := len(tx.records); n > 0 {
		return tx.records[n-1].position
	}
	return tx.head
}
