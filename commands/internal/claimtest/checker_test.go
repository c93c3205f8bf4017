package claimtest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/commands/internal/claimtest"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

var start = time.Date(2026, 6, 16, 10, 0, 0, 0, time.UTC)

func claim(booking string) domain.Claim {
	return domain.Claim{
		ClaimID: "clm_" + booking, SegmentID: "seg_1", StaffID: "stf_anna01", StartAt: start, EndAt: start.Add(time.Hour),
	}
}

func on(stream string, e domain.Event) eventstore.Recorded {
	return eventstore.Recorded{Stream: stream, Event: e}
}

func claimed(booking string) eventstore.Recorded {
	return on("staffday-a", domain.StaffDayClaimed{Claim: claim(booking), Day: "2026-06-16", BookingID: booking})
}

func released(booking string) eventstore.Recorded {
	return on("staffday-a", domain.StaffDayReleased{ClaimID: "clm_" + booking, BookingID: booking})
}

// slot is what the booking shows for its one segment.
func slot() domain.Slot {
	return domain.Slot{SegmentID: "seg_1", StaffID: "stf_anna01", StartAt: start, EndAt: start.Add(time.Hour)}
}

func requested(booking string, claims ...domain.Claim) eventstore.Recorded {
	return on(domain.BookingStream(booking), domain.BookingRequested{
		BookingRef: domain.BookingRef{BookingID: booking},
		Holding:    domain.Holding{Claims: claims, Slots: domain.SlotDiff{Taken: []domain.Slot{slot()}}},
	})
}

func rejected(booking string, claims ...domain.Claim) eventstore.Recorded {
	return on(domain.BookingStream(booking), domain.BookingRejected{
		BookingRef: domain.BookingRef{BookingID: booking},
		Holding:    domain.Holding{Claims: claims, Slots: domain.SlotDiff{Freed: []domain.Slot{slot()}}},
	})
}

// again is a second claim of a booking for the last half of its time, which kept makes it name.
func again(booking string) eventstore.Recorded {
	return on("staffday-a", domain.StaffDayClaimed{Claim: half(booking), Day: "2026-06-16", BookingID: booking})
}

func half(booking string) domain.Claim {
	c := claim(booking)
	c.ClaimID, c.StartAt = "clm_half_"+booking, start.Add(30*time.Minute)
	return c
}

func kept(booking string) eventstore.Recorded {
	shorter := slot()
	shorter.StartAt = start.Add(30 * time.Minute)
	return on(domain.BookingStream(booking), domain.BookingDurationChanged{
		BookingRef: domain.BookingRef{BookingID: booking},
		Holding: domain.Holding{
			Claims: []domain.Claim{half(booking)}, Slots: domain.SlotDiff{Freed: []domain.Slot{slot()}, Taken: []domain.Slot{shorter}},
		},
	})
}

// off is a leave of the day's member, on that day.
func off() domain.LeaveRef {
	return domain.LeaveRef{LeaveID: "lv_first01", StaffID: "stf_anna01", StartAt: start, EndAt: start.Add(time.Hour)}
}

func approved() eventstore.Recorded {
	return on(domain.LeaveStream("lv_first01"), domain.LeaveApproved{LeaveRef: off()})
}

func revoked() eventstore.Recorded {
	return on(domain.LeaveStream("lv_first01"), domain.LeaveRevoked{LeaveRef: off()})
}

func blocked() eventstore.Recorded {
	return on("staffday-a", domain.StaffDayBlocked{
		LeaveID: "lv_first01", StaffID: "stf_anna01", Day: "2026-06-16", StartAt: start, EndAt: start.Add(time.Hour),
	})
}

func unblocked() eventstore.Recorded {
	return on("staffday-a", domain.StaffDayUnblocked{LeaveID: "lv_first01", Day: "2026-06-16"})
}

// at puts staff-day facts on the stream on which the claims of this file stand.
func at(log []eventstore.Recorded) []eventstore.Recorded {
	for i := range log {
		if log[i].Stream == "staffday-a" {
			log[i].Stream = domain.StaffDayStream("stf_anna01", "2026-06-16")
		}
	}
	return log
}

func TestTheCheckerObjects(t *testing.T) {
	t.Parallel()
	other := claim("b")
	other.StaffID = "stf_boris1"
	for name, c := range map[string]struct {
		log  []eventstore.Recorded
		want string // part of the objection; empty for none
	}{
		"order": {[]eventstore.Recorded{
			claimed("a"), requested("a", claim("a")), rejected("a"), released("a"), claimed("b"), requested("b", claim("b")),
		}, ""},
		"two bookings at one time": {[]eventstore.Recorded{
			claimed("a"), requested("a", claim("a")), claimed("b"), requested("b", claim("b")),
		}, "both hold"},
		"a booking without a claim":          {[]eventstore.Recorded{requested("a")}, "names 0 claims"},
		"a claim that never stood":           {[]eventstore.Recorded{requested("a", claim("a"))}, "does not stand"},
		"a claim that stands no more":        {[]eventstore.Recorded{claimed("a"), requested("a", claim("a")), released("a")}, "does not stand"},
		"a claim of someone else":            {[]eventstore.Recorded{claimed("b"), requested("b", other)}, "shows no slot"},
		"a rejected booking that names some": {[]eventstore.Recorded{claimed("a"), requested("a", claim("a")), rejected("a", claim("a"))}, "names 1 claims"},
		"a claim that nobody names":          {[]eventstore.Recorded{claimed("a")}, "for ever"},
		"a claim over a block":               {[]eventstore.Recorded{approved(), blocked(), claimed("a"), requested("a", claim("a"))}, "stood before"},
		"a block over a claim":               {[]eventstore.Recorded{claimed("a"), requested("a", claim("a")), approved(), blocked()}, ""},
		"a booking that keeps what it had": {[]eventstore.Recorded{
			claimed("a"), requested("a", claim("a")), approved(), blocked(), again("a"), kept("a"), released("a"),
		}, ""},
		"a claim after a block": {[]eventstore.Recorded{
			approved(), blocked(), revoked(), unblocked(), claimed("a"), requested("a", claim("a")),
		}, ""},
		"a leave and its block":           {[]eventstore.Recorded{approved(), blocked()}, ""},
		"a leave without its block":       {[]eventstore.Recorded{approved()}, "does not block"},
		"a leave that was revoked":        {[]eventstore.Recorded{approved(), blocked(), revoked(), unblocked()}, ""},
		"a block that outlives its leave": {[]eventstore.Recorded{approved(), blocked(), revoked()}, "and blocks"},
		"a block without a leave":         {[]eventstore.Recorded{blocked()}, "and blocks"},
	} {
		err := claimtest.Check(at(c.log), true)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if err := claimtest.Check(at([]eventstore.Recorded{claimed("a")}), false); err != nil {
		t.Errorf("a command under way: %v", err)
	}
}
