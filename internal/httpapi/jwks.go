package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

const (
	// jwksEvery is how often the keys are fetched again, so that one that was withdrawn does not stay good for long.
	jwksEvery = 15 * time.Minute
	// jwksRetry is the least time between two attempts when the last failed or a token names an unknown key: a stranger
	// who makes key ids up must not make us ask for each.
	jwksRetry = 10 * time.Second
	// jwksTime bounds one attempt.
	jwksTime = 5 * time.Second
)

// JWKS is a set of public keys that is fetched from a URL. Until the first fetch succeeds, tokens cannot be checked: the
// engine then answers 503 and is not ready, but runs.
//
// Whoever's token names a key that is there waits for nobody. Only Run fetches; the others ask it to, and all who wait share
// one attempt, which goes on when they leave.
type JWKS struct {
	url    string
	client *http.Client
	log    *slog.Logger

	keys atomic.Pointer[keySet]
	wake chan struct{} // holds a token while an attempt is asked for that has not begun

	mu    sync.Mutex
	now   *attempt  // asked for or under way; nil: none
	last  error     // what the last attempt ended with
	tried time.Time // when it was asked for
}

// keySet finds keys by their ids.
type keySet struct{ keyfunc.Keyfunc }

// attempt is one fetch.
type attempt struct {
	done chan struct{}
	err  error // valid once done is closed
}

// NewJWKS returns the set at the URL. It fetches nothing yet: run Run.
func NewJWKS(url string, client *http.Client, log *slog.Logger) *JWKS {
	return &JWKS{url: url, client: client, log: log, wake: make(chan struct{}, 1)}
}

// Run fetches the keys, and again from time to time and when a token names an unknown one, until ctx ends.
func (j *JWKS) Run(ctx context.Context) error {
	for {
		wait := jwksEvery
		if err := j.fetch(ctx); err != nil && ctx.Err() == nil {
			j.log.WarnContext(ctx, "session keys not fetched", slog.Any("error", err))
			wait = jwksRetry
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-j.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Ready returns nil once keys have been fetched.
func (j *JWKS) Ready(context.Context) error {
	if j.keys.Load() == nil {
		return errNoKeys
	}
	return nil
}

func (j *JWKS) methods() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// key finds the token's key by its id, and looks for new keys when there is none. A key that is not found although the set
// could not be looked at again is no fault of the token's.
func (j *JWKS) key(ctx context.Context, token *jwt.Token) (any, error) {
	if keys := j.keys.Load(); keys != nil {
		key, err := keys.KeyfuncCtx(ctx)(token)
		if !errors.Is(err, jwkset.ErrKeyNotFound) {
			return key, err
		}
	}
	if err := j.look(ctx); err != nil {
		return nil, errors.Join(errNoKeys, err)
	}
	keys := j.keys.Load()
	if keys == nil {
		return nil, errNoKeys
	}
	return keys.KeyfuncCtx(ctx)(token)
}

// look waits until the keys have been fetched anew, or returns how that ended when it was tried just now.
func (j *JWKS) look(ctx context.Context) error {
	j.mu.Lock()
	if j.now == nil && !j.tried.IsZero() && time.Since(j.tried) < jwksRetry {
		defer j.mu.Unlock()
		return j.last
	}
	if j.now == nil {
		j.wake <- struct{}{} // there is room: no attempt is asked for
	}
	a := j.attemptLocked()
	j.mu.Unlock()
	patience := time.NewTimer(jwksTime)
	defer patience.Stop()
	select {
	case <-a.done:
		return a.err
	case <-patience.C:
		return context.DeadlineExceeded
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// attemptLocked returns the attempt that is asked for or under way, a new one when there is none.
func (j *JWKS) attemptLocked() *attempt {
	if j.now == nil {
		j.now, j.tried = &attempt{done: make(chan struct{})}, time.Now()
	}
	return j.now
}

// fetch makes the attempt that is asked for, or one of its own accord.
func (j *JWKS) fetch(ctx context.Context) error {
	j.mu.Lock()
	a := j.attemptLocked()
	select {
	case <-j.wake: // this is what was asked for
	default:
	}
	j.mu.Unlock()
	keys, err := j.read(ctx)
	if err == nil {
		j.keys.Store(keys)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.now, j.last, a.err = nil, err, err
	close(a.done)
	return err
}

func (j *JWKS) read(ctx context.Context) (*keySet, error) {
	ctx, cancel := context.WithTimeout(ctx, jwksTime)
	defer cancel()
	// Without an interval the storage fetches once, here, and starts no goroutine.
	storage, err := jwkset.NewStorageFromHTTP(j.url, jwkset.HTTPClientStorageOptions{
		Client: j.client, Ctx: ctx, HTTPTimeout: jwksTime,
	})
	if err != nil {
		return nil, fmt.Errorf("fetch session keys: %w", err)
	}
	keys, err := keyfunc.New(keyfunc.Options{Storage: storage})
	if err != nil {
		return nil, fmt.Errorf("read session keys: %w", err)
	}
	return &keySet{keys}, nil
}
