package publishers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
)

const (
	// maxRevocableTTL is the longest that a token of a revocable key may be valid; the service refuses a longer one.
	maxRevocableTTL = time.Hour
	_               = uint(maxRevocableTTL - TokenTTL) // does not compile when ours are valid for longer

	// maxRefusals is after how many refusals in a row a revocation is given up. The first may come from clocks that differ: the service
	// takes no time that is still to come for it.
	maxRefusals = 6
	// maxTargets is how many targets one request may have.
	maxTargets = 100
	// clocksDiffer is how much the clocks of the instances that issue tokens, and that of the service, are taken to differ.
	clocksDiffer = 100 * time.Millisecond
)

// Revoker ends tokens before their time, where the key allows that. It is safe for concurrent use.
type Revoker struct {
	caller  revokeCaller
	jitter  func() float64
	now     func() time.Time
	nothing bool // no key
	allowed bool // the key is revocable
}

// RevokerConfig says with what a Revoker works. The zero values of all but Key work.
type RevokerConfig struct {
	// Config gives Key, Endpoint, Transport, AttemptTimeout, Jitter and Tracer; the rest of it is not looked at.
	Config
	// Revocable says that the key has revocable tokens switched on. Only tokens that were issued since then can be revoked.
	Revocable bool
	Now       func() time.Time // time.Now
}

// NewRevoker makes one. Without a key, or with one that is not revocable, it revokes nothing and says so. It connects to nothing yet.
func NewRevoker(cfg RevokerConfig) (*Revoker, error) {
	cfg.Config = cfg.withDefaults()
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	r := &Revoker{jitter: cfg.Jitter, now: cfg.Now, nothing: cfg.Key == "", allowed: cfg.Revocable && cfg.Key != ""}
	if !r.allowed {
		return r, nil
	}
	keyName, _, err := SplitKey(cfg.Key)
	if err != nil {
		return nil, err
	}
	if cfg.Transport == nil {
		cfg.Transport = newTransport(nil)
	}
	client, err := newAblySender(cfg.Config)
	if err != nil {
		return nil, err
	}
	r.caller = revokeCaller{ablySender: client, path: "/keys/" + keyName + "/revokeTokens"}
	return r, nil
}

// Allowed reports whether tokens can be revoked at all.
func (r *Revoker) Allowed() bool { return r.allowed }

// Revoked is what became of the tokens of a user.
type Revoked struct {
	// Revoked is false where the key does not allow it: the tokens end by themselves.
	Revoked bool
	// EndsBy is when the last token that was issued before now has ended.
	EndsBy time.Time
}

// RevokeUser ends all tokens of a user that were issued before now, and returns when the service has said that they are ended: that
// takes a second at least, see nextSecond. It tries again, as the publisher does, until ctx ends. It returns a *domain.Refusal (Unavailable) without a key, or when it has not come about.
func (r *Revoker) RevokeUser(ctx context.Context, userID string) (Revoked, error) {
	now := r.now()
	out := Revoked{EndsBy: now.Add(TokenTTL)}
	switch {
	case r.nothing:
		return out, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "realtime is not configured")
	case !domain.ValidID(domain.UserPrefix, userID):
		return out, domain.Refuse(domain.Invalid, domain.CodeValidation, "the user id is malformed")
	case !r.allowed:
		return out, nil
	}
	before, err := r.nextSecond(ctx)
	if err == nil {
		err = r.revoke(ctx, before, []string{"clientId:" + userID})
	}
	if err != nil {
		return out, domain.Refuse(domain.Unavailable, domain.CodeUnavailable,
			"the tokens are not known to be revoked: %v; try again, or wait until they have ended at %s", err, out.EndsBy.UTC().Format(time.RFC3339))
	}
	return Revoked{Revoked: true, EndsBy: before}, nil
}

// nextSecond waits until the next second has begun, and returns its beginning, before which the tokens are to be revoked. A token says in
// whole seconds when it was issued, and so no time within a second parts the tokens of before from those of after it: a page whose token
// ends then could get one that counts as issued before, too, and would be refused with it. By the time that the service is asked no page
// gets such a token any more.
func (r *Revoker) nextSecond(ctx context.Context) (time.Time, error) {
	now := r.now()
	next := now.Truncate(time.Second).Add(time.Second)
	timer := time.NewTimer(next.Sub(now) + clocksDiffer)
	defer timer.Stop()
	select {
	case <-timer.C:
		return next, nil
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	}
}

// revokeStaff ends all tokens of whoever signs in as these members of staff.
func (r *Revoker) revokeStaff(ctx context.Context, before time.Time, staffIDs []string) error {
	targets := make([]string, len(staffIDs))
	for i, id := range staffIDs {
		targets[i] = "revocationKey:" + id
	}
	for some := range slices.Chunk(targets, maxTargets) {
		if err := r.revoke(ctx, before, some); err != nil {
			return err
		}
	}
	return nil
}

// errRefused says that the service will not revoke: the key is not accepted for it, or is not revocable.
var errRefused = errors.New("the service refuses")

// revoke repeats the request for the targets that are not done, until there are none, the service has refused too often, or ctx ends.
func (r *Revoker) revoke(ctx context.Context, before time.Time, targets []string) error {
	refusals := 0
	for failures := 1; ; failures++ {
		left, a := r.caller.call(ctx, before, targets)
		if len(left) == 0 {
			return nil
		}
		targets = left
		switch a.outcome {
		case outcomeAuth, outcomePermanent:
			if refusals++; refusals >= maxRefusals {
				return fmt.Errorf("%w: %s (%d)", errRefused, a.reason, a.code)
			}
		case outcomeOK, outcomeRetryable, outcomeInDoubt:
			refusals = 0
		}
		pause := time.NewTimer(backoff(failures, a.retryAfter, r.jitter()))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return fmt.Errorf("%w (last: %s)", context.Cause(ctx), a.reason)
		}
	}
}
