package domain_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return loc
}

func instant(tb testing.TB, s string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

func TestLocalDatesOfASlot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone, start, end string
		want             []string
	}{
		"within a day":                     {"Europe/Berlin", "2026-06-16T10:00:00Z", "2026-06-16T11:00:00Z", []string{"2026-06-16"}},
		"until local midnight":             {"Europe/Berlin", "2026-06-16T21:00:00Z", "2026-06-16T22:00:00Z", []string{"2026-06-16"}},
		"across local midnight":            {"Europe/Berlin", "2026-06-16T21:30:00Z", "2026-06-16T22:30:00Z", []string{"2026-06-16", "2026-06-17"}},
		"half an hour off":                 {"Asia/Kolkata", "2026-06-16T18:00:00Z", "2026-06-16T19:00:00Z", []string{"2026-06-16", "2026-06-17"}},
		"the day clocks go forward":        {"Europe/Berlin", "2026-03-28T23:30:00Z", "2026-03-29T22:30:00Z", []string{"2026-03-29", "2026-03-30"}},
		"the day clocks go back":           {"Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", []string{"2026-10-25"}},
		"midnight that does not exist":     {"Africa/Cairo", "2026-04-23T21:30:00Z", "2026-04-23T22:30:00Z", []string{"2026-04-23", "2026-04-24"}},
		"a day that begins at one o'clock": {"America/Sao_Paulo", "2018-11-04T02:30:00Z", "2018-11-04T03:30:00Z", []string{"2018-11-03", "2018-11-04"}},
		"a leap day":                       {"UTC", "2028-02-28T23:00:00Z", "2028-03-01T01:00:00Z", []string{"2028-02-28", "2028-02-29", "2028-03-01"}},
		"the turn of the year":             {"Pacific/Auckland", "2026-12-31T10:30:00Z", "2026-12-31T11:30:00Z", []string{"2026-12-31", "2027-01-01"}},
		"a date that was skipped":          {"Pacific/Apia", "2011-12-30T09:30:00Z", "2011-12-30T10:30:00Z", []string{"2011-12-29", "2011-12-31"}},
		"no time":                          {"UTC", "2026-06-16T10:00:00Z", "2026-06-16T10:00:00Z", nil},
		"less than no time":                {"UTC", "2026-06-16T10:00:00Z", "2026-06-15T10:00:00Z", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := domain.LocalDates(instant(t, c.start), instant(t, c.end), zone(t, c.zone))
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// A claim stands on just the UTC days of its minutes.
func TestUTCDaysAreThoseOfEachMinute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := opening.Add(time.Duration(rapid.IntRange(-100000, 100000).Draw(t, "from")) * time.Minute)
		end := start.Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "minutes")) * time.Minute)
		var want []string
		for at := start; at.Before(end); at = at.Add(time.Minute) {
			if d := at.UTC().Format(domain.DayFormat); len(want) == 0 || want[len(want)-1] != d {
				want = append(want, d)
			}
		}
		zoned := time.FixedZone("", rapid.IntRange(-14*3600, 14*3600).Draw(t, "offset"))
		if got := domain.UTCDays(start.In(zoned), end.In(zoned)); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestEveryEventHasAStreamThatIsFollowed(t *testing.T) {
	t.Parallel()
	for _, stream := range []string{
		domain.BookingStream("bkg_a"), domain.StaffStream("stf_a"), domain.BranchStream("br_a"), domain.StaffDayStream("stf_a", day),
	} {
		followed := false
		for _, p := range domain.StreamPrefixes() {
			followed = followed || strings.HasPrefix(stream, p)
		}
		if !followed {
			t.Errorf("nobody follows %s", stream)
		}
	}
	names := map[string]bool{}
	for _, e := range domain.Catalogue() {
		if names[e.EventType()] {
			t.Errorf("%s names two events", e.EventType())
		}
		names[e.EventType()] = true
	}
}
