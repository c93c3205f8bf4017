package ablylocal

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// write sends what is queued, keeps the connection alive, and watches the token,
// until the final frame has been sent or ctx ends. Only this goroutine writes.
func (k *socket) write(ctx context.Context) {
	var pings sync.WaitGroup
	defer pings.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	lastSent := k.server.cfg.Now()
	for {
		frames, last := k.queue.take()
		for _, f := range frames {
			if !k.writeFrame(ctx, f) {
				return
			}
			lastSent = k.server.cfg.Now()
		}
		if last {
			k.close(ctx)
			return
		}
		now := k.server.cfg.Now()
		due := k.due(now)
		if !due.IsZero() && !due.After(now) {
			continue // it has queued something
		}
		// Well within the promised silence, so that a slow network keeps it too.
		if beat := lastSent.Add(k.server.cfg.HeartbeatInterval * 2 / 3); !now.Before(beat) {
			k.beat(ctx, &pings)
			lastSent = now
			continue
		} else if due.IsZero() || beat.Before(due) {
			due = beat
		}
		timer.Reset(due.Sub(now))
		select {
		case <-k.queue.wake:
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

// due does what the time asks for and gives the time at which to look again; zero
// when nothing is scheduled.
func (k *socket) due(now time.Time) time.Time {
	k.flushGaps(now)
	k.mu.Lock()
	defer k.mu.Unlock()
	next := k.gapsAt
	if k.identity.expires.IsZero() {
		return next
	}
	if !k.revokedAt.IsZero() {
		if !now.Before(k.revokedAt) {
			k.server.counts.revoked.Add(1)
			k.disconnect(refuse(CodeTokenRevoked, "token revoked"))
			return now // the final frame is in the queue
		}
		next = sooner(next, k.revokedAt)
	}
	when := k.identity.expires
	switch renew := when.Add(-renewalLead); {
	case k.identity.expired(now):
		k.disconnect(refuse(CodeTokenExpired, "token expired"))
		return now // the final frame is in the queue
	case k.askedRenew:
	case now.Before(renew):
		when = renew
	default:
		k.askedRenew = true
		k.queue.pushAll([]*frame{newFrame(&protocolMessage{Action: actAuth})})
		return now
	}
	return sooner(next, when)
}

// sooner is the earlier of two times of which the first may be zero, for none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// beat proves that the connection lives, in the way that the client asked for.
func (k *socket) beat(ctx context.Context, pings *sync.WaitGroup) {
	if k.heartbeats {
		k.queue.pushAll([]*frame{newFrame(&protocolMessage{Action: actHeartbeat})})
		return
	}
	// Ping waits for its answer, which must not hold up the messages.
	pings.Go(func() {
		wait, done := context.WithTimeout(ctx, writeTimeout)
		defer done()
		if k.ws.Ping(wait) != nil {
			k.cut()
		}
	})
}

// writeFrame sends one frame; false when the socket is of no more use.
func (k *socket) writeFrame(ctx context.Context, f *frame) bool {
	data, err := f.bytes(k.format)
	if err != nil {
		k.server.cfg.Logger.ErrorContext(ctx, "frame not encoded", slog.Any("error", err))
		return false
	}
	kind := websocket.MessageText
	if k.format == formatMsgpack {
		kind = websocket.MessageBinary
	}
	bounded, done := context.WithTimeout(ctx, writeTimeout)
	defer done()
	return k.ws.Write(bounded, kind, data) == nil
}

// close ends the WebSocket in order, but waits only briefly for the other side.
func (k *socket) close(ctx context.Context) {
	patience := time.AfterFunc(closeTimeout, k.stop)
	defer patience.Stop()
	if err := k.ws.Close(websocket.StatusNormalClosure, ""); err != nil {
		k.server.cfg.Logger.DebugContext(ctx, "close not answered", slog.Any("error", err))
	}
}
