package ablylocal

import (
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Switches turn a Server's faults on and off while it runs, and count what they did.
// Who decides is a function, so a test says exactly which request goes wrong, and a
// seed repeats a run. They are safe for concurrent use.
type Switches struct {
	mu      sync.Mutex // the choices are asked one after the other, in order of arrival
	publish func(channels []string) PublishFault
	socket  func(Client) time.Duration

	publishes atomic.Int64
	counts    [FaultSocketDropped + 1]atomic.Int64
}

// Client is whose socket it is.
type Client struct {
	ID      string // "" for an anonymous one
	Resumed bool   // it continues an earlier connection
}

// Switches gives the switches of the server's faults; all are off at first.
func (s *Server) Switches() *Switches { return &s.switches }

// OnPublish asks choose about every well-formed publish request from now on, with the
// channels that it is for, in its order. It must return at once. Nil: no faults.
func (w *Switches) OnPublish(choose func(channels []string) PublishFault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.publish = choose
}

// OnSocket asks choose about every WebSocket that is opened from now on: after how long
// it is dropped; zero for never. It must return at once. Nil: none is.
func (w *Switches) OnSocket(choose func(Client) time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.socket = choose
}

// Publishes is how many publish requests there have been to choose from, faults or not.
func (w *Switches) Publishes() int64 { return w.publishes.Load() }

// Count is how often a fault has happened. A fault that was chosen for a request which
// was refused for a reason of its own has not.
func (w *Switches) Count(f Fault) int64 {
	if f < 0 || int(f) >= len(w.counts) {
		return 0
	}
	return w.counts[f].Load()
}

// happened counts a fault.
func (w *Switches) happened(f Fault) { w.counts[f].Add(1) }

// choosePublish decides about one request.
func (w *Switches) choosePublish(channels []string) PublishFault {
	w.publishes.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.publish == nil {
		return PublishFault{}
	}
	return w.publish(channels)
}

// chooseSocket decides about one socket.
func (w *Switches) chooseSocket(c Client) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.socket == nil {
		return 0
	}
	return w.socket(c)
}

// OneIn is a choice for OnPublish: of every n requests in a row one has a fault, at a
// place that the seed decides, and the faults take turns. So the share is n's to a
// request, and no kind is rarer than another.
func OneIn(n int, seed uint64, faults ...PublishFault) func([]string) PublishFault {
	dice := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // a run that can be repeated, not a secret
	at, chosen, turn := 0, 0, 0
	return func([]string) PublishFault {
		if at == 0 {
			chosen = dice.IntN(n)
		}
		hit := at == chosen
		at = (at + 1) % n
		if !hit || len(faults) == 0 {
			return PublishFault{}
		}
		turn++
		return faults[(turn-1)%len(faults)]
	}
}

// OnceIn is a choice for OnSocket: every client's socket is dropped once in a period.
// The first drops are spread evenly over one, so that not everybody comes back at once.
func OnceIn(period time.Duration) func(Client) time.Duration {
	n := 0
	return func(c Client) time.Duration {
		if c.Resumed {
			return period
		}
		n++
		// Multiples of the golden ratio never bunch together, however many there are.
		_, share := math.Modf(float64(n) * math.Phi)
		return max(time.Duration(share*float64(period)), time.Millisecond)
	}
}
