package httpapi

import "time"

// UserLimits are the limits of few users, for tests.
type UserLimits struct{ limits *userLimits }

// NewUserLimits returns full buckets.
func NewUserLimits(every time.Duration, burst, most int) UserLimits {
	return UserLimits{newUserLimits(every, burst, most)}
}

// Take takes one from a user's bucket.
func (l UserLimits) Take(user string, now time.Time) error { return l.limits.take(user, now) }

// Kept returns how many users' buckets there are.
func (l UserLimits) Kept() int {
	l.limits.mu.Lock()
	defer l.limits.mu.Unlock()
	return l.limits.buckets.Len()
}
