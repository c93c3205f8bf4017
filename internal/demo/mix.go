package demo

import (
	"cmp"
	"slices"
	"time"

	"github.com/royalglow/booking/internal/demo/check"
)

// next decides who does what next in the salon, or returns nil when nothing sensible can be done right now.
//
// Each verb earns its share of every command as credit and the verb with the most credit that somebody can use is used, so
// that even a short run has all of them and the mix is even throughout.
func (s *salon) next() *want {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	if w := s.urgent(); w != nil {
		s.earn()
		return w
	}
	verbs := s.verbs()
	// What is due and rare, or has not come yet, comes first: everything else comes often enough.
	slices.SortStableFunc(verbs, func(a, b verb) int {
		due := func(v verb) int {
			if s.credit[v.action] >= 1 && (v.share < rare || !s.used[v.action]) {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(due(b), due(a)), cmp.Compare(s.credit[b.action], s.credit[a.action]))
	})
	for _, v := range verbs {
		if s.credit[v.action] < -maxDebt {
			break
		}
		if s.turns < v.from || time.Now().Before(s.waits[v.action]) {
			continue
		}
		if w := v.find(); w != nil {
			s.earn()
			s.credit[v.action]--
			w.priced, w.first = true, !s.used[v.action]
			s.used[v.action] = true
			return w
		}
	}
	// Everybody waits for something. If it never comes, such as a message that is lost, new customers still do.
	s.credit[check.Request] += s.verbs()[0].share / 1000
	return nil
}

// earn gives each verb its share of a command.
func (s *salon) earn() {
	s.turns++
	crowded := s.count(isFar) >= crowd
	for _, v := range s.verbs() {
		s.credit[v.action] = min(s.credit[v.action]+v.earns(crowded), v.most())
	}
}

// urgent is what cannot wait for its share: who wants the same as somebody, or came too late, and bookings that are in the way of
// a leave or a closure. s.mu is held.
func (s *salon) urgent() *want {
	if c := s.rival; c != nil {
		s.rival = nil
		return s.wantsSame(c)
	}
	if c := s.second; c != nil {
		s.second = nil
		return s.asks(c.by, c)
	}
	return s.wantsSolution()
}
