package projections_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/projections"
)

// listener is a query hook that keeps the text of the queries of read models.
type listener struct{ queries []string }

func (*listener) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (l *listener) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	reads := strings.HasPrefix(e.Query, "SELECT") || strings.HasPrefix(e.Query, "DELETE")
	if reads && strings.Contains(e.Query, "_v1_g1") {
		l.queries = append(l.queries, e.Query)
	}
}

func TestEveryQueryFindsItsRowsByAnIndex(t *testing.T) {
	t.Parallel()
	db, h := busy(t)
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
	check := func(when string) {
		for name, ask := range asked {
			t.Run(name+" "+when, func(t *testing.T) { checkPlans(t, db, heard, ask) })
		}
	}
	check("without statistics")
	if _, err := db.Write.ExecContext(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	check("with statistics")
}

// checkPlans asks, and looks at the plan of each query that this took.
func checkPlans(t *testing.T, db *database.DB, heard *listener, ask func(ctx context.Context) error) {
	t.Helper()
	heard.queries = nil
	if err := ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(heard.queries) == 0 {
		t.Fatal("no query was heard")
	}
	for _, query := range heard.queries {
		checkPlan(t, db, query)
	}
}

// questions are all that can be asked of the big tables.
func questions(q *projections.Queries) map[string]func(ctx context.Context) error {
	list := func(f projections.BookingFilter) func(ctx context.Context) error {
		return func(ctx context.Context) error {
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
		"what needs staff":              list(projections.BookingFilter{Branches: every, NeedsStaff: true, LatestFirst: true}),
		"a branch's leaves":             leaves(projections.LeaveFilter{Branches: one}),
		"a branch's leave queue":        leaves(projections.LeaveFilter{Branches: one, Statuses: []domain.LeaveStatus{domain.LeavePending}}),
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
		"a branch's schedule":    schedule(q, projections.ScheduleFilter{Branches: one}),
		"two branches' schedule": schedule(q, projections.ScheduleFilter{Branches: both}),
		"everybody's schedule":   schedule(q, projections.ScheduleFilter{Branches: every}),
		"a member's schedule":    schedule(q, projections.ScheduleFilter{Branches: every, StaffID: anita}),
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
			_, err := q.Busy(ctx, to)
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

// mayScan are the plans that read a list from its beginning, or keys that the query itself gives.
func mayScan(step string) bool {
	lists := []string{
		"SCAN b USING COVERING INDEX bookings_v1_g1_start", "SCAN b USING INDEX bookings_v1_g1_start",
		"SCAN b USING COVERING INDEX bookings_v1_g1_needs_staff", "SCAN b USING INDEX bookings_v1_g1_needs_staff",
	}
	return slices.Contains(lists, step) || step == "SCAN CONSTANT ROW" || strings.HasSuffix(step, "-ROW VALUES CLAUSE")
}

// checkPlan fails on a plan that reads a whole table.
func checkPlan(t *testing.T, db *database.DB, query string) {
	t.Helper()
	rows, err := db.Read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // the error of the iteration is checked
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		t.Log(step)
		if strings.HasPrefix(step, "SCAN") && !mayScan(step) {
			t.Errorf("%s\n%s", step, query)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
