package leavekeeper

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/royalglow/booking/commands/internal/aggregate"
	"github.com/royalglow/booking/commands/internal/staffdays"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// perDay bounds how often one day is decided again when others write to it.
const perDay = 20

// Settler brings the days of leaves in line with them. It knows no agenda: whoever calls it says which leave to look at.
type Settler struct {
	leaves *aggregate.Loader[domain.Leave, domain.LeaveEvent]
	days   staffdays.Days
	now    func() time.Time
}

// NewSettler returns a settler over the store. jitter returns a duration in [0, limit); nil: random.
func NewSettler(
	store aggregate.Store, now func() time.Time, log *slog.Logger, jitter func(limit time.Duration) time.Duration,
) Settler {
	if jitter == nil {
		jitter = func(limit time.Duration) time.Duration { return rand.N(limit) }
	}
	return Settler{
		leaves: aggregate.NewLoader[domain.Leave, domain.LeaveEvent](store), now: now,
		days: staffdays.Days{Loader: staffdays.NewLoader(store), Log: log, Pause: func(ctx context.Context, repeat int) error {
			return aggregate.Pause(ctx, jitter(10*time.Millisecond<<min(repeat-1, 4)))
		}},
	}
}

// Settle places or lifts the blocks of one leave, and looks at the leave again: it may have been revoked meanwhile.
func (s Settler) Settle(ctx context.Context, leaveID string) error {
	for {
		leave, err := s.leaves.Fresh(ctx, domain.LeaveStream(leaveID))
		if err != nil {
			return err
		}
		if err := s.align(ctx, leave.State); err != nil {
			return err
		}
		now, err := s.leaves.Fresh(ctx, domain.LeaveStream(leaveID))
		if err != nil || now.Revision == leave.Revision {
			return err
		}
	}
}

// align makes each day of the leave as its status says. One day that fails keeps no other waiting.
func (s Settler) align(ctx context.Context, l domain.Leave) error {
	var failed error
	for _, day := range l.Days() {
		failed = errors.Join(failed, s.days.Change(ctx, domain.StaffDayStream(l.StaffID, day), s.metadata(l, day), perDay,
			func(d domain.StaffDay) ([]domain.StaffDayEvent, error) {
				if l.Status == domain.LeaveGranted {
					return d.Block(l.LeaveRef, day), nil
				}
				return d.Unblock(l.LeaveRef, day), nil
			}))
	}
	return failed
}

// metadata gives what the keeper does an identity that is the same whenever it is done.
func (s Settler) metadata(l domain.Leave, day string) eventstore.Metadata {
	sum := sha256.Sum256([]byte(Name + "\x00" + l.LeaveID + "\x00" + day + "\x00" + string(l.Status)))
	id := hex.EncodeToString(sum[:])
	return eventstore.Metadata{
		SchemaVersion: domain.SchemaVersion, CorrelationID: l.LeaveID, CausationID: id, CommandID: id,
		Actor: domain.Actor{Role: domain.RoleSystem}, OccurredAt: s.now().UTC(),
	}
}
