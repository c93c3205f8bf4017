package claimkeeper_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/publishers"
	"github.com/royalglow/booking/publishers/boardtest"
)

// published is what the publisher and the schedule make of salons, one after the other: their ids never meet.
type published struct {
	tb       testing.TB
	loc      *time.Location
	position eventstore.Position
	models   *projections.Models
	boards   map[string]*boardtest.Board // by channel
	told     map[string]int              // messages by name
	dropped  int                         // claims that no booking ever named
	// lost is a message that is lost on purpose; empty: none.
	lost string
}

func newPublished(tb testing.TB) *published {
	tb.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		tb.Fatal(err)
	}
	models := projections.New(projections.Config{DB: databasetest.Open(tb, migrations.Engine), StoreID: "store"})
	if err := models.Install(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return &published{tb: tb, loc: loc, boards: map[string]*boardtest.Board{}, told: map[string]int{}, models: models}
}

// take publishes a salon's log, and folds it into the schedule.
func (p *published) take(log []eventstore.Recorded) error {
	log = slices.Clone(log)
	for i := range log {
		p.position++
		log[i].Position = p.position
	}
	p.count(log)
	for _, r := range log {
		messages := publishers.Messages(r, publishers.Directory{})
		switch r.Event.(type) { //nolint:gochecksumtype // what happens to claims is nobody's business
		case domain.StaffDayEvent, domain.BookingClaimFenced, domain.BookingAbandoned:
			if len(messages) > 0 {
				return fmt.Errorf("%s is published: %v", r.Event.EventType(), messages)
			}
		}
		for _, m := range messages {
			if !strings.HasPrefix(m.Channel, "admin:schedule:br_") {
				continue
			}
			if err := p.tell(r, m); err != nil {
				return fmt.Errorf("%s on %s: %w", r.Event.EventType(), m.Channel, err)
			}
		}
	}
	return p.models.Schedule.Handle(p.tb.Context(), subscription.Batch{Events: log, Position: p.position})
}

// count counts the claims that were abandoned, to prove that there were some.
func (p *published) count(log []eventstore.Recorded) {
	claimed, named := map[string]bool{}, map[string]bool{}
	for _, r := range log {
		switch e := r.Event.(type) { //nolint:gochecksumtype // only these know of claims
		case domain.StaffDayClaimed:
			claimed[e.ClaimID] = true
		case domain.BookingEvent:
			if h, ok := domain.HoldingOf(e); ok {
				for _, c := range h.Claims {
					named[c.ClaimID] = true
				}
			}
		}
	}
	maps.DeleteFunc(claimed, func(id string, _ bool) bool { return named[id] })
	p.dropped += len(claimed)
}

// tell gives a message to its board. Time that it takes must be that of a claim which the event names.
func (p *published) tell(r eventstore.Recorded, m publishers.Message) error {
	data, err := m.Data()
	if err != nil {
		return err
	}
	if p.told[m.Name]++; m.Name == p.lost {
		return nil
	}
	if err := claimed(r, m.Name, data); err != nil {
		return err
	}
	board := p.boards[m.Channel]
	if board == nil {
		board = boardtest.New(p.loc)
		p.boards[m.Channel] = board
	}
	return board.Apply(m, data)
}

// claimed objects to a message that takes time for which the event names no claim.
func claimed(r eventstore.Recorded, name string, data []byte) error {
	var d struct {
		SegmentID, StaffID, ToStaffID string
		StartTime, EndTime            time.Time
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return err
	}
	switch name {
	case "slot.reassigned":
		d.StaffID = d.ToStaffID
	case "slot.held", "slot.booked", "slot.changed":
	default:
		return nil
	}
	fact, _ := r.Event.(domain.BookingEvent)
	holding, _ := domain.HoldingOf(fact)
	for _, c := range holding.Claims {
		if c.SegmentID == d.SegmentID && c.StaffID == d.StaffID && c.StartAt.Equal(d.StartTime) && c.EndAt.Equal(d.EndTime) {
			return nil
		}
	}
	return fmt.Errorf("%s takes %s for %s at %v, and the booking names no such claim", name, d.SegmentID, d.StaffID, d.StartTime)
}

