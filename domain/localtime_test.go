package domain_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

// Where clocks change, and where midnight itself is missing; time.Date is wrong about most of these.
func TestLocalTimesAroundChangesOfClocks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, date string
		minute     int
		utc        string
		kind       domain.LocalKind
	}{
		{"America/New_York", "2026-03-08", 150, "2026-03-08T07:30:00Z", domain.LocalNever},
		{"America/New_York", "2026-11-01", 90, "2026-11-01T05:30:00Z", domain.LocalTwice},
		{"Europe/Berlin", "2026-03-29", 150, "2026-03-29T01:30:00Z", domain.LocalNever},
		{"Europe/Berlin", "2026-10-25", 150, "2026-10-25T00:30:00Z", domain.LocalTwice},
		{"Europe/Berlin", "2026-10-25", 180, "2026-10-25T02:00:00Z", domain.LocalOnce},
		{"Asia/Beirut", "2026-03-29", 0, "2026-03-28T22:00:00Z", domain.LocalNever},
		{"Africa/Cairo", "2026-04-24", 0, "2026-04-23T22:00:00Z", domain.LocalNever},
		{"America/Sao_Paulo", "2018-11-04", 0, "2018-11-04T03:00:00Z", domain.LocalNever},
		{"Asia/Kolkata", "2026-06-15", 600, "2026-06-15T04:30:00Z", domain.LocalOnce},
		{"Asia/Kathmandu", "2026-06-15", 600, "2026-06-15T04:15:00Z", domain.LocalOnce},
		{"Pacific/Apia", "2011-12-31", 0, "2011-12-30T10:00:00Z", domain.LocalOnce},
		{"UTC", "2028-02-29", 1440, "2028-03-01T00:00:00Z", domain.LocalOnce},
	} {
		at, kind, ok := domain.ResolveLocal(c.date, c.minute, zone(t, c.zone))
		if got := at.UTC().Format(time.RFC3339); !ok || got != c.utc || kind != c.kind {
			t.Errorf("%s %s +%d min is %s (%d), want %s (%d)", c.zone, c.date, c.minute, got, kind, c.utc, c.kind)
		}
	}
	if _, _, ok := domain.ResolveLocal("2026-02-30", 0, time.UTC); ok {
		t.Error("30 February was taken for a date")
	}
}

// The answer is what a walk through all instants around it finds.
func TestLocalTimesAreThoseThatTheClocksShow(t *testing.T) {
	t.Parallel()
	zones := []string{
		"Europe/Berlin", "America/New_York", "Asia/Beirut", "Africa/Cairo", "America/Sao_Paulo", "Australia/Lord_Howe",
		"Pacific/Apia", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham", "Africa/Casablanca", "UTC",
	}
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		day := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 20*365).Draw(t, "day"))
		minute := rapid.IntRange(0, 24*60-1).Draw(t, "minute")
		checkAgainstClocks(t, day, minute, loc)
	})
	// Random days seldom meet a change of clocks: every minute of the days around each of them is asked for, too.
	for _, name := range zones {
		loc := zone(t, name)
		for _, day := range changesOfClocks(loc) {
			for minute := 0; minute < 24*60; minute += 15 {
				checkAgainstClocks(t, day, minute, loc)
			}
		}
	}
}

// changesOfClocks lists the dates (midnight UTC) of 2010 to 2030 on which the zone's offset changes.
func changesOfClocks(loc *time.Location) []time.Time {
	var days []time.Time
	for day := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2030; day = day.AddDate(0, 0, 1) {
		_, before := day.Add(-14 * time.Hour).In(loc).Zone()
		_, after := day.Add(38 * time.Hour).In(loc).Zone()
		if before != after {
			days = append(days, day)
		}
	}
	return days
}

func checkAgainstClocks(t interface{ Fatalf(string, ...any) }, day time.Time, minute int, loc *time.Location) {
	date := day.Format(domain.DayFormat)
	naive := day.Add(time.Duration(minute) * time.Minute)
	var shown []time.Time
	for at := naive.Add(-15 * time.Hour); at.Before(naive.Add(15 * time.Hour)); at = at.Add(15 * time.Minute) {
		if _, offset := at.In(loc).Zone(); at.Unix()+int64(offset) == naive.Unix() {
			shown = append(shown, at)
		}
	}
	got, kind, _ := domain.ResolveLocal(date, minute, loc)
	want := [...]domain.LocalKind{domain.LocalNever, domain.LocalOnce, domain.LocalTwice}[len(shown)]
	if kind != want || (len(shown) > 0 && !got.Equal(shown[0])) {
		t.Fatalf("%s %s %s: got %v (%d), the clocks show it at %v", loc, date, naive.Format("15:04"), got, kind, shown)
	}
}

func TestAnOffsetTellsTheTwoInstantsApart(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	summer, ok1 := domain.ResolveOffset("2026-10-25", 150, 2*time.Hour, berlin)
	winter, ok2 := domain.ResolveOffset("2026-10-25", 150, time.Hour, berlin)
	if !ok1 || !ok2 || winter.Sub(summer) != time.Hour {
		t.Errorf("got %v and %v", summer, winter)
	}
	if _, ok := domain.ResolveOffset("2026-10-25", 240, 2*time.Hour, berlin); ok {
		t.Error("04:00 is not summer time any more, and was taken")
	}
	if _, ok := domain.ResolveOffset("2026-03-29", 150, time.Hour, berlin); ok {
		t.Error("02:30 does not exist, and was taken")
	}
}

func TestDaysAreAsLongAsTheirClocksMakeThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, date string
		hours      float64
	}{
		{"Europe/Berlin", "2026-03-29", 23},
		{"Europe/Berlin", "2026-10-25", 25},
		{"Europe/Berlin", "2026-06-15", 24},
		{"Australia/Lord_Howe", "2026-04-05", 24.5},
		{"Asia/Beirut", "2026-03-29", 23},
		{"Pacific/Apia", "2011-12-30", 0},
	} {
		if got := domain.LocalDay(c.date, zone(t, c.zone)).Duration().Hours(); got != c.hours {
			t.Errorf("%s in %s has %v hours, want %v", c.date, c.zone, got, c.hours)
		}
	}
}
