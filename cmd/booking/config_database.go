package main

import (
	"fmt"
	"strconv"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/database"
)

// dataFlag and databaseFlag say where an engine keeps what is not in the log.
func (c *Config) dataFlag(getenv func(string) string) cli.Flag {
	return textFlag(getenv, &c.DataDir, "data", "DATA_DIR", "booking-data", "`FOLDER` of the embedded node and the SQLite files")
}

func (c *Config) databaseFlag(getenv func(string) string) cli.Flag {
	return textFlag(getenv, &c.DatabaseURL, "database-url", "DATABASE_URL", "", "postgres:// `URL` of the database; none: SQLite in the data folder")
}

func (c *Config) singleFlag(getenv func(string) string) cli.Flag {
	return c.switchFlag(getenv, &c.SingleInstance, "single-instance", "SINGLE_INSTANCE",
		"no other engine uses the database: allows DATABASE_URL beside the embedded node")
}

func (c *Config) revocableFlag(getenv func(string) string) cli.Flag {
	return c.switchFlag(getenv, &c.AblyRevocable, "ably-revocable", "ABLY_REVOCABLE",
		"the Ably key has revocable tokens switched on: who loses access loses his tokens at once")
}

// switchFlag returns a flag that is on or off, and that an environment variable may switch on.
func (c *Config) switchFlag(getenv func(string) string, dest *bool, name, env, usage string) cli.Flag {
	on, err := strconv.ParseBool(getenv(env))
	if v := getenv(env); v != "" && err != nil {
		c.wrongSwitch = fmt.Sprintf("%s %q", env, v)
	}
	return &cli.BoolFlag{Name: name, Destination: dest, Value: on, HideDefault: true, Usage: usage + " [" + env + "]"}
}

func (c *Config) validateSwitches() error {
	if c.wrongSwitch != "" {
		return usagef("%s: use true or false", c.wrongSwitch)
	}
	return nil
}

// validateDatabase never repeats the URL: it may hold a password, and the sentence may end in a log.
func (c *Config) validateDatabase() error {
	if err := c.validateSwitches(); err != nil {
		return err
	}
	if c.DatabaseURL == "" {
		return nil
	}
	if err := database.CheckURL(c.DatabaseURL); err != nil {
		return &usageError{err: fmt.Errorf("DATABASE_URL: %w", err)}
	}
	if c.EventStoreURL == "" && !c.SingleInstance {
		return usagef("DATABASE_URL names a database that engines share, and the embedded event store belongs to one of them: " +
			"set EVENTSTORE_URL, or say -single-instance if no other engine uses that database")
	}
	return nil
}

// The files of the data folder that hold the tables when there is no DATABASE_URL, and the schema of the publisher's when there is.
const (
	engineDatabase    = "engine.db"
	publisherDatabase = "publisher.db"
	publisherSchema   = "publisher"
)

// places returns where the engine's tables are and where the publisher's.
func (c *Config) places() (engine, publisher string, err error) {
	if c.DatabaseURL == "" {
		return c.path(engineDatabase), c.path(publisherDatabase), nil
	}
	publisher, err = database.Beside(c.DatabaseURL, publisherSchema)
	return c.DatabaseURL, publisher, err
}
