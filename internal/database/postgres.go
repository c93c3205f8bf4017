package database

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// An engine has two sets of tables and so at most 2 × 16 connections; a server takes 100 by default.
const (
	serverWriters = 8
	serverReaders = 8
)

const (
	searchPath    = "search_path"
	defaultSchema = "public"
	// leastServer is the oldest server that the tests have seen.
	leastServer = 15
	// connectTimeout is how long one connection may take to be made, unless the URL has connect_timeout.
	connectTimeout = 10 * time.Second
)

// parseURL reads a URL. Its error is one sentence without the password: what the parsers say may repeat it.
func parseURL(where string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(where)
	if err != nil || u.Opaque != "" {
		return nil, ErrPlace
	}
	cfg, err := pgx.ParseConfig(where)
	if err != nil {
		return nil, &ConnectError{Reason: "one of the URL's parts is wrong (host, port, sslmode, certificates, timeouts)"}
	}
	if cfg.Database == "" || cfg.Host == "" {
		return nil, ErrPlace
	}
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	// bun puts arguments into the text, so that hardly a statement comes twice: to prepare each would double the round trips.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	for name, value := range map[string]string{
		"application_name": "booking",
		"TimeZone":         "UTC",
		"client_encoding":  "UTF8",
		searchPath:         defaultSchema,
		// bun's text relies on it.
		"standard_conforming_strings": "on",
		// A frozen process must not keep its locks from whoever takes over.
		"idle_in_transaction_session_timeout": "10s",
		// Nor must one whose host is gone: the system's default looks for it after two hours.
		"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "2",
	} {
		if _, set := cfg.RuntimeParams[name]; !set {
			cfg.RuntimeParams[name] = value
		}
	}
	if schema := cfg.RuntimeParams[searchPath]; schema == "" || strings.ContainsAny(schema, "\",$ ") {
		return nil, &ConnectError{Reason: "search_path in the URL must name exactly one schema"}
	}
	return cfg, nil
}

func openPostgres(ctx context.Context, where string) (*DB, error) {
	cfg, err := parseURL(where)
	if err != nil {
		return nil, err
	}
	readOnly := cfg.Copy()
	readOnly.RuntimeParams = maps.Clone(cfg.RuntimeParams)
	readOnly.RuntimeParams["default_transaction_read_only"] = "on"
	db := &DB{
		Write: openServer(cfg, serverWriters), Read: openServer(readOnly, serverReaders), kind: PostgreSQL, name: nameOf(cfg), conns: &sync.Map{},
	}
	if err := db.checkServer(ctx, cfg); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openServer(cfg *pgx.ConnConfig, conns int) *bun.DB {
	pool := stdlib.OpenDB(*cfg)
	setLimits(pool, conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return bun.NewDB(pool, serverDialect{pgdialect.New()})
}

// nameOf says which database it is, without user and password.
func nameOf(cfg *pgx.ConnConfig) string {
	name := net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))) + "/" + cfg.Database
	if schema := cfg.RuntimeParams[searchPath]; schema != defaultSchema {
		name += " (schema " + schema + ")"
	}
	return name
}

// checkServer connects for the first time, and refuses a server on which the engine would fail later.
func (db *DB) checkServer(ctx context.Context, cfg *pgx.ConnConfig) error {
	var version int
	var encoding string
	var standby bool
	err := db.Write.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
		pg_is_in_recovery()`).Scan(&version, &encoding, &standby)
	refuse := func(reason string, args ...any) error {
		return &ConnectError{Name: db.name, Reason: fmt.Sprintf(reason, args...)}
	}
	switch {
	case err != nil:
		return connectError(db.name, cfg.User, err)
	case version/10000 < leastServer:
		return refuse("it is version %d of PostgreSQL: version %d or a newer one is needed", version/10000, leastServer)
	case encoding != "UTF8":
		return refuse("its encoding is %s: create the database with ENCODING 'UTF8'", encoding)
	case standby:
		return refuse("it is a standby, which takes no writes: name the primary")
	}
	return nil
}
