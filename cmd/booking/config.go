package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

// Config is everything the engine can be told. Every field is a flag and an environment variable; the flag wins.
type Config struct {
	Listen         string // host:port of the API and page
	DataDir        string
	EventStoreURL  string // empty: the embedded node in DataDir
	DatabaseURL    string // of PostgreSQL; empty: SQLite in DataDir
	SingleInstance bool   // no other engine uses the database
	AblyKey        string // empty: realtime is off
	AblyEndpoint   string // empty: Ably itself
	AblyRevocable  bool   // the key's tokens can be revoked
	SessionSecret  string
	SessionJWKSURL string
	LogFormat      string
	LogLevel       string
	AblyJS         string // file of the browser client; empty: looked for, see internal/console

	wrongSwitch string // a switch's environment variable that is neither true nor false, with its value
}

// minSecret is the least length of a session secret in bytes: what HS256 needs to be worth anything.
const minSecret = 32

// flags returns the flags of c, in the order of the documentation. Their environment variables are read through getenv.
func (c *Config) flags(getenv func(string) string) []cli.Flag {
	flag := func(dest *string, name, env, value, usage string) cli.Flag {
		return textFlag(getenv, dest, name, env, value, usage)
	}
	return []cli.Flag{
		flag(&c.Listen, "listen", "LISTEN", "127.0.0.1:8080", "`HOST:PORT` of the API and the page"),
		c.dataFlag(getenv),
		flag(&c.EventStoreURL, "eventstore-url", "EVENTSTORE_URL", "", "esdb:// `URL` of a cluster; none: the embedded node"),
		c.databaseFlag(getenv),
		c.singleFlag(getenv),
		flag(&c.AblyKey, "ably-private-key", "ABLY_PRIVATE_KEY", "", "Ably API `KEY`; none: realtime is off"),
		flag(&c.AblyEndpoint, "ably-endpoint", "ABLY_ENDPOINT", "", "`HOST:PORT` in place of Ably's own; plain HTTP on loopback only"),
		c.revocableFlag(getenv),
		flag(&c.SessionSecret, "session-secret", "SESSION_SECRET", "", "HS256 `SECRET` of the users' tokens, at least 32 bytes"),
		flag(&c.SessionJWKSURL, "session-jwks-url", "SESSION_JWKS_URL", "", "`URL` of the keys of the users' tokens"),
		flag(&c.LogFormat, "log-format", "LOG_FORMAT", "text", "`FORMAT` of the log: text or json"),
		flag(&c.LogLevel, "log-level", "LOG_LEVEL", "info", "least `LEVEL` that is logged: debug, info, warn or error"),
		flag(&c.AblyJS, "ably-js", "ABLY_JS", "", "`FILE` of the browser's Ably client; none: node_modules, else the CDN"),
	}
}

// textFlag returns a flag whose default an environment variable may set.
func textFlag(getenv func(string) string, dest *string, name, env, value, usage string) cli.Flag {
	if v := getenv(env); v != "" {
		value = v
	}
	return &cli.StringFlag{Name: name, Destination: dest, Value: value, Usage: usage + " [" + env + "]", HideDefault: true}
}

// Validate returns one sentence that says what to change, or nil.
func (c *Config) Validate() error {
	switch {
	case c.SessionSecret == "" && c.SessionJWKSURL == "":
		return usagef("set SESSION_SECRET or SESSION_JWKS_URL: without one nobody can sign in")
	case c.SessionSecret != "" && c.SessionJWKSURL != "":
		return usagef("SESSION_SECRET and SESSION_JWKS_URL contradict each other: keep one")
	case c.SessionSecret != "" && len(c.SessionSecret) < minSecret:
		return usagef("SESSION_SECRET has %d bytes: use at least %d", len(c.SessionSecret), minSecret)
	case c.AblyEndpoint != "" && c.AblyKey == "":
		return usagef("ABLY_ENDPOINT is set but ABLY_PRIVATE_KEY is not: set both or neither")
	case c.AblyRevocable && c.AblyKey == "":
		return usagef("ABLY_REVOCABLE is set but ABLY_PRIVATE_KEY is not: set both or neither")
	case c.DataDir == "":
		return usagef("DATA_DIR is empty: name a folder")
	}
	if _, port, err := net.SplitHostPort(c.Listen); err != nil || !isPort(port) {
		return usagef("LISTEN %q: give host:port, for example 127.0.0.1:8080", c.Listen)
	}
	for _, check := range []func() error{c.validateStore, c.validateDatabase, c.validateJWKS, c.validateAblyKey, c.validateAblyEndpoint, c.validateLog} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// validateStore lets the client read the address; nothing is connected.
func (c *Config) validateStore() error {
	if c.EventStoreURL == "" {
		return nil
	}
	store, err := eventstore.Open(eventstore.Config{ConnectionString: c.EventStoreURL})
	if err != nil {
		return &usageError{err: fmt.Errorf("EVENTSTORE_URL: %w", err)}
	}
	return store.Close()
}

func (c *Config) validateJWKS() error {
	if c.SessionJWKSURL == "" {
		return nil
	}
	u, err := url.Parse(c.SessionJWKSURL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname()))) {
		return usagef("SESSION_JWKS_URL: give an https URL, or http on loopback")
	}
	return nil
}

// validateAblyKey never repeats the key: the sentence may end in a log.
func (c *Config) validateAblyKey() error {
	if c.AblyKey == "" {
		return nil
	}
	if _, _, err := publishers.SplitKey(c.AblyKey); err != nil {
		return usagef("ABLY_PRIVATE_KEY is malformed: it has the form APP.KEY:SECRET")
	}
	return nil
}

func (c *Config) validateAblyEndpoint() error {
	if c.AblyEndpoint == "" {
		return nil
	}
	if host, port, err := net.SplitHostPort(c.AblyEndpoint); err != nil || host == "" || !isPort(port) || port == "0" {
		return usagef("ABLY_ENDPOINT %q: give host:port", c.AblyEndpoint)
	}
	return nil
}

func (c *Config) validateLog() error {
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return usagef("LOG_FORMAT %q: use text or json", c.LogFormat)
	}
	if _, err := c.level(); err != nil {
		return usagef("LOG_LEVEL %q: use debug, info, warn or error", c.LogLevel)
	}
	return nil
}

func (c *Config) level() (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return 0, fmt.Errorf("read log level: %w", err)
	}
	return level, nil
}

// isPort reports whether s is a number that a port can have; 0 stands for a free one.
func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// isLoopback reports whether host is this machine and nothing else.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// path returns a file in the data folder.
func (c *Config) path(name string) string { return filepath.Join(c.DataDir, name) }

// absolute makes the data folder independent of the working folder.
func (c *Config) absolute() error {
	abs, err := filepath.Abs(c.DataDir)
	if err != nil {
		return fmt.Errorf("resolve data folder: %w", err)
	}
	c.DataDir = abs
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return fmt.Errorf("create data folder: %w", err)
	}
	return nil
}
