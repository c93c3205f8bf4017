package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// The files of the data folder that hold what the log does not.
const (
	engineDatabase = "engine.db"
	commandKeyFile = "command.key"
)

// commandKeyBytes is how long the command key is at the least.
const commandKeyBytes = 32

// commandSecret returns the key of command ids, made on the first start and kept in DATA_DIR/command.key (mode 0600): with
// another one a repeated request would not be recognised.
func commandSecret(c *Config) ([]byte, error) {
	path := c.path(commandKeyFile)
	secret, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		secret = []byte(rand.Text() + rand.Text())
		if err := writeDurably(path, secret); err != nil {
			return nil, fmt.Errorf("write command key: %w", err)
		}
	case err != nil:
		return nil, fmt.Errorf("read command key: %w", err)
	case len(secret) < commandKeyBytes:
		return nil, fmt.Errorf("the command key in %s has %d bytes instead of %d or more: put the file back as it was, or remove it "+
			"if no request from before will be repeated", path, len(secret), commandKeyBytes)
	}
	return secret, nil
}

// writeDurably puts a file in place as a whole, mode 0600. When it returns, a power cut leaves neither a part of the file nor
// none.
func writeDurably(path string, data []byte) (err error) {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// redactURL hides the password of a URL.
func redactURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "configured"
	}
	return u.Redacted()
}
