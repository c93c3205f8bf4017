package deliverytest_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/esdbnode/nodetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
	"github.com/royalglow/booking/publishers/deliverytest"
)

const (
	// burst is how many events come at once: their messages on one channel are several lists, which go out one after the other.
	burst = 40
	// heardOfOne is how many messages the subscriber is owed of an event.
	heardOfOne = 3
	// answersAfter is how late the endpoint answers, so that an owner is stopped while he waits for an answer.
	answersAfter = 30 * time.Millisecond
)

// term is one ownership, as the owner has announced it.
type term struct {
	number int64
	owner  string
	at     deliverytest.Moment // nothing was sent in it before
}

// rivals are two publishers, each a process of its own, on one store, one PostgreSQL and one endpoint.
type rivals struct {
	*endpoint

	store   *eventstore.Store
	storeID string
	ear     *deliverytest.Ear
	both    map[string]*process

	mu    sync.Mutex
	terms []term

	revision eventstore.Revision
}

func newRivals(t *testing.T) *rivals {
	t.Helper()
	r := &rivals{endpoint: newEndpoint(t), both: map[string]*process{}, revision: eventstore.NoStream}
	r.server.Switches().OnPublish(func([]string) ablylocal.PublishFault {
		return ablylocal.PublishFault{Kind: ablylocal.FaultSlow, Wait: answersAfter}
	})
	connection, where := nodetest.Start(t), databasetest.Place(t, database.PostgreSQL)
	var err error
	if r.store, err = eventstore.Open(eventstore.Config{ConnectionString: connection}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.store.Close(); err != nil {
			t.Error(err)
		}
	})
	if r.storeID, err = r.store.Identity(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.begin(t, databasetest.Reopen(t, where, migrations.Publisher))
	r.ear = r.listen(t, r.door(t, "subscriber"), heardChannel, "booking:"+zombieBooking)
	for _, name := range []string{"first", "second"} {
		r.both[name] = startOwner(t, name,
			ownDatabase+"="+where, ownStore+"="+connection, ownEndpoint+"="+r.ownersDoor(t, name), ownKey+"="+r.server.Key())
	}
	return r
}

// begin fixes the beginning: the first start of a publisher is at the end of the log, and what is owed must not depend on who is first.
func (r *rivals) begin(t *testing.T, db *database.DB) {
	t.Helper()
	p, err := publishers.Open(t.Context(), publishers.Config{Key: r.server.Key(), DB: db, StoreID: r.storeID, Head: r.store.Head})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// ownersDoor is the door of one publisher, at which he also announces his terms.
func (r *rivals) ownersDoor(t *testing.T, name string) string {
	t.Helper()
	publishes := r.tap.Wrap(name, r.server.Handler())
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		number, found := strings.CutPrefix(req.URL.Path, termPath)
		if !found {
			publishes.ServeHTTP(w, req)
			return
		}
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Errorf("%s announces term %q", name, number)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.terms = append(r.terms, term{n, name, r.tap.Now()})
	}))
	t.Cleanup(web.Close)
	return strings.TrimPrefix(web.URL, "http://")
}

const zombieBooking = "bkg_zombie00001"

// commit appends a burst of events.
func (r *rivals) commit(t *testing.T) {
	t.Helper()
	stream := domain.BookingStream(zombieBooking)
	a := eventstore.Append{Stream: stream, Expected: r.revision, Metadata: eventstore.Metadata{
		CommandID: fmt.Sprint("burst ", r.revision), OccurredAt: time.Now().UTC(), Actor: domain.Actor{UserID: "usr_desk000001", Role: domain.RoleReceptionist},
	}}
	for range burst {
		a.Events = append(a.Events, domain.BookingConfirmed{
			BookingRef: domain.BookingRef{BookingID: zombieBooking, CustomerID: "usr_customer01", BranchID: "br_kolkata1", TimeZone: "UTC"},
			FromStatus: domain.StatusPending, Segments: []domain.Segment{}, Holding: domain.Holding{Claims: []domain.Claim{}},
		})
	}
	done, err := r.store.Append(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	r.revision = done.Revision
}

// readLog reads the whole log of the booking.
func (r *rivals) readLog(t *testing.T) (log []eventstore.Recorded) {
	t.Helper()
	for e, err := range r.store.Read(t.Context(), domain.BookingStream(zombieBooking), 0) {
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, e)
	}
	return log
}

// announced returns all terms so far, in the order in which they were announced.
func (r *rivals) announced() []term {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.terms)
}

// last is the latest term that was announced.
func (r *rivals) last() (last term) {
	for _, one := range r.announced() {
		if one.number > last.number {
			last = one
		}
	}
	return last
}

// until waits for something.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	const patience = 30 * time.Second
	for deadline := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// untilHeard waits until everything that was committed has been heard.
func (r *rivals) untilHeard(t *testing.T) {
	t.Helper()
	due := heardOfOne * int(r.revision+1)
	until(t, "everything is heard", func() bool { return r.ear.Count() >= due })
}

