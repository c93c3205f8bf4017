package publishers

import (
	"net"
	"time"

	"github.com/royalglow/booking/internal/subscription"
)

// fence is a connection that writes nothing more once the lease may be another's. The service cannot know that: a process that was
// stopped in the middle of a request, and goes on when another publishes already, must not finish it.
type fence struct {
	net.Conn
	trusted func() time.Duration
}

// Write fails with subscription.ErrLeaseLost when the lease may be lost.
func (f fence) Write(b []byte) (int, error) {
	if f.trusted() <= 0 {
		return 0, subscription.ErrLeaseLost
	}
	return f.Conn.Write(b)
}
