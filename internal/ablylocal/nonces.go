package ablylocal

import (
	"sync"
	"time"
)

// nonces remembers the nonces of token requests for as long as a timestamp that
// went with one could still be current.
type nonces struct {
	mu    sync.Mutex
	seen  map[string]time.Time
	swept time.Time
}

// first tells whether a nonce is new, and remembers it.
func (n *nonces) first(nonce string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen == nil {
		n.seen = map[string]time.Time{}
	}
	if now.Sub(n.swept) >= sweepInterval {
		n.swept = now
		for old, at := range n.seen {
			if now.Sub(at) > 2*timestampLeeway {
				delete(n.seen, old)
			}
		}
	}
	if _, replayed := n.seen[nonce]; replayed {
		return false
	}
	n.seen[nonce] = now
	return true
}
