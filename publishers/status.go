package publishers

import (
	"context"
	"log/slog"
	"sync"

	"github.com/royalglow/booking/internal/eventstore"
)

// State says how delivery is doing.
type State string

// The states.
const (
	// NotConfigured: there is no key. The engine runs; pages do not change by themselves.
	NotConfigured State = "not_configured"
	// CatchingUp: delivering what was committed while the publisher was away.
	CatchingUp State = "catching_up"
	// Live: delivering events as they are committed.
	Live State = "live"
	// Retrying: the service does not take everything at the moment; nothing is lost.
	Retrying State = "retrying"
	// AuthFailed: the service does not accept the key. Delivery goes on as soon as it does.
	AuthFailed State = "auth_failed"
)

// Status is a moment's view of the publisher.
type Status struct {
	State State
	// Position is the checkpoint: everything up to it is acknowledged.
	Position eventstore.Position
	// LastError is why the last failed attempt failed; empty while all is well.
	LastError string
	// Queued is how many channels have messages in durable queues that are being delivered, Parked those whose wait for an operator.
	Queued, Parked int
	// CircuitOpen says that the service does not answer: nothing is sent but a request from time to time that finds out.
	CircuitOpen bool
	// Reconciled is about arrays of which nobody knew whether they had arrived.
	Reconciled Reconciled
	// Acknowledged counts the messages that the service has acknowledged to this process.
	Acknowledged int64
}

// board keeps the status where other goroutines may read it, and logs when it changes for the worse or the better.
type board struct {
	log *slog.Logger
	mu  sync.Mutex
	now Status
	// calm is the state to return to when deliveries go well again.
	calm State
}

func (b *board) status() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *board) start(live bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calm = CatchingUp
	if live {
		b.calm = Live
	}
	if b.now.LastError == "" {
		b.now.State = b.calm
	}
}

// observe follows the answers of the service.
func (b *board) observe(ctx context.Context, a answer, sent []*lane) {
	worst, reason, code := a.outcome, a.reason, a.code
	acknowledged := 0
	for _, l := range sent {
		r, spoken := a.of(l.channel)
		if r.outcome == outcomeOK {
			acknowledged += len(l.head().messages)
		} else if spoken && worst == outcomeOK {
			worst, reason, code = r.outcome, r.reason, r.code
			if worst == outcomeAuth {
				worst = outcomeRetryable // the key is accepted, but not for this channel
			}
		}
	}
	if b.note(worst, reason, acknowledged) {
		return
	}
	switch worst {
	case outcomeOK:
		b.log.InfoContext(ctx, "delivery works again")
	case outcomeRetryable, outcomeInDoubt, outcomePermanent, outcomeAuth:
		b.log.WarnContext(ctx, "delivery fails",
			slog.String("outcome", worst.String()), slog.Int("status", a.status), slog.Int("ably_code", code),
			slog.String("reason", reason))
	}
}

// note takes one answer in and reports whether all is as it was.
func (b *board) note(worst outcome, reason string, acknowledged int) (same bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.now.State
	b.now.Acknowledged += int64(acknowledged)
	switch worst {
	case outcomeOK:
		b.now.State, b.now.LastError = b.calm, ""
		return before != Retrying && before != AuthFailed
	case outcomeAuth:
		b.now.State, b.now.LastError = AuthFailed, reason
	case outcomeRetryable, outcomeInDoubt, outcomePermanent:
		b.now.State, b.now.LastError = Retrying, reason
	}
	return before == b.now.State
}

// queues follows what waits.
func (b *board) queues(queued, parked int, open bool, seen Reconciled) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now.Queued, b.now.Parked, b.now.CircuitOpen, b.now.Reconciled = queued, parked, open, seen
}

func (b *board) reached(at eventstore.Position) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now.Position = at
}
