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

func requested(booking string, claims ...domain.Claim) eventstore.Recorded {
	return on(domain.BookingStream(booking), domain.BookingRequested{
		BookingRef: domain.BookingRef{BookingID: booking},
		Segments:   []domain.Segment{{SegmentID: "seg_1", StaffID: "stf_anna01", StartAt: start, EndAt: start.Add(time.Hour)}},
		Claims:     claims,
	})
}

func rejected(booking string, claims ...domain.Claim) eventstore.Recorded {
	return on(domain.BookingStream(booking), domain.BookingRejected{Claims: claims})
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
		"a claim of someone else":            {[]eventstore.Recorded{claimed("b"), requested("b", other)}, "not of seg_1"},
		"a rejected booking that names some": {[]eventstore.Recorded{claimed("a"), requested("a", claim("a")), rejected("a", claim("a"))}, "names claims"},
		"a claim that nobody names":          {[]eventstore.Recorded{claimed("a")}, "for ever"},
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
