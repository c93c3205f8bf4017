package publishers_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
)

// watched is a token watch before a guard.
type watched struct {
	*publishers.TokenWatch
	guard *guard
	log   *bytes.Buffer
}

// newWatched starts a watch as a process would; the log of events ends at 100.
func newWatched(t *testing.T, db *database.DB, change func(c *publishers.TokenWatchConfig)) watched {
	t.Helper()
	g := newGuard(t)
	w := watched{guard: g, log: &bytes.Buffer{}}
	cfg := publishers.TokenWatchConfig{
		Revoker: g.revoker(t, nil), DB: db, StoreID: storeID, Logger: slog.New(slog.NewJSONHandler(w.log, nil)),
		Head: func(context.Context) (eventstore.Position, error) { return 100, nil },
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	if w.TokenWatch, err = publishers.NewTokenWatch(cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

// happened are events, one after the other from a position on, which were stored at a time.
func happened(at eventstore.Position, stored time.Time, events ...domain.Event) subscription.Batch {
	b := subscription.Batch{Live: true}
	for _, e := range events {
		b.Events = append(b.Events, eventstore.Recorded{ID: uuid.New(), Position: at, Created: stored, Event: e})
		b.Position = at
		at++
	}
	return b
}

func segments(staffIDs ...string) (all []domain.Segment) {
	for _, id := range staffIDs {
		all = append(all, domain.Segment{StaffID: id})
	}
	return all
}

// lossOf is asha's loss of a booking.
func lossOf(staffID string) domain.Event {
	return domain.BookingStaffUnassigned{Status: domain.StatusConfirmed, PreviousStaffID: staffID}
}

func TestWhoLosesAccessLosesHisTokens(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		event domain.Event
		want  []string
	}{
		"unassigned": {lossOf(asha), []string{asha}},
		"replaced": {domain.BookingStaffAssigned{
			Status: domain.StatusConfirmed, PreviousStaffID: asha, Segment: domain.Segment{StaffID: meera},
		}, []string{asha}},
		"assigned where nobody was":               {domain.BookingStaffAssigned{Status: domain.StatusConfirmed, Segment: domain.Segment{StaffID: meera}}, nil},
		"replaced before being told":              {domain.BookingStaffAssigned{Status: domain.StatusPending, PreviousStaffID: asha}, nil},
		"unassigned before being told":            {domain.BookingStaffUnassigned{Status: domain.StatusPending, PreviousStaffID: asha}, nil},
		"moved to another member":                 {rescheduled(domain.StatusConfirmed, segments(asha, tara), segments(meera, tara)), []string{asha}},
		"moved to another time":                   {rescheduled(domain.StatusConfirmed, segments(asha), segments(asha)), nil},
		"moved, and to be approved anew":          {rescheduled(domain.StatusPending, segments(asha, tara), segments(asha, tara)), []string{asha, tara}},
		"the only service of a member left out":   {domain.BookingServiceRemoved{Status: domain.StatusConfirmed, Segment: domain.Segment{StaffID: asha}, Plan: domain.Plan{Segments: segments(tara)}}, []string{asha}},
		"one of a member's services left out":     {domain.BookingServiceRemoved{Status: domain.StatusConfirmed, Segment: domain.Segment{StaffID: asha}, Plan: domain.Plan{Segments: segments(asha)}}, nil},
		"leaving a branch":                        {domain.StaffLeft{StaffID: asha, BranchID: branch}, []string{asha}},
		"joining a branch":                        {domain.StaffJoined{StaffID: asha, BranchID: branch}, nil},
		"a cancellation, which he is told of":     {domain.BookingCancelled{}, nil},
		"a confirmation, by which he first hears": {domain.BookingConfirmed{Segments: segments(asha)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWatched(t, openDatabase(t), nil)
			if err := w.Handle(t.Context(), happened(101, issuedAt, tc.event)); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range w.guard.requests() {
				if r.IssuedBefore != revokedBefore.UnixMilli() || r.AllowReauthMargin {
					t.Errorf("asked %+v", r)
				}
				got = append(got, r.Targets...)
			}
			var want []string
			for _, id := range tc.want {
				want = append(want, "revocationKey:"+id)
				line := `"msg":"realtime tokens revoked","staff":"` + id + `","because":"` + tc.event.EventType() + `"`
				if !strings.Contains(w.log.String(), line) {
					t.Errorf("the log lacks %s: %s", line, w.log)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("revoked %v, want %v", got, want)
			}
		})
	}
}

func rescheduled(to domain.Status, before, after []domain.Segment) domain.Event {
	return domain.BookingRescheduled{
		FromStatus: domain.StatusConfirmed, ToStatus: to, FromSegments: before, Plan: domain.Plan{Segments: after},
	}
}

// TestManyLossesAreFewRequests: each member once, and at most a hundred at a time.
func TestManyLossesAreFewRequests(t *testing.T) {
	t.Parallel()
	w := newWatched(t, openDatabase(t), nil)
	var events []domain.Event
	for i := range 150 {
		staffID := "stf_many0" + string(rune('A'+i/26)) + string(rune('a'+i%26))
		events = append(events, lossOf(staffID), lossOf(staffID))
	}
	if err := w.Handle(t.Context(), happened(101, issuedAt, events...)); err != nil {
		t.Fatal(err)
	}
	asked := w.guard.requests()
	if len(asked) != 2 || len(asked[0].Targets) != 100 || len(asked[1].Targets) != 50 {
		t.Errorf("asked %d times: %+v", len(asked), asked)
	}
}

// TestWhatHasEndedIsNotRevoked: after a long rest the watch passes over what is past.
func TestWhatHasEndedIsNotRevoked(t *testing.T) {
	t.Parallel()
	w := newWatched(t, openDatabase(t), nil)
	longAgo := issuedAt.Add(-publishers.TokenTTL - 2*time.Minute)
	if err := w.Handle(t.Context(), happened(101, longAgo, lossOf(asha))); err != nil {
		t.Fatal(err)
	}
	if err := w.Handle(t.Context(), happened(102, issuedAt.Add(-publishers.TokenTTL), lossOf(meera))); err != nil {
		t.Fatal(err)
	}
	if asked := w.guard.requests(); len(asked) != 1 || !slices.Equal(asked[0].Targets, []string{"revocationKey:" + meera}) {
		t.Errorf("asked %+v", asked)
	}
}

// TestARevocationThatWasCutShortIsMadeByTheNextProcess: the checkpoint stays before its event.
func TestARevocationThatWasCutShortIsMadeByTheNextProcess(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Publisher, revocationCutShort)
}

func revocationCutShort(t *testing.T, db *database.DB) {
	t.Helper()
	w := newWatched(t, db, nil)
	w.guard.answer = func(int, revocation) reply { return reply{status: http.StatusServiceUnavailable, retryAfter: "3600"} }
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-w.guard.arrived
		cancel()
	}()
	if err := w.Handle(ctx, happened(101, issuedAt, lossOf(asha))); !errors.Is(err, context.Canceled) {
		t.Fatalf("the watch went on: %v", err)
	}
	next := newWatched(t, db, func(c *publishers.TokenWatchConfig) {
		c.Head = func(context.Context) (eventstore.Position, error) { return 500, nil }
	})
	at, err := next.Checkpoint(t.Context())
	if err != nil || at != 100 {
		t.Fatalf("begins at %d, %v", at, err)
	}
	if err := next.Handle(t.Context(), happened(101, issuedAt, lossOf(asha))); err != nil {
		t.Fatal(err)
	}
	if asked := next.guard.requests(); len(asked) != 1 {
		t.Errorf("asked %+v", asked)
	}
	third := newWatched(t, db, nil)
	if at, err := third.Checkpoint(t.Context()); err != nil || at != 101 {
		t.Errorf("begins at %d, %v", at, err)
	}
}

// TestARefusedRevocationHoldsNothingUp: it is in the log, and the next one is made.
func TestARefusedRevocationHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w := newWatched(t, openDatabase(t), nil)
	w.guard.answer = func(_ int, r revocation) reply {
		if slices.Contains(r.Targets, "revocationKey:"+asha) {
			return reply{status: http.StatusUnauthorized, body: `{"error":{"code":40163,"statusCode":401,"message":"not revocable"}}`}
		}
		return reply{}
	}
	for i, staffID := range []string{asha, meera} {
		if err := w.Handle(t.Context(), happened(eventstore.Position(101+i), issuedAt, lossOf(staffID))); err != nil { //nolint:gosec // small
			t.Fatal(err)
		}
	}
	for _, line := range []string{
		`"level":"ERROR","msg":"realtime tokens not revoked: they end by themselves","staff":"` + asha + `"`,
		`"level":"INFO","msg":"realtime tokens revoked","staff":"` + meera + `"`,
	} {
		if !strings.Contains(w.log.String(), line) {
			t.Errorf("the log lacks %s: %s", line, w.log)
		}
	}
}

