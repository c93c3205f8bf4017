package ablylocal

import (
	"log/slog"
	"net/http"
	"time"
)

// Config says how a Server behaves. The zero value is useful: a random key with
// all capabilities, the standard package's limits, loopback only.
type Config struct {
	// Key is the API key "appId.keyId:secret". Empty: a random one, see Server.Key.
	Key string
	// KeyCapability is the capability JSON of the key; a token never exceeds it.
	// Empty: everything, `{"[*]*":["*"]}`.
	KeyCapability string
	// Revocable lets the key's tokens be revoked. They then live an hour at most.
	Revocable bool
	// RevokeChannels lets a revocation name a channel, which the service enables for an
	// account on request only.
	RevokeChannels bool
	// Provision answers POST /apps with the key, as the clients' own integration tests
	// want it. Whoever reaches the endpoint has the key then.
	Provision bool
	// Limits is the package whose limits are enforced. Defaults to LimitsStandard.
	Limits Limits
	// Expose allows a listener that is not on loopback.
	Expose bool
	// HeartbeatInterval is the longest silence that a connection is promised
	// (maxIdleInterval on the wire). Defaults to 15 s, as the service's.
	HeartbeatInterval time.Duration
	// Window is for how long messages are kept, connections can be resumed and ids are
	// remembered. Defaults to two minutes, as the service's; tests that let it pass
	// shorten it.
	Window time.Duration
	// MaxQueue is how many frames may wait for one connection; past it the
	// connection is cut, and its client resumes. Defaults to 8192.
	MaxQueue int
	// OnMessage sees every accepted message, not the repeats, in order per
	// channel and before any subscriber. It runs inside the channel's lock: it
	// must return at once and must not call the Server.
	OnMessage func(channel string, m Message)
	// Faults wraps the whole endpoint, upgrade requests included: what it answers,
	// delays or cuts never reaches the endpoint, and what it lets pass is served
	// as always. Nil: nothing in between. What goes wrong within the endpoint is turned
	// on by Server.Switches.
	Faults func(http.Handler) http.Handler
	// Now is the clock of stamps, windows, limits and expiry. Defaults to time.Now.
	Now func() time.Time
	// Logger takes what the operator of the endpoint should know. Nil: discarded.
	Logger *slog.Logger
}

// The service's windows and sizes, the same for every package.
const (
	defaultWindow     = 2 * time.Minute
	renewalLead       = 30 * time.Second // how long before its expiry a token's renewal is asked for
	maxTokenTTL       = 24 * time.Hour
	maxRevocableTTL   = time.Hour
	defaultTokenTTL   = time.Hour
	reauthMargin      = 30 * time.Second // how much later a revocation applies that leaves time to renew
	maxRevokeTargets  = 100
	timestampLeeway   = 2 * time.Minute // of a token request
	defaultHeartbeat  = 15 * time.Second
	defaultMaxQueue   = 8192
	maxMessageBytes   = 64 << 10
	maxFrameBytes     = 512 << 10
	maxBodyBytes      = 2 << 20
	maxChannelName    = 2048
	maxBatchChannels  = 100
	maxBatchMessages  = 1000
	maxHistoryLimit   = 1000
	maxRewind         = 100 // messages
	dfltHistoryLimit  = 100
	writeTimeout      = 10 * time.Second
	closeTimeout      = time.Second
	sweepInterval     = 10 * time.Second
	channelIdle       = time.Minute // a channel counts as active this long after its last use
	readHeaderTimeout = 10 * time.Second
)

// withDefaults fills what was left empty.
func (c Config) withDefaults() Config {
	if c.Key == "" {
		c.Key = randomID(6) + "." + randomID(6) + ":" + randomID(24)
	}
	if c.KeyCapability == "" {
		c.KeyCapability = `{"[*]*":["*"]}`
	}
	if c.HeartbeatInterval <= 0 {
		c.HeartbeatInterval = defaultHeartbeat
	}
	if c.Window <= 0 {
		c.Window = defaultWindow
	}
	if c.MaxQueue <= 0 {
		c.MaxQueue = defaultMaxQueue
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}
