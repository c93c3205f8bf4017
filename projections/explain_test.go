package projections_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/projections"
)

// listener is a query hook that keeps the text of what reads, or looks for what it removes.
type listener struct{ queries []string }

func (*listener) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (l *listener) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	if strings.HasPrefix(e.Query, "SELECT") || strings.HasPrefix(e.Query, "DELETE") {
		l.queries = append(l.queries, e.Query)
	}
}

// TestEveryQueryFindsItsRowsByAnIndex asks all that can be asked of 100,000 bookings, and looks at the plans; on SQLite also
// before it has counted anything, as it is with a generation that was just built. PostgreSQL counts that at once.
func TestEveryQueryFindsItsRowsByAnIndex(t *testing.T) {
	t.Parallel()
	db, h := plenty(t)
	for _, table := range []string{"bookings_v2_g1", "timeline_v2_g1"} {
		if n, err := db.Read.NewSelect().TableExpr(table).Count(t.Context()); err != nil || n < 100_000 {
			t.Fatalf("%s has %d rows: so few prove nothing; %v", table, n, err)
		}
	}
	heard := &listener{}
	db.Read, db.Write = db.Read.WithQueryHook(heard), db.Write.WithQueryHook(heard)
	m := models(db)
	asked := questions(m.Queries())
	folds := 0
	asked["folding"] = func(ctx context.Context) error {
		some := h.less(folds)
		folds++
		for _, p := range m.Handlers() {
			if err := p.Handle(ctx, batch(some)); err != nil {
				return err
			}
		}
		return nil
	}
	for _, p := range m.All() {
		asked["audit and rebuild of streams in "+p.Name()] = func(ctx context.Context) error { return projections.Units(ctx, p) }
	}
	used := map[string]bool{}
	look := func(t *testing.T, name string) (faults []string) {
		t.Helper()
		heard.queries = nil
		if err := asked[name](t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(heard.queries) == 0 {
			t.Fatal("no query was heard")
		}
		everything := strings.HasPrefix(name, "everybody's") || strings.HasPrefix(name, "what needs staff")
		for _, query := range heard.queries {
			p := explain(t, db, query, everything)
			for _, index := range p.used {
				used[index] = true
			}
			for _, fault := range p.faults {
				faults = append(faults, fault+"\n"+query)
			}
		}
		return faults
	}
	check := func(when string) {
		for name := range asked {
			t.Run(name+" "+when, func(t *testing.T) {
				for _, fault := range look(t, name) {
					t.Error(fault)
				}
			})
		}
	}
	if db.Kind() == database.SQLite { // PostgreSQL may have counted at any moment, also before there was much
		check("without statistics")
	}
	count(t, db)
	clear(used)
	check("with statistics")
	for _, index := range indexesOf(t, db) {
		if !used[index] {
			t.Errorf("no query uses the index %s, which every batch pays for", index)
		}
	}
	for index, name := range map[string]string{
		"bookings_v2_g1_customer": "a customer's bookings", "schedule_slots_v1_g1_start": "everybody's schedule",
		"booking_staff_v2_g1_booking": "folding", "leaves_v2_g1_status": "everybody's leaves",
	} {
		t.Run("without "+index, func(t *testing.T) {
			if _, err := db.Write.ExecContext(t.Context(), "DROP INDEX "+index); err != nil {
				t.Fatal(err)
			}
			if len(look(t, name)) == 0 {
				t.Errorf("%s takes no index, and nobody objects", name)
			}
		})
	}
}

// count lets the database count. It looks at a part of the rows, as PostgreSQL always does.
func count(t *testing.T, db *database.DB) {
	t.Helper()
	if db.Kind() == database.SQLite {
		if _, err := db.Write.ExecContext(t.Context(), "PRAGMA analysis_limit = 1000"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Write.ExecContext(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
}

// indexesOf lists the indexes of the read models' first generations but for those of primary keys.
func indexesOf(t *testing.T, db *database.DB) (names []string) {
	t.Helper()
	err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for _, i := range indexes(ctx, t, tx, db.Kind()) {
			names = append(names, i.Name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// questions are all that can be asked of the big tables.
func questions(q *projections.Queries) map[string]func(ctx context.Context) error {
	list := func(f projections.BookingFilter) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			f := f
			f.Limit = 3
			page, err := q.Bookings(ctx, f, 0)
			if err == nil && page.Next == "" {
				return fmt.Errorf("there is no second page: %+v", f)
			}
			if err == nil {
				f.After = page.Next
				_, err = q.Bookings(ctx, f, 0)
			}
			return err
		}
	}
	leaves := func(f projections.LeaveFilter) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			f := f
			f.Limit = 3
			page, err := q.Leaves(ctx, f, 0)
			if err == nil && page.Next == "" {
				return fmt.Errorf("there is no second page: %+v", f)
			}
			if err == nil {
				f.After = page.Next
				_, err = q.Leaves(ctx, f, 0)
			}
			return err
		}
	}
	one, both, every := projections.InBranches(koramangala), projections.InBranches(koramangala, kiritimati),
		projections.EveryBranch()
	from, to := noon().AddDate(0, 0, 30), noon().AddDate(0, 0, 40)
	return map[string]func(ctx context.Context) error{
		"a customer's bookings":         list(projections.BookingFilter{Branches: every, CustomerID: "usr_busy007"}),
		"a customer's latest":           list(projections.BookingFilter{Branches: every, CustomerID: "usr_busy007", LatestFirst: true}),
		"a branch's bookings":           list(projections.BookingFilter{Branches: one}),
		"a branch's days":               list(projections.BookingFilter{Branches: one, From: from, To: to}),
		"a branch's queue":              list(projections.BookingFilter{Branches: one, Statuses: []domain.Status{domain.StatusPending}}),
		"two branches' queue":           list(projections.BookingFilter{Branches: both, Statuses: []domain.Status{domain.StatusPending}}),
		"everybody's bookings":          list(projections.BookingFilter{Branches: every}),
		"everybody's queue":             list(projections.BookingFilter{Branches: every, Statuses: []domain.Status{domain.StatusPending}}),
		"a member's bookings":           list(projections.BookingFilter{Branches: every, StaffID: anita}),
		"a member's days in a branch":   list(projections.BookingFilter{Branches: one, StaffID: anita, From: from, To: to}),
		"a member's confirmed bookings": list(projections.BookingFilter{Branches: every, StaffID: anita, Statuses: []domain.Status{domain.StatusConfirmed}}),
		"a branch's open bookings":      list(projections.BookingFilter{Branches: one, Statuses: []domain.Status{"pending", "confirmed"}}),
		"a branch's dates":              list(projections.BookingFilter{Branches: one, FromDate: "2026-07-16", ToDate: "2026-07-18"}),
		"everybody's dates":             list(projections.BookingFilter{Branches: every, FromDate: "2026-07-16", ToDate: "2026-07-18"}),
		"a branch's hair":               list(projections.BookingFilter{Branches: one, Type: domain.ServiceSalon}),
		"what needs staff in a branch":  list(projections.BookingFilter{Branches: one, NeedsStaff: true}),
		"a customer's queue from a day on": func(ctx context.Context) error { // has one page
			_, err := q.Bookings(ctx, projections.BookingFilter{
				Branches: every, CustomerID: "usr_busy007", Statuses: []domain.Status{"pending", "confirmed"}, From: noon(), Limit: 3,
			}, 0)
			return err
		},
		"a member's queue from a day on": list(projections.BookingFilter{
			Branches: every, StaffID: anita, Statuses: []domain.Status{"pending", "confirmed"}, From: noon(),
		}),
		"everybody's days":              list(projections.BookingFilter{Branches: every, From: from, To: to}),
		"everybody's hair":              list(projections.BookingFilter{Branches: every, Type: domain.ServiceSalon}),
		"what needs staff":              list(projections.BookingFilter{Branches: every, NeedsStaff: true, LatestFirst: true}),
		"a branch's leaves":             leaves(projections.LeaveFilter{Branches: one}),
		"a branch's leave queue":        leaves(projections.LeaveFilter{Branches: one, Statuses: []domain.LeaveStatus{domain.LeavePending}}),
		"everybody's leave queue":       leaves(projections.LeaveFilter{Branches: every, Statuses: []domain.LeaveStatus{domain.LeavePending}}),
		"everybody's leaves":            leaves(projections.LeaveFilter{Branches: every, FromDate: "2026-07-01", ToDate: "2026-07-20"}),
		"a member's leaves":             leaves(projections.LeaveFilter{Branches: every, StaffID: anita, LatestFirst: true}),
		"a member's leaves in a branch": leaves(projections.LeaveFilter{Branches: one, StaffID: anita}),
		"one leave": func(ctx context.Context) error {
			_, _, err := q.LeaveByID(ctx, "lv_busy0009", 0)
			return err
		},
		"one booking": func(ctx context.Context) error {
			_, _, err := q.BookingByID(ctx, "bkg_busy00042", 0)
			return err
		},
		"a timeline": func(ctx context.Context) error {
			_, _, err := q.Timeline(ctx, "bkg_busy00042", 0)
			return err
		},
		"a branch's schedule":             schedule(q, projections.ScheduleFilter{Branches: one}),
		"two branches' schedule":          schedule(q, projections.ScheduleFilter{Branches: both}),
		"everybody's schedule":            schedule(q, projections.ScheduleFilter{Branches: every}),
		"a member's schedule in a branch": schedule(q, projections.ScheduleFilter{Branches: one, StaffID: anita}),
		"a member's schedule":             schedule(q, projections.ScheduleFilter{Branches: every, StaffID: anita}),
		"a branch": func(ctx context.Context) error {
			_, err := q.Branch(ctx, koramangala, 0)
			return err
		},
		"a branch's closures": func(ctx context.Context) error {
			_, err := q.BranchClosures(ctx, koramangala, "2026-08-01", 0)
			return err
		},
		"what a closure is in the way of": func(ctx context.Context) error {
			_, err := q.ClosureConflicts(ctx, koramangala, from, to)
			return err
		},
		"a member": func(ctx context.Context) error {
			_, err := q.Staff(ctx, anita, 0)
			return err
		},
		"a standing": func(ctx context.Context) error {
			_, err := q.CustomerStanding(ctx, "usr_busy007", 0)
			return err
		},
		"a flag": func(ctx context.Context) error {
			_, err := q.NeedsApproval(ctx, "usr_busy007")
			return err
		},
		"what is busy": func(ctx context.Context) error {
			busy, err := q.Busy(ctx, noon().AddDate(0, 0, lastPeriod+100))
			if err == nil && len(busy.Slots) == 0 {
				return errors.New("nothing is busy")
			}
			return err
		},
		"own overlaps": func(ctx context.Context) error {
			_, err := q.Overlapping(ctx, "usr_busy007", from, to, "bkg_busy00007")
			return err
		},
		"active bookings": func(ctx context.Context) error {
			_, err := q.ActiveBookings(ctx, "usr_busy007")
			return err
		},
		"open visits": func(ctx context.Context) error {
			_, err := q.OpenVisits(ctx, "usr_busy007")
			return err
		},
		"own ids": func(ctx context.Context) error {
			_, err := q.OwnBookingIDs(ctx, "usr_busy007", 50)
			return err
		},
		"assigned ids": func(ctx context.Context) error {
			_, err := q.AssignedBookingIDs(ctx, anita, 2000)
			return err
		},
	}
}

func schedule(q *projections.Queries, f projections.ScheduleFilter) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		f.FromDate, f.ToDate = "2026-07-01", "2026-07-02"
		page, err := q.Schedule(ctx, f, 0)
		if err == nil && len(page.Slots) == 0 {
			return fmt.Errorf("no slots: %+v", f)
		}
		return err
	}
}
