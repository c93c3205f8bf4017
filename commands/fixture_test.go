package commands_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/commands/internal/claimtest"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/memstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The salon in which the tests play.
const (
	branch      = "br_mitte1"
	otherBranch = "br_nord11"
	cut         = "svc_haircut"
	colour      = "svc_colouring"
	anna        = "stf_anna01"
	boris       = "stf_boris1"
	zoe         = "stf_zoe001"
)

// now is the engine's clock in tests, and opening a time well ahead of it.
var (
	now     = time.Date(2026, 6, 15, 8, 0, 0, 0, time.UTC)
	opening = time.Date(2026, 6, 16, 10, 0, 0, 0, time.UTC)
)

// The people.
var (
	owner        = commands.Caller{UserID: "usr_owner1", Role: domain.RoleOwner}
	desk         = commands.Caller{UserID: "usr_desk01", Role: domain.RoleReceptionist, BranchIDs: []string{branch}}
	strangerDesk = commands.Caller{UserID: "usr_desk02", Role: domain.RoleReceptionist, BranchIDs: []string{otherBranch}}
	carla        = commands.Caller{UserID: "usr_carla1", Role: domain.RoleCustomer}
	dora         = commands.Caller{UserID: "usr_dora01", Role: domain.RoleCustomer}
	stylist      = commands.Caller{UserID: "usr_anna01", Role: domain.RoleStaff, StaffID: anna, BranchIDs: []string{branch}}
)

// salon is a service over a store in memory, with one open branch.
type salon struct {
	tb    testing.TB
	store *memstore.Store
	*commands.Service
	now   time.Time
	reads reads
	vault *vault
	keys  atomic.Int64
}

// reads is read models that say what a test wants; nothing is decided by them.
type reads struct {
	mu      sync.Mutex
	active  int             // bookings ahead
	overlap bool            // of the customer's own
	own     domain.Interval // when the customer has another booking
	asked   domain.Interval // in which it was looked for last
	staff   []string        // proposed for everything, and on shift
	inWay   []string        // bookings in the way of any closure
	nearest []commands.Alternative
	wanted  []commands.Wanted // what was looked for
	fails   error
	store   *memstore.Store // whose customers are flagged
}

func (r *reads) NeedsApproval(_ context.Context, customerID string) (bool, error) {
	var c domain.Customer
	for _, e := range r.store.All() {
		if fact, ok := e.Event.(domain.CustomerEvent); ok && e.Stream == domain.CustomerStream(customerID) {
			c = c.Evolve(fact)
		}
	}
	return c.NeedsApproval, r.fails
}

func (r *reads) StaffFor(context.Context, string, string, []domain.Interval) ([]string, error) {
	return r.staff, r.fails
}

func (r *reads) Doubted(_ context.Context, branchID string, segments []domain.Segment) (doubted []string, _ error) {
	for _, s := range segments {
		var m domain.Staff
		known := false
		for _, e := range r.store.All() {
			if fact, ok := e.Event.(domain.StaffEvent); ok && e.Stream == domain.StaffStream(s.StaffID) {
				m, known = m.Evolve(fact), true
			}
		}
		if known && !m.Performs(branchID, s.ServiceID) {
			doubted = append(doubted, s.StaffID)
		}
	}
	return doubted, r.fails
}

func (r *reads) SeenBookings(context.Context, eventstore.Position) error { return r.fails }

func (r *reads) ActiveBookings(context.Context, string) (int, error) { return r.active, r.fails }

func (r *reads) Overlapping(_ context.Context, _ string, during domain.Interval, _ string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = during
	return r.overlap || during.Overlaps(r.own), r.fails
}

func (r *reads) OwnTime(context.Context, string, string) ([]domain.Interval, error) {
	if r.overlap {
		return []domain.Interval{{EndAt: now.AddDate(100, 0, 0)}}, r.fails
	}
	return []domain.Interval{r.own}, r.fails
}

func (r *reads) ClosureConflicts(context.Context, string, domain.Interval) ([]string, error) {
	return r.inWay, r.fails
}

func (r *reads) OnShift(context.Context, string, domain.Interval) ([]string, error) {
	return r.staff, r.fails
}

func (r *reads) Nearest(_ context.Context, w commands.Wanted) ([]commands.Alternative, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wanted = append(r.wanted, w)
	return slices.Clone(r.nearest), r.fails
}

// vault keeps texts in memory, unsealed.
type vault struct {
	mu    sync.Mutex
	texts map[string]string // by key id
	whose map[string]string
	fails error
}

func (v *vault) Seal(_ context.Context, subject string, _ domain.SecretKind, text string) (domain.Sealed, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.fails != nil {
		return domain.Sealed{}, v.fails
	}
	id := "key_" + rand.Text()
	v.texts[id], v.whose[id] = text, subject
	return domain.Sealed{KeyID: id, Box: []byte("sealed")}, nil
}

func (v *vault) Discard(_ context.Context, keyIDs ...string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, id := range keyIDs {
		delete(v.texts, id)
	}
	return nil
}

