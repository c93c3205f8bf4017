package projections_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

// stoppedAs is the environment variable that makes the program one that is stopped and goes on, and says of which kind it is.
const stoppedAs = "BOOKING_TEST_STOPPED"

const (
	// asGuarded is an engine as it is: the server ends its transactions when they have stood still for as long as a lease lasts, which is
	// what the defaults come to.
	asGuarded = "guarded"
	// asStubborn is one whose transactions the server leaves alone for longer than it is stopped, and that goes on with what it has begun
	// whatever its own clock says: nothing but the term can stop it.
	asStubborn = "stubborn"
	// asHeedless goes on for ever once it has owned the bookings, and checks no term. Tests must notice.
	asHeedless = "heedless"
)

// stoppedTTL is how long a lease lasts, and stopTime how long its owner is stopped.
const (
	stoppedTTL = 500 * time.Millisecond
	stopTime   = 3 * stoppedTTL
)

// bookingsLease is what is competed for to run that read model.
var bookingsLease = fmt.Sprintf("%s_v%d", projections.BookingsName, projections.BookingsVersion)

// beStopped runs read models in competition with others, until the process is killed. Holder says what it is told meanwhile.
func beStopped(ctx context.Context, store *eventstore.Store, as string) error {
	owner := fmt.Sprint(os.Getpid())
	patience := map[string]time.Duration{asGuarded: stoppedTTL, asStubborn: 10 * time.Second, asHeedless: longEnough}[as]
	place := fmt.Sprintf("%s&application_name=%s&idle_in_transaction_session_timeout=%dms", os.Getenv(killedPlace), owner, patience.Milliseconds())
	db, err := database.Open(ctx, place, migrations.Engine)
	if err != nil {
		return err
	}
	id, err := store.Identity(ctx)
	if err != nil {
		return err
	}
	h := &holder{deaf: as == asStubborn}
	go h.listen()
	held := *db
	held.Write = db.Write.WithQueryHook(h)
	m := projections.New(projections.Config{DB: &held, StoreID: id})
	if err := m.Install(ctx); err != nil {
		return err
	}
	fmt.Println("begun")
	source, log := subscription.FromStore(store), slog.New(slog.NewTextHandler(os.Stderr, nil))
	if as != asHeedless {
		return m.Run(ctx, projections.Running{Source: source, Owner: owner, TTL: stoppedTTL, Logger: log})
	}
	lease := subscription.Lease{DB: &held, StoreID: id, Name: bookingsLease, Owner: owner, TTL: stoppedTTL}
	return lease.Run(ctx, func(context.Context) error {
		return (&subscription.Runner{Source: source, Handler: m.Bookings, Logger: log}).Run(ctx)
	})
}

// holder is a query hook that holds the program up at a statement, so that it can be stopped just there. It is told by lines:
//
//	hold ID BEFORE|BEHIND PART|PART…   the next statement that has these parts is waited at; "held ID" tells that
//	go                                nothing is waited at any more
type holder struct {
	deaf bool // statements go on when their contexts have ended

	mu      sync.Mutex
	id      string // empty: nothing is to be held up
	when    string
	parts   []string
	release chan struct{} // closed when it goes on
}

const (
	standBefore = "before"
	standBehind = "behind"
)

func (h *holder) listen() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.SplitN(lines.Text(), " ", 4)
		h.mu.Lock()
		if h.release != nil {
			close(h.release)
		}
		h.id, h.release = "", nil
		if len(words) == 4 {
			h.id, h.when, h.parts, h.release = words[1], words[2], strings.Split(words[3], "|"), make(chan struct{})
		}
		h.mu.Unlock()
	}
}

// stand waits, if it is to.
func (h *holder) stand(when, query string) {
	h.mu.Lock()
	id, release := h.id, h.release
	here := id != "" && h.when == when
	for _, part := range h.parts {
		here = here && strings.Contains(query, part)
	}
	if here {
		h.id = ""
	}
	h.mu.Unlock()
	if here {
		fmt.Println("held", id)
		<-release
	}
}

// BeforeQuery stands before a statement.
func (h *holder) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	h.stand(standBefore, e.Query)
	if h.deaf && !strings.HasPrefix(e.Query, "UPDATE leases") { // which must not hang
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// AfterQuery stands behind one.
func (h *holder) AfterQuery(_ context.Context, e *bun.QueryEvent) { h.stand(standBehind, e.Query) }
