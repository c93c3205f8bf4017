package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/internal/subscription"
)

// leastRoom is what the data folder must have left, in bytes: what one append may take.
const leastRoom = 1 << 20

// parts are what /readyz asks: the store, the disk, each consumer, and the keys of the sessions.
func (e *engine) parts() []httpapi.Part {
	parts := []httpapi.Part{
		{Name: "event store", Check: e.store.Ping},
		{Name: "data folder", Check: func(context.Context) error { return checkRoom(e.cfg.DataDir, leastRoom) }},
	}
	for _, c := range e.consumers() {
		name := c.Status().Name
		if e.aboutRealtime(name) {
			continue // realtime trouble never makes the engine unready
		}
		parts = append(parts, httpapi.Part{Name: name, Check: func(context.Context) error {
			return consumerReady(c.Status())
		}})
	}
	for _, p := range e.models.All() {
		parts = append(parts, httpapi.Part{Name: p.Name(), Check: func(ctx context.Context) error { return modelReady(ctx, p) }})
	}
	if e.jwks != nil {
		parts = append(parts, httpapi.Part{Name: "session keys", Check: e.jwks.Ready})
	}
	return parts
}

// consumerReady says what is wrong with a consumer of the log, or nil. One that another instance owns is none of this one's
// worries, and one that an operator has paused is as he wants it.
func consumerReady(s subscription.Status) error {
	switch s.State {
	case subscription.Live, subscription.Standby, subscription.Paused:
		return nil
	case subscription.Stopped, subscription.Connecting, subscription.CatchingUp, subscription.Retrying, subscription.Halted:
	}
	return &httpapi.NotReadyError{Word: s.State.String(), Err: s.Err}
}

// checkRoom says that the disk is full: commands are refused then, and read models do not follow. Asking the disk needs
// nobody to have failed first, and nobody to try again before it is known that there is room.
func checkRoom(dir string, least uint64) error {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return fmt.Errorf("look at data folder: %w", err)
	}
	blocks := disk.Bavail
	if os.Geteuid() == 0 {
		blocks = disk.Bfree // the reserve is for root
	}
	if free := blocks * uint64(disk.Bsize); free < least { // Bsize has another type on another system
		return &httpapi.NotReadyError{Word: "full", Err: fmt.Errorf("%d bytes are left on the disk of %s", free, dir)}
	}
	return nil
}
