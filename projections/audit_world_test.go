package projections_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/memstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// shape is what the tests of audits know of a table: whose its rows are and what finds one.
type shape struct {
	table  string
	prefix string   // of the stream
	of     []string // the columns that make the rest of its name
	key    []string
}

func shapes() []shape {
	booking, leave, day, branch, member, who := "booking-", "leave-", "staffday-", "branch-", "staff-", "customer-"
	bookingID, leaveID, branchID := []string{"booking_id"}, []string{"leave_id"}, []string{"branch_id"}
	staffID, customerID, staffDay := []string{"staff_id"}, []string{"customer_id"}, []string{"staff_id", "day"}
	return []shape{
		{"bookings", booking, bookingID, bookingID},
		{"booking_staff", booking, bookingID, []string{"staff_id", "start_at", "booking_id"}},
		{"booking_notes", booking, bookingID, []string{"booking_id", "note_id"}},
		{"timeline", booking, bookingID, []string{"booking_id", "revision"}},
		{"timeline_bookings", booking, bookingID, bookingID},
		{"schedule_slots", booking, bookingID, []string{"booking_id", "segment_id", "staff_id", "start_at"}},
		{"schedule_bookings", booking, bookingID, bookingID},
		{"schedule_blocks", leave, leaveID, leaveID},
		{"leaves", leave, leaveID, leaveID},
		{"leave_places", leave, leaveID, []string{"branch_id", "status", "start_at", "leave_id"}},
		{"leave_blocks", day, staffDay, []string{"staff_id", "day", "leave_id"}},
		{"leave_conflicts", day, staffDay, []string{"leave_id", "claim_id", "day"}},
		{"branches", branch, branchID, branchID},
		{"branch_services", branch, branchID, []string{"branch_id", "service_id"}},
		{"branch_closures", branch, branchID, []string{"branch_id", "closure_id"}},
		{"branch_staff", member, staffID, []string{"branch_id", "staff_id"}},
		{"staff", member, staffID, staffID},
		{"customers", who, customerID, customerID},
		{"customer_counts", who, customerID, []string{"customer_id", "kind", "booking_id"}},
	}
}

// world is a database with all read models, and the log that they fold.
type world struct {
	t   *testing.T
	db  *database.DB
	m   *projections.Models
	log *memstore.Store
}

func newWorld(t *testing.T, db *database.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, m: models(db), log: memstore.New()}
	if db.Kind() == database.SQLite {
		w.exec("PRAGMA synchronous = OFF") // these tests stop no machines
	}
	if err := w.m.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// write appends a history to the log.
