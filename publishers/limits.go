package publishers

import (
	"time"

	"golang.org/x/time/rate"
)

// Limits are the rates that the publisher keeps to on its own, below those at which the service refuses. A zero field takes
// its default.
type Limits struct {
	// PerChannel is lists a second on one channel; a list counts once, whatever it holds. Defaults to 45, of the service's 50.
	PerChannel float64
	// Requests is HTTP requests a second. Defaults to 289: 80 % of what the service's Standard package allows.
	Requests float64
	// Messages is messages a second over all channels. Defaults to 2000: 80 % of the same.
	Messages float64
}

const (
	// A bucket lets through its burst and its rate within one second, so the burst is what lies between ours and theirs.
	channelBurst  = 5
	requestsBurst = 40
	// Messages may be taken on credit, so the last request of such a second comes on top.
	messagesBurst = 500 - maxRequestMessages
	// keptBuckets is how many channels' buckets may be kept before the full ones, which say nothing, are dropped.
	keptBuckets = 1024
)

// buckets are the token buckets of the account and of its channels. One goroutine uses them.
type buckets struct {
	perChannel rate.Limit
	requests   *rate.Limiter
	messages   *rate.Limiter
	channels   map[string]*rate.Limiter
}

func newBuckets(l Limits) *buckets {
	if l.PerChannel <= 0 {
		l.PerChannel = 45
	}
	if l.Requests <= 0 {
		l.Requests = 289
	}
	if l.Messages <= 0 {
		l.Messages = 2000
	}
	return &buckets{
		perChannel: rate.Limit(l.PerChannel),
		requests:   rate.NewLimiter(rate.Limit(l.Requests), requestsBurst),
		messages:   rate.NewLimiter(rate.Limit(l.Messages), messagesBurst),
		channels:   map[string]*rate.Limiter{},
	}
}

// takeChannel takes a token of the channel's bucket, or returns how long until there is one.
func (b *buckets) takeChannel(name string, now time.Time) time.Duration {
	bucket, ok := b.channels[name]
	if !ok {
		bucket = rate.NewLimiter(b.perChannel, channelBurst)
		b.channels[name] = bucket
	}
	if bucket.AllowN(now, 1) {
		return 0
	}
	return untilToken(bucket, now)
}

// accountWait returns how long until a request may be sent, without taking anything: 0 means now.
func (b *buckets) accountWait(now time.Time) time.Duration {
	return max(untilToken(b.requests, now), untilToken(b.messages, now))
}

// takeAccount takes the tokens of a request with so many messages. Messages may be taken on credit: the next request waits
// until that is paid back.
func (b *buckets) takeAccount(now time.Time, messages int) {
	b.requests.AllowN(now, 1)
	b.messages.ReserveN(now, messages)
}

// spareWait returns how long until there is more than enough for messages that are in no hurry: 0 means now.
func (b *buckets) spareWait(now time.Time) time.Duration {
	return max(untilTokens(b.messages, messagesBurst/2, now), untilTokens(b.requests, requestsBurst/2, now))
}

// sweep forgets the buckets that have filled up again, once there are many.
func (b *buckets) sweep(now time.Time) {
	if len(b.channels) <= keptBuckets {
		return
	}
	for name, bucket := range b.channels {
		if bucket.TokensAt(now) >= channelBurst {
			delete(b.channels, name)
		}
	}
}

// untilToken is untilTokens for one.
func untilToken(l *rate.Limiter, now time.Time) time.Duration { return untilTokens(l, 1, now) }

// untilTokens is 0 when the bucket holds so many tokens. It rounds up, so that a bucket asked again after the wait has them.
func untilTokens(l *rate.Limiter, n float64, now time.Time) time.Duration {
	if l.TokensAt(now) >= n {
		return 0
	}
	missing := (n - l.TokensAt(now)) / float64(l.Limit())
	return time.Duration(missing*float64(time.Second)) + time.Microsecond
}
