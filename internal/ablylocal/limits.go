package ablylocal

import (
	"fmt"
	"time"

	"golang.org/x/time/rate"
)

// Limits names the Ably package whose limits the endpoint enforces.
type Limits int

// The packages. Standard is the zero value, so that a program meets the limits it
// will meet in production unless it says otherwise.
const (
	LimitsStandard Limits = iota
	LimitsFree
	LimitsOff
)

// String gives the name that ParseLimits reads.
func (l Limits) String() string {
	switch l {
	case LimitsStandard:
		return "standard"
	case LimitsFree:
		return "free"
	case LimitsOff:
		return "off"
	}
	return fmt.Sprintf("Limits(%d)", int(l))
}

// ParseLimits reads "off", "free" or "standard", as a flag gives it.
func ParseLimits(text string) (Limits, error) {
	for _, l := range []Limits{LimitsStandard, LimitsFree, LimitsOff} {
		if l.String() == text {
			return l, nil
		}
	}
	return LimitsStandard, fmt.Errorf("parse limits %q: want off, free or standard", text)
}

// limitTable is the figures of a package; 0 is no limit. Rates are per second.
//
// An array of messages that is published as one counts once for a channel and for
// a connection, as a BatchSpec does at the service, and each of its messages
// counts for the account, once in and once for every delivery.
type limitTable struct {
	accountMessages    int
	channels           int // concurrent
	connections        int // concurrent
	newChannels        int
	newConnections     int
	channelPublishes   int
	channelBytes       int
	connectionIn       int
	connectionOut      int
	connectionChannels int
	requests           int
	tokenRequests      int
}

// table gives the figures of the package, from the service's page of limits.
func (l Limits) table() limitTable {
	switch l {
	case LimitsStandard:
		return limitTable{
			accountMessages: 2500, channels: 10_000, connections: 10_000,
			newChannels: 250, newConnections: 250,
			channelPublishes: 50, channelBytes: 1 << 20,
			connectionIn: 50, connectionOut: 50, connectionChannels: 200,
			requests: 362, tokenRequests: 250,
		}
	case LimitsFree:
		return limitTable{
			accountMessages: 500, channels: 200, connections: 200,
			newChannels: 42, newConnections: 42,
			channelPublishes: 50, channelBytes: 1 << 20,
			connectionIn: 50, connectionOut: 50, connectionChannels: 200,
			requests: 50, tokenRequests: 50,
		}
	case LimitsOff:
	}
	return limitTable{}
}

// bucket is a token bucket that holds one second's worth. Nil never refuses.
type bucket struct{ limiter *rate.Limiter }

// newBucket makes a full bucket; nil for no limit.
func newBucket(perSecond int) *bucket {
	if perSecond == 0 {
		return nil
	}
	return &bucket{rate.NewLimiter(rate.Limit(perSecond), perSecond)}
}

// allow takes n tokens, or none and says no. More than a bucket ever holds counts
// as a full bucket: otherwise a large request could never pass.
func (b *bucket) allow(now time.Time, n int) bool {
	return b == nil || b.limiter.AllowN(now, min(n, b.limiter.Burst()))
}

// debit takes n tokens that are already spent, going below zero if it must, so
// that what follows is refused until the debt is paid.
func (b *bucket) debit(now time.Time, n int) {
	if b == nil {
		return
	}
	for burst := b.limiter.Burst(); n > 0; n -= burst {
		b.limiter.ReserveN(now, min(n, burst))
	}
}
