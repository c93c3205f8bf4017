package ablylocal

import "sync"

// queue holds the frames that wait for one connection. It never blocks who adds:
// past its bound it says so, and the connection is given up, because a message
// left out would break the promise of continuity and waiting would delay others.
type queue struct {
	wake chan struct{} // one token: something changed

	mu     sync.Mutex
	frames []*frame
	last   bool // nothing more is taken: the frames end the connection
	bound  int
}

// newQueue makes an empty queue for at most bound live frames.
func newQueue(bound int) *queue { return &queue{wake: make(chan struct{}, 1), bound: bound} }

// push adds a live frame; false, once, when the queue is full: it is then at its
// end. A queue that has ended swallows what comes.
func (q *queue) push(f *frame) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.last {
		return true
	}
	if len(q.frames) >= q.bound {
		q.frames, q.last = nil, true
		return false
	}
	q.frames = append(q.frames, f)
	q.signal()
	return true
}

// pushAll adds frames beyond the bound: a replay is bounded by the window that it
// comes from, and giving up in its middle would only make the client ask again.
func (q *queue) pushAll(frames []*frame) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.last {
		return
	}
	q.frames = append(q.frames, frames...)
	q.signal()
}

// finish adds the final frame; what comes later is swallowed.
func (q *queue) finish(f *frame) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.last {
		return
	}
	q.frames = append(q.frames, f)
	q.last = true
	q.signal()
}

// take empties the queue, and tells whether that was all there will be.
func (q *queue) take() (frames []*frame, last bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	frames, q.frames = q.frames, nil
	return frames, q.last
}

// ended tells whether the final frame has been queued.
func (q *queue) ended() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last
}

// signal is called with mu held or by who only wants the writer to look again.
func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
