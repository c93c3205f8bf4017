package ablylocal

import (
	"slices"
	"sync"
	"time"
)

// What a revocation can name.
const (
	targetClient  = "clientId"
	targetKey     = "revocationKey" // the claim x-ably-revocation-key of a JWT
	targetChannel = "channel"       // a resource of the capability, by its exact text: no channel that it covers
)

// revocation ends the tokens that were issued before a time, from another time on.
type revocation struct{ issuedBefore, appliesAt time.Time }

// revocations is what has been revoked, by target, for as long as a token that it
// ends could have lived.
type revocations struct {
	mu       sync.Mutex
	byTarget map[string][]revocation
}

// add remembers a revocation, and forgets those that have nothing left to end.
func (l *revocations) add(target string, r revocation, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byTarget == nil {
		l.byTarget = map[string][]revocation{}
	}
	for name, list := range l.byTarget {
		list = slices.DeleteFunc(list, func(old revocation) bool { return now.Sub(old.issuedBefore) > maxRevocableTTL })
		if l.byTarget[name] = list; len(list) == 0 {
			delete(l.byTarget, name)
		}
	}
	l.byTarget[target] = append(l.byTarget[target], r)
}

// from is when an identity's token ends by a revocation; zero when it does not.
func (l *revocations) from(id identity) (at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, target := range id.targets() {
		for _, r := range l.byTarget[target] {
			if id.issued.Before(r.issuedBefore) && (at.IsZero() || r.appliesAt.Before(at)) {
				at = r.appliesAt
			}
		}
	}
	return at
}

// targets is what a revocation can name to end an identity's token; nothing for a key.
func (i identity) targets() []string {
	if i.issued.IsZero() {
		return nil
	}
	targets := make([]string, 0, 2+len(i.resources))
	if i.clientID != "" {
		targets = append(targets, targetClient+":"+i.clientID)
	}
	if i.revocationKey != "" {
		targets = append(targets, targetKey+":"+i.revocationKey)
	}
	for _, name := range i.resources {
		targets = append(targets, targetChannel+":"+name)
	}
	return targets
}

// revoked refuses an identity whose token has been revoked.
func (s *Server) revoked(id identity) *ErrorInfo {
	if at := s.revocations.from(id); !at.IsZero() && !s.cfg.Now().Before(at) {
		return refuse(CodeTokenRevoked, "token revoked")
	}
	return nil
}

// revisit lets every connection find out whether its token has been revoked.
func (s *Server) revisit() {
	s.socketsMu.Lock()
	defer s.socketsMu.Unlock()
	for sock := range s.sockets {
		sock.revisit()
	}
}

// revisit notes when the connection's token ends by a revocation. While there is time
// the client is asked for another one.
func (k *socket) revisit() {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.revokedAt
	k.revokedAt = k.server.revocations.from(k.identity)
	if k.revokedAt.Equal(before) {
		return
	}
	if k.greeted && !k.revokedAt.IsZero() && k.server.cfg.Now().Before(k.revokedAt) {
		k.askedRenew = true
		k.queue.pushAll([]*frame{newFrame(&protocolMessage{Action: actAuth})})
	}
	k.queue.signal()
}