// newSalon opens the branch with a cut of 30 minutes and a colouring of 60, done by Anna, Boris and Zoe; Zoe only cuts.
func newSalon(tb testing.TB, change ...func(*commands.Config)) *salon {
	tb.Helper()
	store := memstore.New()
	s := &salon{
		tb: tb, store: store, now: now, reads: reads{staff: []string{anna, boris}, store: store},
		vault: &vault{texts: map[string]string{}, whose: map[string]string{}},
	}
	c := commands.Config{
		Store: s.store, Reads: &s.reads, Vault: s.vault, Secret: []byte("a secret of the tests"),
		Now: func() time.Time { return s.now }, Jitter: func(time.Duration) time.Duration { return 0 },
	}
	for _, f := range change {
		f(&c)
	}
	var err error
	if s.Service, err = commands.New(c); err != nil {
		tb.Fatal(err)
	}
	s.furnish()
	return s
}

func (s *salon) furnish() {
	s.tb.Helper()
	ctx := s.tb.Context()
	_, err := s.OpenBranch(ctx, owner, s.key(), commands.OpenBranch{
		BranchID: branch, Name: "Mitte", TimeZone: "Europe/Berlin", Currency: "EUR",
	})
	s.must(err)
	for id, minutes := range map[string]int{cut: 30, colour: 60} {
		_, err := s.OfferService(ctx, owner, s.key(), commands.OfferService{
			BranchID: branch, ServiceID: id, Name: id, DurationMinutes: minutes, PriceMinor: 1500,
		})
		s.must(err)
	}
	for id, skills := range map[string][]string{anna: nil, boris: nil, zoe: {cut}} {
		_, err := s.JoinStaff(ctx, owner, s.key(), commands.JoinStaff{BranchID: branch, StaffID: id, Skills: skills})
		s.must(err)
	}
}

func (s *salon) must(err error) {
	s.tb.Helper()
	if err != nil {
		s.tb.Fatal(err)
	}
}

// key gives a command a key of its own.
func (s *salon) key() commands.Options {
	return commands.Options{IdempotencyKey: fmt.Sprintf("key-%d", s.keys.Add(1))}
}

// seen is key plus the revision that the caller has seen.
func (s *salon) seen(r commands.Receipt) commands.Options {
	o := s.key()
	o.IfMatch = &r.Revision
	return o
}

// request asks for one cut by the member (empty: anyone).
func (s *salon) request(by commands.Caller, staffID string, at time.Time) (commands.Receipt, error) {
	return s.RequestBooking(s.tb.Context(), by, s.key(), wish(staffID, at))
}

func (s *salon) mustRequest(by commands.Caller, staffID string, at time.Time) commands.Receipt {
	s.tb.Helper()
	r, err := s.request(by, staffID, at)
	s.must(err)
	return r
}

func wish(staffID string, at time.Time, services ...string) commands.RequestBooking {
	if len(services) == 0 {
		services = []string{cut}
	}
	w := commands.RequestBooking{BranchID: branch, Start: commands.Start{StartAt: at}}
	for _, id := range services {
		w.Services = append(w.Services, commands.RequestedService{ServiceID: id, StaffID: staffID})
	}
	return w
}

// booking folds one booking from the log.
func (s *salon) booking(id string) domain.Booking {
	s.tb.Helper()
	var b domain.Booking
	for r, err := range s.store.Read(s.tb.Context(), domain.BookingStream(id), 0) {
		s.must(err)
		b = b.Evolve(r.Event.(domain.BookingEvent))
	}
	return b
}

// claims lists what stands on a staff-day, from the log.
func (s *salon) claims(staffID, day string) []domain.DayClaim {
	s.tb.Helper()
	var d domain.StaffDay
	for r, err := range s.store.Read(s.tb.Context(), domain.StaffDayStream(staffID, day), 0) {
		s.must(err)
		d = d.Evolve(r.Event.(domain.StaffDayEvent))
	}
	return d.Claims
}

// same reports whether two receipts are of one command.
func same(a, b commands.Receipt) bool {
	return a.ID == b.ID && a.Revision == b.Revision && a.Position == b.Position
}

// wantRefusal fails unless err is a refusal of the kind and code.
func wantRefusal(tb testing.TB, err error, kind domain.Kind, code domain.Code) {
	tb.Helper()
	_ = refusal(tb, err, kind, code)
}

// refusal is wantRefusal for those who look at the details.
func refusal(tb testing.TB, err error, kind domain.Kind, code domain.Code) *domain.Refusal {
	tb.Helper()
	r, ok := errors.AsType[*domain.Refusal](err)
	if !ok || r.Kind != kind || r.Code != code {
		tb.Fatalf("got %v, want a refusal %v %s", err, kind, code)
	}
	return r
}

// isRefusal reports whether err is a refusal with one of the codes.
func isRefusal(err error, codes ...domain.Code) bool {
	r, ok := errors.AsType[*domain.Refusal](err)
	return ok && slices.Contains(codes, r.Code)
}

// mustStand fails unless the log as a whole keeps the promises.
func (s *salon) mustStand() {
	s.tb.Helper()
	if err := claimtest.Check(s.store.All(), true); err != nil {
		s.tb.Fatal(err)
	}
}

var _ commands.Store = (*memstore.Store)(nil)
