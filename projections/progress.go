package projections

import "sync"

// progress wakes those who wait for a read model to move. It carries no position: whoever wakes looks into the database,
// which alone says what can be read.
type progress struct {
	mu    sync.Mutex
	moved chan struct{}
}

// changed returns a channel that is closed at the next advance. It must be taken before the database is looked at, or an
// advance in between is missed.
func (p *progress) changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.moved == nil {
		p.moved = make(chan struct{})
	}
	return p.moved
}

// advance wakes all who wait.
func (p *progress) advance() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.moved != nil {
		close(p.moved)
		p.moved = nil
	}
}
