package publishers_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
)

// logged fills a delivery log: events at the positions 10, 20 … on two channels each, a minute apart; every third was refused on
// its booking's channel.
func logged(t *testing.T, db *database.DB, events int) {
	t.Helper()
	err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for n := range events {
			at := time.Date(2026, 6, 15, 10, n, 0, 0, time.UTC)
			booking := fmt.Sprintf("bkg_%08d", n%7)
			for _, channel := range []string{"booking:" + booking, "admin:bookings:br_1"} {
				outcome := "ok"
				if n%3 == 2 && channel[0] == 'b' {
					outcome = "permanent"
					if _, err := tx.ExecContext(ctx, "INSERT INTO refused VALUES (?, ?, 0, 'status.changed', '{}', 400, 40009, 'too large', ?)",
						eventID(n), channel, at); err != nil {
						return err
					}
				}
				if _, err := tx.ExecContext(ctx, "INSERT INTO deliveries VALUES (?, ?, ?, ?, 'status.changed,slot.taken', 2, ?, 12.5, ?, ?)",
					eventID(n), channel, booking, 10*(n+1), outcome, fmt.Sprintf("trace%d", n), at); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func eventID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func TestTheDeliveryLogIsSearchedInPages(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Publisher, func(t *testing.T, db *database.DB) {
		t.Helper()
		const events = 30
		logged(t, db, events)
		log := publishers.Operator{DB: db}
		var all []publishers.Delivered
		s := publishers.DeliverySearch{Limit: 7}
		for pages := 1; ; pages++ {
			page, next, err := log.Find(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, page...)
			if next == "" {
				break
			}
			if s.After = next; !next.Valid() || len(page) != 7 || pages > 2*events {
				t.Fatalf("page %d has %d, next %q", pages, len(page), next)
			}
		}
		if len(all) != 2*events || !slices.IsSortedFunc(all, func(a, b publishers.Delivered) int { return int(b.Position) - int(a.Position) }) {
			t.Errorf("%d deliveries, or not the latest first", len(all))
		}
		want := publishers.Delivered{
			EventID: eventID(29), Channel: "booking:bkg_00000001", Entity: "bkg_00000001", Position: 300,
			Messages: []string{"status.changed", "slot.taken"}, Attempts: 2, Outcome: "permanent", LatencyMs: 12.5, TraceID: "trace29",
			At: time.Date(2026, 6, 15, 10, 29, 0, 0, time.UTC),
		}
		if got := fmt.Sprintf("%+v", all[0]); got != fmt.Sprintf("%+v", want) {
			t.Errorf("%s", got)
		}
		for _, c := range []struct {
			search publishers.DeliverySearch
			found  int
		}{
			{publishers.DeliverySearch{Entity: "bkg_00000003"}, 8}, // of the events 3, 10, 17 and 24
			{publishers.DeliverySearch{Channel: "booking:bkg_00000003"}, 4},
			{publishers.DeliverySearch{TraceID: "trace5"}, 2},
			{publishers.DeliverySearch{Outcome: "permanent"}, 10},
			{publishers.DeliverySearch{Entity: "bkg_00000003", Outcome: "permanent"}, 1},
			{publishers.DeliverySearch{Entity: "' OR 1=1 --"}, 0},
			{publishers.DeliverySearch{Limit: 100_000}, 2 * events},
		} {
			if page, _, err := log.Find(t.Context(), c.search); err != nil || len(page) != c.found {
				t.Errorf("%+v: %d deliveries, not %d, %v", c.search, len(page), c.found, err)
			}
		}
		for _, wrong := range []publishers.DeliveryCursor{"!", "MTI", "LTEgeA", "eCB5"} {
			if _, _, err := log.Find(t.Context(), publishers.DeliverySearch{After: wrong}); !errors.Is(err, publishers.ErrDeliveryCursor) || wrong.Valid() {
				t.Errorf("cursor %q: %v", wrong, err)
			}
		}
	})
}

func TestWhatBecameOfOneEventIsShown(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Publisher, func(t *testing.T, db *database.DB) {
		t.Helper()
		logged(t, db, 6)
		log := publishers.Operator{DB: db}
		delivered, refused, err := log.Event(t.Context(), eventID(5))
		if err != nil || len(delivered) != 2 || delivered[0].Channel != "admin:bookings:br_1" || len(refused) != 1 ||
			refused[0].Channel != "booking:bkg_00000005" || refused[0].Code != 40009 || refused[0].Data != "{}" {
			t.Errorf("%+v, %+v, %v", delivered, refused, err)
		}
		delivered, refused, err = log.Event(t.Context(), eventID(99))
		if err != nil || len(delivered) != 0 || len(refused) != 0 {
			t.Errorf("of an event that is unknown: %+v, %+v, %v", delivered, refused, err)
		}
	})
}

func TestOldDeliveriesAreRemoved(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Publisher, func(t *testing.T, db *database.DB) {
		t.Helper()
		logged(t, db, 600) // more than one transaction takes
		log := publishers.Operator{DB: db}
		removed, err := log.Prune(t.Context(), time.Date(2026, 6, 15, 10, 590, 0, 0, time.UTC))
		if want := int64(590*2 + 196); err != nil || removed != want {
			t.Errorf("%d entries, not %d, %v", removed, want, err)
		}
		page, _, err := log.Find(t.Context(), publishers.DeliverySearch{Limit: 100})
		if err != nil || len(page) != 20 || page[len(page)-1].Position != 5910 {
			t.Errorf("%d are left, %v", len(page), err)
		}
		if removed, err := log.Prune(t.Context(), time.Date(2026, 6, 15, 10, 590, 0, 0, time.UTC)); err != nil || removed != 0 {
			t.Errorf("%d more, %v", removed, err)
		}
	})
}

func TestReplaysThatWereFinishedLongAgoAreRemoved(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Publisher, func(t *testing.T, db *database.DB) {
		t.Helper()
		before := time.Date(2026, 6, 15, 10, 0, 0, 0, time.UTC)
		for id, finished := range map[string]any{
			"rpl_old": before.Add(-time.Microsecond).UnixMicro(), "rpl_new": before.UnixMicro(), "rpl_begun": nil,
		} {
			if _, err := db.Write.NewRaw("INSERT INTO replays VALUES (?, 1, 2, '', 1, 'usr_owner001', 0, 0, 0, ?)", id, finished).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		log := publishers.Operator{DB: db}
		if removed, err := log.Prune(t.Context(), before); err != nil || removed != 1 {
			t.Errorf("%d, %v", removed, err)
		}
		left, err := log.Replays(t.Context())
		if err != nil || len(left) != 2 || left[0].ID == "rpl_old" || left[1].ID == "rpl_old" {
			t.Errorf("left: %+v, %v", left, err)
		}
	})
}
