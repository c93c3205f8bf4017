package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// Erasure is the report of what was deleted of a subject. Several erasures of one subject add up.
type Erasure struct {
	bun.BaseModel `bun:"table:erasures" json:"-"`

	Subject  string `bun:"subject,pk" json:"customerId"`
	ErasedAt int64  `bun:"erased_at" json:"-"` // microseconds since 1970 UTC
	// Notes and Contacts count sealed texts, Names display names, Calendars calendar links.
	Notes     int `bun:"notes" json:"notes"`
	Contacts  int `bun:"contacts" json:"contacts"`
	Names     int `bun:"names" json:"names"`
	Calendars int `bun:"calendars" json:"calendars"`
}

// Report returns what was deleted of a subject; ok is false when nothing ever was.
func Report(ctx context.Context, db bun.IDB, subject string) (report Erasure, ok bool, err error) {
	report.Subject = subject
	err = db.NewSelect().Model(&report).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Erasure{}, false, nil
	}
	if err != nil {
		return Erasure{}, false, fmt.Errorf("read report of %s: %w", subject, err)
	}
	return report, true, nil
}

const (
	// reportWait is how long Report waits for an erasure that is in the log.
	reportWait = 5 * time.Second
	// reportPoll is how often it looks where the eraser stands that runs in another instance, which wakes nobody here.
	reportPoll = 200 * time.Millisecond
)

// Report waits until the eraser has come to a log position and returns what was deleted of a subject. It refuses with
// READ_BEHIND when that takes longer than five seconds: the erasure is in the log then, and will happen.
func (e *Eraser) Report(ctx context.Context, subject string, lowest eventstore.Position) (Erasure, error) {
	deadline := time.NewTimer(reportWait)
	defer deadline.Stop()
	poll := time.NewTicker(reportPoll)
	defer poll.Stop()
	for {
		moved := e.moved.changed()
		at, err := e.Checkpoint(ctx)
		if err != nil {
			return Erasure{}, err
		}
		if at >= lowest {
			report, _, err := Report(ctx, e.DB.Read, subject)
			report.Subject = subject
			return report, err
		}
		select {
		case <-moved:
		case <-poll.C:
		case <-deadline.C:
			return Erasure{}, domain.Refuse(domain.Unavailable, domain.CodeReadBehind,
				"the erasure is in the log and has not been carried out yet; ask again")
		case <-ctx.Done():
			return Erasure{}, context.Cause(ctx)
		}
	}
}

// progress wakes those who wait for the eraser to move.
type progress struct {
	mu sync.Mutex
	ch chan struct{}
}

// changed returns a channel that is closed at the next advance.
func (p *progress) changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ch == nil {
		p.ch = make(chan struct{})
	}
	return p.ch
}

func (p *progress) advance() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ch != nil {
		close(p.ch)
		p.ch = nil
	}
}
