package projections_test

import (
	"context"
	"sync"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

// blow is a way in which a statement may go wrong.
type blow int

const (
	noBlow         blow = iota
	failStatement       // it fails alone, with its transaction
	killProgram         // from here on nothing reaches the database; somebody begins again
	hangUpOnClient      // PostgreSQL ends all sessions of the database
	blows
)

// strike is a query hook that deals a blow at the n-th statement from when it was armed, whoever runs that.
type strike struct {
	hangUp func() // ends all sessions

	mu    sync.Mutex
	armed blow
	left  int // statements before it strikes
	dead  bool
	died  chan struct{} // closed when the program is killed
	dealt map[blow]int
}

// struckDB returns a program's view of db that a strike may hit, and the strike.
func struckDB(db *database.DB, dealt map[blow]int) (*database.DB, *strike) {
	s := &strike{died: make(chan struct{}), dealt: dealt, hangUp: func() {}}
	if db.Kind() == database.PostgreSQL {
		s.hangUp = func() {
			_, _ = db.Read.ExecContext(context.Background(), `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid()`) // one that was hung up on as well is as good
		}
	}
	struck := *db
	struck.Write, struck.Read = db.Write.WithQueryHook(s), db.Read.WithQueryHook(s)
	return &struck, s
}

func (s *strike) arm(b blow, statements int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed, s.left = b, statements
}

// BeforeQuery strikes when it is time to.
func (s *strike) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	ended, end := context.WithCancel(ctx)
	end()
	switch b, dead := s.next(); {
	case dead, b == failStatement:
		return ended
	case b == hangUpOnClient:
		s.hangUp()
	}
	return ctx
}

// next counts a statement, and says what becomes of it.
func (s *strike) next() (b blow, dead bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead || s.armed == noBlow {
		return noBlow, s.dead
	}
	if s.left--; s.left >= 0 {
		return noBlow, false
	}
	b, s.armed = s.armed, noBlow
	s.dealt[b]++
	if b == killProgram {
		s.dead = true
		close(s.died)
	}
	return b, s.dead
}

// isDead reports whether the program was killed.
func (s *strike) isDead() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead
}

// AfterQuery does nothing.
func (*strike) AfterQuery(context.Context, *bun.QueryEvent) {}