func (w *world) write(h *history) {
	w.t.Helper()
	for _, e := range h.events {
		_, err := w.log.Append(w.t.Context(), eventstore.Append{
			Stream: e.Stream, Expected: e.Revision - 1, Events: []domain.Event{e.Event}, Metadata: e.Metadata,
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// fold folds what is in the log.
func (w *world) fold() {
	w.t.Helper()
	project(w.t, w.m, w.log.All())
}

// restart empties everything but what the generations are.
func (w *world) restart() {
	w.t.Helper()
	w.log, w.m = memstore.New(), models(w.db)
	err := w.db.InTx(w.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM checkpoints")
		for _, s := range shapes() {
			if err == nil {
				_, err = tx.ExecContext(ctx, "DELETE FROM "+s.physical())
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) exec(statement string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Write.NewRaw(statement, args...).Exec(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (s shape) physical() string {
	version := 1
	switch {
	case strings.HasPrefix(s.table, "leave"):
		version = projections.LeaveVersion
	case strings.HasPrefix(s.table, "booking"):
		version = projections.BookingsVersion
	case strings.HasPrefix(s.table, "timeline"):
		version = projections.TimelineVersion
	}
	return fmt.Sprintf("%s_v%d_g1", s.table, version)
}

// run keeps the read models up to date until the returned function is called.
func (w *world) run() (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() {
		done <- w.m.Run(ctx, projections.Running{Source: subscription.FromStore(w.log), Owner: "this test", Exclusive: true})
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(stop)
	return stop
}

// await waits until something holds.
func (w *world) await(what string, holds func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// caughtUp waits until a read model holds all that is in the log.
func (w *world) caughtUp(p *projections.Projection) {
	w.t.Helper()
	head, err := w.log.Head(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	w.await(p.Name()+" catches up", func() bool {
		_, at, err := p.Content(w.t.Context())
		return err == nil && at >= head
	})
}

// status reads where a read model stands.
func (w *world) status(p *projections.Projection) projections.Status {
	w.t.Helper()
	s, err := p.Status(w.t.Context(), func(context.Context, eventstore.Position) (time.Duration, error) { return 0, nil })
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// content is the hash of every read model.
func (w *world) content() map[string]string {
	w.t.Helper()
	hashes := map[string]string{}
	for _, p := range w.m.All() {
		c, _, err := p.Content(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		hashes[p.Name()] = c.Hash
	}
	return hashes
}

// fresh is what the hashes are of models that fold the whole log anew, in a SQLite file.
func (w *world) fresh() map[string]string {
	w.t.Helper()
	other := &world{t: w.t, db: openDB(w.t), log: w.log}
	other.m = models(other.db)
	project(w.t, other.m, w.log.All())
	return other.content()
}

// record is a row as the database gives it.
type record map[string]any

func (w *world) rows(s shape) (rows []record) {
	w.t.Helper()
	all, err := w.db.Read.QueryContext(w.t.Context(), "SELECT * FROM "+s.physical()+" ORDER BY "+strings.Join(s.key, ", "))
	if err != nil {
		w.t.Fatal(err)
	}
	defer all.Close() //nolint:errcheck // Err tells
	columns, err := all.Columns()
	if err != nil {
		w.t.Fatal(err)
	}
	for all.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := all.Scan(targets...); err != nil {
			w.t.Fatal(err)
		}
		r := record{}
		for i, c := range columns {
			r[c] = values[i]
		}
		rows = append(rows, r)
	}
	if err := all.Err(); err != nil {
		w.t.Fatal(err)
	}
	return rows
}

func (s shape) named(r record) string {
	var parts []string
	for _, c := range s.key {
		parts = append(parts, fmt.Sprintf("%s=%v", c, r[c]))
	}
	return strings.Join(parts, " ")
}

func (s shape) stream(r record) string {
	var parts []string
	for _, c := range s.of {
		parts = append(parts, fmt.Sprint(r[c]))
	}
	return s.prefix + strings.Join(parts, "_")
}

// dump is all rows of tables, by stream, table and key.
func (w *world) dump(of ...shape) map[string]record {
	w.t.Helper()
	all := map[string]record{}
	for _, s := range of {
		for _, r := range w.rows(s) {
			all[s.stream(r)+" "+s.table+" "+s.named(r)] = r
		}
	}
	return all
}

// damage tells, in words, where rows are not what they were.
func damage(was, is map[string]record) (found []string) {
	for name, r := range was {
		now, ok := is[name]
		if !ok {
			found = append(found, "missing "+name)
			continue
		}
		var columns []string
		for c := range r {
			if fmt.Sprintf("%T %v", r[c], r[c]) != fmt.Sprintf("%T %v", now[c], now[c]) {
				columns = append(columns, c)
			}
		}
		if len(columns) > 0 {
			slices.Sort(columns)
			found = append(found, fmt.Sprintf("differs %s %q", name, columns))
		}
	}
	for name := range is {
		if _, ok := was[name]; !ok {
			found = append(found, "extra "+name)
		}
	}
	slices.Sort(found)
	return found
}

// told is what audits have found, in the words of damage.
func told(reports []projections.AuditReport) (found []string) {
	byTable := map[string]shape{}
	for _, s := range shapes() {
		byTable[s.table] = s
	}
	for _, report := range reports {
		for _, d := range report.Drifted {
			r := record{}
			for c, v := range d.Key {
				r[c] = v
			}
			line := string(d.Kind) + " " + d.Stream + " " + d.Table + " " + byTable[d.Table].named(r)
			if d.Kind == projections.DriftDiffers {
				slices.Sort(d.Columns)
				line += fmt.Sprintf(" %q", d.Columns)
			}
			found = append(found, line)
		}
	}
	slices.Sort(found)
	return found
}

// audit audits every stream of the log and every row, in every read model.
func (w *world) audit(heal bool) (reports []projections.AuditReport) {
	w.t.Helper()
	for _, p := range w.m.All() {
		o := projections.AuditOptions{Sample: 200, Streams: w.streams(p), Heal: heal}
		report, err := p.Audit(w.t.Context(), w.log, o)
		if err != nil {
			w.t.Fatal(err)
		}
		reports = append(reports, report)
	}
	return reports
}

// streams lists the streams of the log that a read model has rows of.
func (w *world) streams(p *projections.Projection) (names []string) {
	w.t.Helper()
	c, _, err := p.Content(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var prefixes []string
	for _, t := range c.Tables {
		for _, s := range shapes() {
			if s.table == t.Name {
				prefixes = append(prefixes, s.prefix)
			}
		}
	}
	for _, e := range w.log.All() {
		if slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(e.Stream, prefix) }) {
			names = append(names, e.Stream)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// The ways in which corrupt damages a row.
const (
	toMissing = iota
	toOther
	toExtra
	damages
)

// corrupt damages one row of a table, and reports whether it could. Rows that are damaged already stay as they are.
func (w *world) corrupt(r *rapid.T, s shape, how int, done map[string]bool) bool {
	w.t.Helper()
	rows := slices.DeleteFunc(w.rows(s), func(r record) bool { return done[s.table+s.named(r)] })
	if len(rows) == 0 {
		return false
	}
	row := rows[below(len(rows)).Draw(r, "row")]
	done[s.table+s.named(row)] = true
	switch how {
	case toMissing:
		w.remove(s, row)
	case toOther:
		columns := s.others(row)
		if len(columns) == 0 {
			return false
		}
		other := maps.Clone(row)
		spoil(other, columns[below(len(columns)).Draw(r, "column")])
		w.remove(s, row)
		w.add(s, other)
	default:
		other := maps.Clone(row)
		spoil(other, s.key[below(len(s.key)).Draw(r, "column")])
		if done[s.table+s.named(other)] {
			return false
		}
		done[s.table+s.named(other)] = true
		w.add(s, other)
	}
	return true
}

// others are the columns that are not of the key and have something in them.
func (s shape) others(r record) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r)), func(c string) bool { return r[c] == nil || slices.Contains(s.key, c) })
}

// spoil gives a column another value.
func spoil(r record, column string) {
	switch v := r[column].(type) {
	case int64:
		r[column] = cmp.Or(v+100, 1)
	case bool:
		r[column] = !v
	case string:
		r[column] = v + "x"
	case []byte:
		r[column] = string(v) + "x"
	default:
		panic(fmt.Sprintf("a column of %T", v))
	}
}

func (w *world) remove(s shape, r record) {
	w.t.Helper()
	q := w.db.Write.NewDelete().TableExpr(s.physical())
	for _, c := range s.key {
		q = q.Where("? = ?", bun.Ident(c), r[c])
	}
	gone, err := q.Exec(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if n, err := gone.RowsAffected(); err != nil || n != 1 {
		w.t.Fatalf("%d rows, %v", n, err)
	}
}

func (w *world) add(s shape, r record) {
	w.t.Helper()
	row := map[string]any(r)
	err := w.db.InTx(w.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).TableExpr(s.physical()).Exec(ctx)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
