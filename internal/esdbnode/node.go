package esdbnode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/uuid"
)

// Node is an open event store. It does nothing by itself: Serve answers calls.
type Node struct {
	cfg   Config
	id    uuid.UUID // told by gossip
	lock  *lock
	store *store
	reads *queries
	tail  *tail
	write *writer

	mu      sync.Mutex
	closed  bool
	closing chan struct{}  // closed by Close
	serving sync.WaitGroup // calls of Serve and Backup
}

// Open locks the folder, opens or creates the files in it and goes on where the log
// ended. Nothing runs and nothing listens afterwards until Serve is called.
//
// Errors: a LockedError when somebody else has the folder, ErrNewerSchema when a newer
// program wrote it, else what the disk or SQLite says.
func Open(ctx context.Context, cfg Config) (*Node, error) {
	cfg = cfg.withDefaults()
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil || cfg.Dir == "" {
		return nil, fmt.Errorf("open event store: no usable folder %q: %w", cfg.Dir, errors.Join(err, os.ErrInvalid))
	}
	cfg.Dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open event store: %w", err)
	}
	held, err := acquireLock(dir)
	if err != nil {
		return nil, fmt.Errorf("open event store: %w", err)
	}
	st, err := openStore(ctx, cfg)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open event store: %w", err), held.release())
	}
	n := &Node{
		cfg: cfg, id: uuid.New(), lock: held, store: st, reads: st.reads,
		tail: newTail(st.head, int64(cfg.TailBytes)), closing: make(chan struct{}),
	}
	n.write = &writer{commit: n.commit}
	return n, nil
}

// Close stops every Serve, lets calls in flight finish for up to Config.DrainTimeout,
// closes the files and gives the folder back. A second call does nothing.
func (n *Node) Close() error {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return nil
	}
	n.closed = true
	close(n.closing)
	n.mu.Unlock()
	n.serving.Wait()
	if err := errors.Join(n.store.close(), n.lock.release()); err != nil {
		return fmt.Errorf("close event store: %w", err)
	}
	return nil
}

// enter registers work that Close has to wait for. The caller runs the returned
// function when it is done.
func (n *Node) enter() (leave func(), err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, ErrClosed
	}
	n.serving.Add(1)
	return n.serving.Done, nil
}
