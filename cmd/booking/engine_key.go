package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

const (
	// commandKeyFile is the file of the data folder that holds the command key when the database is one too.
	commandKeyFile = "command.key"
	// commandKeySetting is its name in the table of settings.
	commandKeySetting = "command key"
	// commandKeyBytes is how long the command key is at the least.
	commandKeyBytes = 32
)

// commandSecret returns the key of command ids, made on the first start: with another one a repeated request would not be recognised. It
// is kept where all engines find it that a request may be repeated to: in DATA_DIR/command.key (mode 0600), or in the database that they
// share. One that the folder has already is taken over into the database.
func commandSecret(ctx context.Context, c *Config, db *database.DB) ([]byte, error) {
	if db.Kind() == database.SQLite {
		secret, err := readCommandKey(c)
		if secret != nil || err != nil {
			return secret, err
		}
		secret = newCommandKey()
		if err := writeDurably(c.path(commandKeyFile), secret); err != nil {
			return nil, fmt.Errorf("write command key: %w", err)
		}
		return secret, nil
	}
	secret, err := sharedCommandKey(ctx, db.Read)
	if secret != nil || err != nil {
		return secret, err
	}
	if secret, err = readCommandKey(c); err != nil {
		return nil, err
	}
	if secret == nil {
		secret = newCommandKey()
	}
	return shareCommandKey(ctx, db, secret)
}

func newCommandKey() []byte { return []byte(rand.Text() + rand.Text()) }

// readCommandKey returns the key in the data folder, nil when there is none.
func readCommandKey(c *Config) ([]byte, error) {
	path := c.path(commandKeyFile)
	secret, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read command key: %w", err)
	case len(secret) < commandKeyBytes:
		return nil, fmt.Errorf("the command key in %s has %d bytes instead of %d or more: put the file back as it was, or remove it "+
			"if no request from before will be repeated", path, len(secret), commandKeyBytes)
	}
	return secret, nil
}

// sharedCommandKey returns the key in the database, nil when there is none.
func sharedCommandKey(ctx context.Context, db bun.IDB) (secret []byte, err error) {
	err = db.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = ?`, commandKeySetting).Scan(&secret)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read command key: %w", err)
	case len(secret) < commandKeyBytes:
		return nil, fmt.Errorf("the command key in the database's table settings has %d bytes instead of %d or more: put the row back as it "+
			"was, or delete it if no request from before will be repeated", len(secret), commandKeyBytes)
	}
	return secret, nil
}

// shareCommandKey puts the key into the database, unless another engine was faster, and returns the one that is there then.
func shareCommandKey(ctx context.Context, db *database.DB, secret []byte) (kept []byte, err error) {
	err = db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO settings (name, value, made_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING`,
			commandKeySetting, secret, time.Now().UnixMicro())
		if err == nil {
			kept, err = sharedCommandKey(ctx, tx)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keep command key: %w", err)
	}
	return kept, nil
}