// TestAStoppedOwnerSendsNothingWhenHeWakes stops the publisher that owns the lease in the middle of a plan, for three times its TTL, and
// lets it go on. The other one has taken over by then. By the endpoint's clock nothing of an old term comes after the first of a new
// one; no term has two owners; subscribers hear everything once and in order.
//
// A round counts where the owner waited for an answer when he was stopped, upon which he would go on with his plan, and where the other
// took over before he woke.
func TestAStoppedOwnerSendsNothingWhenHeWakes(t *testing.T) {
	t.Parallel()
	rounds := 2
	if os.Getenv("BOOKING_SOAK") == "1" {
		rounds = 100
	}
	r := newRivals(t)
	r.commit(t)
	r.untilHeard(t)
	tried, counted := 0, 0
	for ; counted < rounds && tried < 3*rounds; tried++ {
		if r.round(t) {
			counted++
		}
	}
	log := r.readLog(t)
	for _, name := range slices.Sorted(maps.Keys(r.both)) {
		r.both[name].end(t)
	}
	heard, err := r.ear.Heard()
	if err != nil {
		t.Fatal(err)
	}
	sent, err := r.tap.Sent()
	if err != nil {
		t.Fatal(err)
	}
	terms := r.announced()
	v := deliverytest.Check(deliverytest.Run{Log: log, Heard: heard, Sent: sent, MaxWireDuplicates: -1})
	// Whoever takes over sends what the other had not written down: that is not for the owner to avoid.
	v.Violations = slices.DeleteFunc(v.Violations, func(one deliverytest.Violation) bool { return one.Kind == deliverytest.DuplicateOnWire })
	t.Logf("%d rounds of %d count, %d terms; %v", counted, tried, r.last().number, v)
	if len(v.Violations) > 0 || v.Repeats > 0 {
		t.Error("subscribers must hear everything once and in order")
	}
	if late := lateSends(sent, terms); len(late) > 0 {
		t.Errorf("%d messages of old terms came after the first of a new one: %v", len(late), late[0])
	}
	if twice := ownedTwice(terms); len(twice) > 0 {
		t.Errorf("terms with two owners: %v", twice)
	}
	if counted < rounds {
		t.Errorf("%d rounds count, want %d: the test proves nothing", counted, rounds)
	}
}

// round stops the owner and wakes him, and reports whether that counts.
func (r *rivals) round(t *testing.T) (counts bool) {
	t.Helper()
	old := r.last()
	owner := r.both[old.owner]
	waits := func() bool {
		sent, _, _ := r.tap.Last()
		return sent.By == old.owner && sent.Answered == 0
	}
	r.commit(t)
	until(t, "the owner publishes", func() bool { return waits() || r.last() != old })
	owner.signal(t, syscall.SIGSTOP)
	asleep, waited := time.Now(), waits()
	r.commit(t) // for the other one
	until(t, "the time of the lease passes", func() bool { return time.Since(asleep) >= 3*processTTL })
	taken := r.last()
	owner.signal(t, syscall.SIGCONT)
	r.untilHeard(t)
	return waited && taken.number > old.number && taken.owner != old.owner
}

// lateSends returns what was sent in a term after something had been sent in a later one. A publisher is in the last term that it had
// announced by then.
func lateSends(sent []deliverytest.Sent, terms []term) (late []deliverytest.Sent) {
	highest := int64(0)
	for _, m := range sent {
		in := int64(0)
		for _, one := range terms {
			if one.owner == m.By && one.at < m.Arrived {
				in = max(in, one.number)
			}
		}
		if in < highest {
			late = append(late, m)
		}
		highest = max(highest, in)
	}
	return late
}

// ownedTwice returns the terms that two publishers have announced.
func ownedTwice(terms []term) (twice []int64) {
	owners := map[int64]string{}
	for _, one := range terms {
		if was := owners[one.number]; was != "" && was != one.owner {
			twice = append(twice, one.number)
		}
		owners[one.number] = one.owner
	}
	return twice
}

// TestLateSendsAndTwoOwnersAreFound seeds what the test above must find.
func TestLateSendsAndTwoOwnersAreFound(t *testing.T) {
	t.Parallel()
	terms := []term{{1, "first", 0}, {2, "second", 5}, {3, "first", 9}}
	sends := func(by ...string) (sent []deliverytest.Sent) {
		for i, one := range by {
			sent = append(sent, deliverytest.Sent{By: one, Arrived: deliverytest.Moment(2*i + 1)})
		}
		return sent
	}
	if late := lateSends(sends("first", "first", "first", "second", "second", "first"), terms); len(late) != 0 {
		t.Errorf("in order, and it finds %v", late)
	}
	if late := lateSends(sends("first", "first", "first", "second", "first", "first"), terms); len(late) != 1 || late[0].Arrived != 9 {
		t.Errorf("the first sends after the second has, and it finds %v", late)
	}
	if twice := ownedTwice(append(terms, term{2, "first", 11})); !slices.Equal(twice, []int64{2}) || len(ownedTwice(terms)) != 0 {
		t.Errorf("term 2 has two owners, and it finds %v", twice)
	}
}
