package publishers_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/publishers"
	"github.com/royalglow/booking/publishers/boardtest"
)

// boards are the schedule channels.
type boards map[string]*boardtest.Board

func (b boards) of(channel string) *boardtest.Board {
	if b[channel] == nil {
		b[channel] = boardtest.New(kolkata)
	}
	return b[channel]
}

// on returns both boards of a date.
func (b boards) on(branchID, date string) []*boardtest.Board {
	return []*boardtest.Board{b.of("admin:schedule:" + date), b.of("admin:schedule:" + branchID + ":" + date)}
}

// schedule is what the states of a story say that the boards must show.
func (s *story) schedule() boards {
	want := boards{}
	for id, b := range s.bookings {
		for _, slot := range b.Slots(kolkata) {
			for _, date := range slot.LocalDates {
				for _, board := range want.on(branch, date) {
					board.Show(id, slot, b.Status)
				}
			}
		}
	}
	for id, l := range s.leaves {
		if l.Status != domain.LeaveGranted {
			continue
		}
		for _, place := range l.Places {
			for _, date := range place.LocalDates {
				for _, board := range want.on(place.BranchID, date) {
					board.ShowOff(id, place.BranchID, l.StaffID, domain.Interval{StartAt: l.StartAt, EndAt: l.EndAt})
				}
			}
		}
	}
	for id, c := range s.branches[branch].Closures {
		for _, date := range domain.LocalDates(c.StartAt, c.EndAt, kolkata) {
			for _, board := range want.on(branch, date) {
				board.ShowClosed(id)
			}
		}
	}
	return want
}

// TestReplayingScheduleMessagesGivesTheSchedule compares the boards of all dates, under both names of their channels, with
// what the bookings occupy, who is off and when the branch is closed.
func TestReplayingScheduleMessagesGivesTheSchedule(t *testing.T) {
	t.Parallel()
	seen, wanted := map[string]int{}, []string{
		"slot.held", "slot.booked", "slot.released", "slot.reassigned", "slot.changed", "slot.status", "leave.approved",
		"staff.marked_off", "staff.available", "branch.closed", "branch.reopened",
	}
	checkUntil(t, seen, wanted, func(t *rapid.T) {
		s, got := drawStory(t), boards{}
		for _, e := range s.log {
			for _, m := range publishers.Messages(e, publishers.Directory{}) {
				if !strings.HasPrefix(m.Channel, "admin:schedule:") {
					continue
				}
				seen[m.Name]++
				if err := got.of(m.Channel).Apply(m, data(t, m)); err != nil {
					t.Fatalf("%s after %s: %v", m.Channel, m.EventType, err)
				}
			}
		}
		for _, b := range got {
			b.Settle()
		}
		want := s.schedule()
		for _, all := range []boards{got, want} {
			maps.DeleteFunc(all, func(_ string, b *boardtest.Board) bool { return b.Empty() })
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("boards differ\n got %v\nwant %v", got, want)
		}
	})
}