// check compares the board of each channel with the schedule of its date.
func (p *published) check() error {
	want, err := p.schedule()
	if err != nil {
		return err
	}
	for channel, board := range p.boards {
		board.Settle()
		has := want[channel]
		if has == nil {
			has = boardtest.New(p.loc)
		}
		if board.String() != has.String() {
			return fmt.Errorf("%s shows %s\nand the schedule has %s", channel, board, has)
		}
		delete(want, channel)
	}
	if len(want) > 0 {
		return fmt.Errorf("nothing was told on %v", slices.Collect(maps.Keys(want)))
	}
	return nil
}

// schedule is what the read model says that the boards must show.
func (p *published) schedule() (map[string]*boardtest.Board, error) {
	want := map[string]*boardtest.Board{}
	on := func(branchID, date string) *boardtest.Board {
		channel := "admin:schedule:" + branchID + ":" + date
		if want[channel] == nil {
			want[channel] = boardtest.New(p.loc)
		}
		return want[channel]
	}
	page, err := p.models.Queries().Schedule(p.tb.Context(), projections.ScheduleFilter{
		Branches: projections.EveryBranch(), FromDate: "2026-06-01", ToDate: "2026-07-31",
	}, p.position)
	for _, s := range page.Slots {
		for _, date := range s.LocalDates {
			on(s.BranchID, date).Show(s.BookingID, domain.Slot{
				SegmentID: s.SegmentID, StaffID: s.StaffID, Kind: s.Kind, StartAt: s.StartAt, EndAt: s.EndAt,
			}, s.Status)
		}
	}
	for _, b := range page.Blocks {
		for _, place := range b.Places {
			for _, date := range place.LocalDates {
				on(place.BranchID, date).ShowOff(b.LeaveID, place.BranchID, b.StaffID,
					domain.Interval{StartAt: b.StartAt, EndAt: b.EndAt})
			}
		}
	}
	return want, err
}

// prove fails for what never came up: it was not tested.
func (p *published) prove(tb testing.TB) {
	tb.Helper()
	for _, name := range []string{
		"slot.held", "slot.booked", "slot.released", "slot.reassigned", "slot.changed", "slot.status",
		"leave.approved", "staff.marked_off", "staff.available",
	} {
		if p.told[name] == 0 {
			tb.Errorf("nobody was ever told %s", name)
		}
	}
	if p.dropped == 0 {
		tb.Error("no claim was ever abandoned")
	}
	tb.Logf("%d claims were abandoned; told: %v", p.dropped, p.told)
}

// The checker finds every kind of message that is lost.
func TestALostMessageIsFound(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"slot.held", "slot.booked", "slot.released", "slot.changed", "slot.status", "staff.available"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPublished(t)
			p.lost = name
			for seed := range 100 {
				c := randomChoices(rand.New(rand.NewPCG(uint64(seed), 7)), 20_000) //nolint:gosec // a test wants the same histories each time
				s := newSalon(t, c, seed, 40)
				if err := s.play(); err != nil {
					t.Fatal(err)
				}
				err := p.take(s.stage.store.All())
				if err == nil {
					err = p.check()
				}
				if err != nil && p.told[name] > 0 {
					return
				}
			}
			t.Errorf("nobody has noticed that %d messages were lost", p.told[name])
		})
	}
}

// Time that a booking takes without a claim is found, too.
func TestTimeWithoutAClaimIsFound(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 16, 10, 0, 0, 0, time.UTC)
	data := []byte(`{"segmentId":"seg_1","staffId":"stf_member1","startTime":"2026-06-16T10:00:00Z","endTime":"2026-06-16T10:30:00Z"}`)
	claim := domain.Claim{ClaimID: "clm_1", SegmentID: "seg_1", StaffID: "stf_member1", StartAt: at, EndAt: at.Add(30 * time.Minute)}
	fact := func(claims ...domain.Claim) eventstore.Recorded {
		return eventstore.Recorded{Event: domain.BookingConfirmed{Holding: domain.Holding{Claims: claims}}}
	}
	if err := claimed(fact(claim), "slot.booked", data); err != nil {
		t.Error(err)
	}
	claim.EndAt = at.Add(20 * time.Minute)
	if claimed(fact(claim), "slot.booked", data) == nil || claimed(fact(), "slot.held", data) == nil {
		t.Error("nobody has noticed")
	}
}
