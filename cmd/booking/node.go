package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/royalglow/booking/internal/esdbnode"
)

// maxSocketPath is what the kernel allows for the path of a unix socket (108 bytes with its NUL), less a reserve.
const maxSocketPath = 100

// embeddedNode is the event store inside this process, reached over a unix socket through the same client as a cluster.
type embeddedNode struct {
	node     *esdbnode.Node
	listener net.Listener
	socket   string
	tempDir  string // holds the socket when the data folder's path is too long for one
}

func openEmbeddedNode(ctx context.Context, c *Config, log *slog.Logger) (_ *embeddedNode, err error) {
	node, err := esdbnode.Open(ctx, esdbnode.Config{Dir: c.path("eventstore"), Logger: log})
	if err != nil {
		return nil, err
	}
	n := &embeddedNode{node: node, socket: c.path("node.sock")}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	if len(n.socket) > maxSocketPath {
		if n.tempDir, err = os.MkdirTemp("", "booking-"); err != nil {
			return nil, fmt.Errorf("create socket folder: %w", err)
		}
		n.socket = filepath.Join(n.tempDir, "node.sock")
	}
	// A socket file that a killed engine left behind is in the way; the data lock says that nobody uses it.
	if err := os.Remove(n.socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove old socket: %w", err)
	}
	var lc net.ListenConfig
	if n.listener, err = lc.Listen(ctx, "unix", n.socket); err != nil {
		return nil, fmt.Errorf("listen on node socket: %w", err)
	}
	if err := os.Chmod(n.socket, 0o600); err != nil {
		return nil, fmt.Errorf("protect node socket: %w", err)
	}
	return n, nil
}

// Serve blocks until ctx ends.
func (n *embeddedNode) Serve(ctx context.Context) error {
	return n.node.Serve(ctx, n.listener, esdbnode.Access{})
}

// Close releases the node and its socket. It is safe before Serve and after.
func (n *embeddedNode) Close() error {
	var errs []error
	if n.listener != nil {
		if err := n.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	errs = append(errs, n.node.Close())
	if n.tempDir != "" {
		errs = append(errs, os.RemoveAll(n.tempDir))
	}
	return errors.Join(errs...)
}