// TestTokensAreRevokedOnceNoneIsMadeOfWhatWasLost: one that is made in between would outlive the revocation.
func TestTokensAreRevokedOnceNoneIsMadeOfWhatWasLost(t *testing.T) {
	t.Parallel()
	var order []string
	w := newWatched(t, openDatabase(t), func(c *publishers.TokenWatchConfig) {
		c.Seen = func(_ context.Context, at eventstore.Position) error {
			if at != 102 {
				t.Errorf("waits for %d", at)
			}
			order = append(order, "seen")
			return errors.New("the read model is paused")
		}
	})
	w.guard.answer = func(int, revocation) reply {
		order = append(order, "asked")
		return reply{}
	}
	if err := w.Handle(t.Context(), happened(101, issuedAt, lossOf(asha), lossOf(meera))); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(order, []string{"seen", "asked"}) {
		t.Errorf("order %v", order)
	}
	if !strings.Contains(w.log.String(), "the read model is paused") {
		t.Errorf("the log lacks the trouble: %s", w.log)
	}
}

// TestAWatchOfAnotherStoreIsRefused: its positions mean nothing here.
func TestAWatchOfAnotherStoreIsRefused(t *testing.T) {
	t.Parallel()
	db := openDatabase(t)
	if _, err := newWatched(t, db, nil).Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := newWatched(t, db, func(c *publishers.TokenWatchConfig) { c.StoreID = "another" })
	_, err := other.Checkpoint(t.Context())
	if _, ok := errors.AsType[*subscription.ForeignStoreError](err); !ok {
		t.Errorf("error %v", err)
	}
	if _, err := publishers.NewTokenWatch(publishers.TokenWatchConfig{}); err == nil {
		t.Error("a watch of nothing was made")
	}
}
