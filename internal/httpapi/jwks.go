package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
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
type JWKS struct {
	url    string
	client *http.Client
	log    *slog.Logger

	mu    sync.Mutex // held while fetching, so that callers share one fetch
	keys  keyfunc.Keyfunc
	tried time.Time
}

// NewJWKS returns the set at the URL. It fetches nothing yet: run Run.
func NewJWKS(url string, client *http.Client, log *slog.Logger) *JWKS {
	return &JWKS{url: url, client: client, log: log}
}

// Run fetches the keys, and again from time to time, until ctx ends.
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
		case <-timer.C:
		}
	}
}

// Ready returns nil once keys have been fetched.
func (j *JWKS) Ready(context.Context) error {
	if j.current() == nil {
		return errNoKeys
	}
	return nil
}

func (j *JWKS) methods() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// key finds the token's key by its id, and looks for new keys when there is none.
func (j *JWKS) key(ctx context.Context, token *jwt.Token) (any, error) {
	keys := j.current()
	if keys != nil {
		key, err := keys.KeyfuncCtx(ctx)(token)
		if !errors.Is(err, jwkset.ErrKeyNotFound) {
			return key, err
		}
	}
	if err := j.fetchUnlessTried(ctx); err != nil && keys == nil {
		return nil, errors.Join(errNoKeys, err)
	}
	if keys = j.current(); keys == nil {
		return nil, errNoKeys
	}
	return keys.KeyfuncCtx(ctx)(token)
}

func (j *JWKS) current() keyfunc.Keyfunc {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.keys
}

func (j *JWKS) fetchUnlessTried(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.tried.IsZero() && time.Since(j.tried) < jwksRetry {
		return nil
	}
	return j.fetchLocked(ctx)
}

func (j *JWKS) fetch(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.fetchLocked(ctx)
}

func (j *JWKS) fetchLocked(ctx context.Context) error {
	j.tried = time.Now()
	ctx, cancel := context.WithTimeout(ctx, jwksTime)
	defer cancel()
	// Without an interval the storage fetches once, here, and starts no goroutine.
	storage, err := jwkset.NewStorageFromHTTP(j.url, jwkset.HTTPClientStorageOptions{
		Client: j.client, Ctx: ctx, HTTPTimeout: jwksTime,
	})
	if err != nil {
		return fmt.Errorf("fetch session keys: %w", err)
	}
	keys, err := keyfunc.New(keyfunc.Options{Storage: storage})
	if err != nil {
		return fmt.Errorf("read session keys: %w", err)
	}
	j.keys = keys
	return nil
}
