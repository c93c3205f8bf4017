package httpapi

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"github.com/royalglow/booking/domain"
)

// userLimits are token buckets, one a user, of which this instance keeps the most recently used.
type userLimits struct {
	every time.Duration // after which a bucket has one more
	burst int           // what a full bucket holds

	mu      sync.Mutex
	buckets *simplelru.LRU[string, *rate.Limiter]
}

// newUserLimits returns full buckets for everybody. Who has not asked for the longest is forgotten when there are more than most
// users: he has a full bucket again, which harms nobody, because nobody makes himself users.
func newUserLimits(every time.Duration, burst, most int) *userLimits {
	buckets, err := simplelru.NewLRU[string, *rate.Limiter](most, nil)
	if err != nil {
		panic(fmt.Sprintf("http api: limits of %d users: %v", most, err))
	}
	return &userLimits{every: every, burst: burst, buckets: buckets}
}

// take takes one from a user's bucket. When there is none it refuses, with the time after which there will be.
func (l *userLimits) take(user string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket, ok := l.buckets.Get(user)
	if !ok {
		bucket = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.buckets.Add(user, bucket)
	}
	taken := bucket.ReserveN(now, 1)
	wait := taken.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	taken.CancelAt(now) // who is refused pays nothing: a program that asks on and on is served as soon as there is one
	p := newProblem(http.StatusTooManyRequests, domain.CodeRateLimited, "this was asked for too often; wait as long as Retry-After says")
	p.headers.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return p
}
