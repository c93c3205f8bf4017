package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"github.com/uptrace/bun/migrate"

	"github.com/royalglow/booking/internal/database"
)

func openDatabase(ctx context.Context, path string, tables func() (*migrate.Migrations, error)) (*database.DB, error) {
	m, err := tables()
	if err != nil {
		return nil, err
	}
	return database.Open(ctx, path, m)
}

// commandSecret returns the key of command ids, made on the first start and kept in DATA_DIR/command.key (mode 0600): with
// another one a repeated request would not be recognised.
func commandSecret(c *Config) ([]byte, error) {
	path := c.path("command.key")
	secret, err := os.ReadFile(path)
	if err == nil {
		return secret, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read command key: %w", err)
	}
	secret = []byte(rand.Text() + rand.Text())
	if err := os.WriteFile(path+".new", secret, 0o600); err != nil {
		return nil, fmt.Errorf("write command key: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, fmt.Errorf("place command key: %w", err)
	}
	return secret, nil
}

// redactURL hides the password of a URL.
func redactURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "configured"
	}
	return u.Redacted()
}
