package eventstore

import "sync"

// users counts who uses a thing that must not be torn down under them.
type users struct {
	mu   sync.Mutex
	n    int
	shut bool
	// last is called once, when nobody may come any more and everyone has left.
	last func()
}

// enter reports whether the thing may still be used; leave is called exactly once for each yes.
func (u *users) enter() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.shut {
		return false
	}
	u.n++
	return true
}

func (u *users) leave() {
	u.mu.Lock()
	u.n--
	done := u.shut && u.n == 0
	u.mu.Unlock()
	if done {
		u.last()
	}
}

// shutdown lets nobody in any more. It may be called again.
func (u *users) shutdown() {
	u.mu.Lock()
	done := !u.shut && u.n == 0
	u.shut = true
	u.mu.Unlock()
	if done {
		u.last()
	}
}
