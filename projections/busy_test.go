package projections_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/migrations"
)

// busy is a chain's year, in one batch: enough rows that a wrong plan shows, and more than a statement takes.
func busy(tb testing.TB) (*database.DB, *history) {
	tb.Helper()
	db := year[kind()].Open(tb)
	return hasty(tb, db), ofTheYear.clone(tb)
}

// year is made once, like the history that it is folded from: it takes longer than the tests that look at it.
var (
	ofTheYear *history
	year      = map[database.Kind]*databasetest.Template{
		database.SQLite:     {Kind: database.SQLite, Tables: migrations.Engine, Fill: liveAYear},
		database.PostgreSQL: {Kind: database.PostgreSQL, Tables: migrations.Engine, Fill: liveAYear},
	}
)

func liveAYear(tb testing.TB, db *database.DB) {
	tb.Helper()
	h := salon(tb)
	h.year()
	h.away()
	install(tb, hasty(tb, db))
	project(tb, models(db), h.events)
	ofTheYear = h
}

// clone returns a history that goes on by itself.
func (h *history) clone(tb testing.TB) *history {
	tb.Helper()
	c := *h
	c.t, c.events = tb, slices.Clip(h.events)
	c.revisions, c.bookings, c.branches = maps.Clone(h.revisions), maps.Clone(h.bookings), maps.Clone(h.branches)
	c.staff, c.days, c.leaves = maps.Clone(h.staff), maps.Clone(h.days), maps.Clone(h.leaves)
	c.customers = maps.Clone(h.customers)
	return &c
}

func (h *history) year() {
	h.t.Helper()
	for n := range 2000 {
		id := fmt.Sprintf("bkg_busy%05d", n)
		branch := []string{koramangala, kiritimati}[n%2]
		start := noon().Add(time.Duration(n) * 2 * time.Hour)
		h.request(id, fmt.Sprintf("usr_busy%03d", n%300), branch, start,
			[]string{haircut, haircut, facial}[n%3], []string{anita, bina, chitra}[n%3])
		switch n % 3 {
		case 0:
			h.confirm(id, nil)
		case 1:
			h.reject(id)
		}
	}
}

// away adds what a year has beside bookings.
func (h *history) away() {
	h.t.Helper()
	for n := range 150 {
		id := fmt.Sprintf("lv_busy%04d", n)
		day := domain.AddDays("2026-06-17", n)
		if n%3 == 0 {
			h.markOff(id, anita, koramangala, day, 6*60, 23*60)
		} else {
			h.askLeave(id, []string{bina, chitra}[n%2], kiritimati, day, day)
		}
	}
	for n := range 20 {
		id := fmt.Sprintf("bkg_busy%05d", 900+3*n) // confirmed
		h.unassign(id, "seg_1")
		h.note(id, "nt_busy01", domain.VisibleInternal, reception)
		h.redact(id, "nt_busy01")
		h.account(fmt.Sprintf("usr_busy%03d", n), outcomes(domain.OutcomeNoShow, domain.OutcomeLateCancel))
	}
	for n := range 20 {
		date := domain.AddDays("2026-08-01", 9*n)
		h.declare(koramangala, fmt.Sprintf("cls_busy%02d", n), date, date)
	}
}

// less makes something of everything go away, and returns these events.
func (h *history) less(n int) []eventstore.Recorded {
	h.t.Helper()
	before := len(h.events)
	h.cancel(fmt.Sprintf("bkg_busy%05d", 1200+3*n))
	h.unassign(fmt.Sprintf("bkg_busy%05d", 1500+3*n), "seg_1")
	h.revoke(fmt.Sprintf("lv_busy%04d", 3*n))
	facts, err := h.branches[koramangala].Withdraw([]string{facial, massage, colour}[n])
	h.must(h.branch(koramangala, facts, err))
	facts, err = h.branches[koramangala].LiftClosure(fmt.Sprintf("cls_busy%02d", n), nil, time.UTC)
	h.must(h.branch(koramangala, facts, err))
	h.must(h.member(chitra, h.staff[chitra].Leave([]string{koramangala, kiritimati, "br_nowhere"}[n]), nil))
	h.account(fmt.Sprintf("usr_busy%03d", n), nil)
	return h.events[before:]
}
