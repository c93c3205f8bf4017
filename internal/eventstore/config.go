package eventstore

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"go.opentelemetry.io/otel/trace"
)

// Defaults of Config.
const (
	DefaultCallTimeout = 10 * time.Second
	DefaultPatience    = 2 * time.Second
)

// Config says which store to use. Exactly one of ConnectionString and Socket is set.
type Config struct {
	// ConnectionString is an address of a server or cluster: esdb://… or esdb+discover://…. Its settings
	// maxDiscoverAttempts and discoveryInterval are of no account, because the supervision has its own.
	ConnectionString string
	// Socket is the path of the unix socket on which an embedded node listens.
	Socket string
	// Logger gets the comings and goings of the connection. Nil: nothing is logged.
	Logger *slog.Logger
	// Tracer makes the spans of appends and reads. Nil: none.
	Tracer trace.TracerProvider
	// CallTimeout bounds every call whose context has no earlier deadline; in a read, the wait for each event.
	// Defaults to DefaultCallTimeout.
	CallTimeout time.Duration
	// Patience is how long a call waits for a connection that is being made before it gives up with ErrUnavailable.
	// Defaults to DefaultPatience.
	Patience time.Duration
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.CallTimeout <= 0 {
		c.CallTimeout = DefaultCallTimeout
	}
	if c.Patience <= 0 {
		c.Patience = DefaultPatience
	}
	return c
}

// client returns the library's configuration, or one sentence that says what to change.
func (c Config) client() (esdb.Configuration, error) {
	switch {
	case (c.ConnectionString == "") == (c.Socket == ""):
		return esdb.Configuration{}, errors.New("exactly one of connection string and socket must be set")
	case c.Socket != "":
		return socketClient(c.Socket), nil
	}
	conf, err := parseConnectionString(c.ConnectionString)
	if err != nil {
		return esdb.Configuration{}, fmt.Errorf("event store connection string: %w", err)
	}
	return supervised(conf), nil
}

// socketClient is built by hand because a connection string cannot name a socket.
func socketClient(path string) esdb.Configuration {
	return supervised(esdb.Configuration{
		Address:           (&url.URL{Scheme: "unix", Path: path}).String(),
		DisableTLS:        true,
		NodePreference:    esdb.NodePreferenceLeader,
		GossipTimeout:     2, // seconds; a local node answers at once or is not there
		KeepAliveInterval: 10 * time.Second,
		KeepAliveTimeout:  10 * time.Second,
	})
}

// supervised takes the search for a node out of the library's hands: one attempt each time, repeated by this package, which
// heeds contexts while it waits.
func supervised(conf esdb.Configuration) esdb.Configuration {
	conf.MaxDiscoverAttempts = 1
	conf.DiscoveryInterval = 1 // ms; the library sleeps that long after the last failure too
	conf.DefaultDeadline = nil
	return conf
}

// parseConnectionString refuses what the library would take silently and act on strangely.
func parseConnectionString(s string) (esdb.Configuration, error) {
	if err := checkSettings(s); err != nil {
		return esdb.Configuration{}, err
	}
	conf, err := esdb.ParseConnectionString(s)
	if err != nil {
		return esdb.Configuration{}, withoutURL(err)
	}
	if err := checkConfiguration(conf); err != nil {
		return esdb.Configuration{}, err
	}
	return *conf, nil
}

// withoutURL drops the text of the URL from a parse error: it may hold a password.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// checkSettings looks at the keys. The library warns of an unknown one on the process's own log and goes on without it.
func checkSettings(s string) error {
	_, query, _ := strings.Cut(s, "?")
	settings, err := url.ParseQuery(query)
	if err != nil {
		return withoutURL(err)
	}
	for key := range settings {
		switch strings.ToLower(key) {
		case "tls", "tlsverifycert", "tlscafile", "usercertfile", "userkeyfile", "nodepreference", "maxdiscoverattempts",
			"discoveryinterval", "gossiptimeout", "keepaliveinterval", "keepalivetimeout", "defaultdeadline":
		default:
			return fmt.Errorf("setting %q is not known", key)
		}
		if len(settings[key]) > 1 {
			return fmt.Errorf("setting %q is given twice", key)
		}
	}
	for _, key := range []string{"keepAliveInterval", "keepAliveTimeout"} {
		if err := checkKeepAlive(key, settings); err != nil {
			return err
		}
	}
	return nil
}

// checkKeepAlive catches seconds given for milliseconds: the vendor's documentation says the one, the client does the other.
func checkKeepAlive(key string, settings url.Values) error {
	for k, v := range settings {
		if !strings.EqualFold(k, key) || len(v) == 0 || v[0] == "-1" {
			continue
		}
		if d, err := time.ParseDuration(v[0] + "ms"); err != nil || d < 10*time.Second {
			return fmt.Errorf("%s is in milliseconds and must be 10000 or more, or -1 for none", key)
		}
	}
	return nil
}

func checkConfiguration(conf *esdb.Configuration) error {
	switch {
	case conf.DisableTLS && conf.Username != "":
		return errors.New("credentials are not sent without TLS; remove them or tls=false")
	case conf.Username != "" && conf.Password == "":
		return errors.New("there is a user name but no password, so neither would be sent")
	case conf.GossipTimeout < 1 || conf.GossipTimeout > 60:
		return errors.New("gossipTimeout is in seconds and must be from 1 to 60")
	case conf.DefaultDeadline != nil && *conf.DefaultDeadline < time.Second:
		return errors.New("defaultDeadline is in milliseconds and must be 1000 or more")
	case conf.NodePreference != esdb.NodePreferenceLeader:
		return errors.New("nodePreference must be leader, because the engine reads what it has just written")
	}
	return conf.Validate()
}
