package domain_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

func hours(from, to int) domain.TimeRange {
	return domain.TimeRange{From: domain.Minute(from * 60), To: domain.Minute(to * 60)}
}

// open folds changes of a branch's hours; each must be accepted.
func open(t *testing.T, changes ...domain.TimetableChange) domain.Branch {
	t.Helper()
	b := mitte()
	for _, c := range changes {
		facts, err := b.SetHours(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range facts {
			b = b.Evolve(f)
		}
	}
	return b
}

func pattern(from string, ranges ...domain.TimeRange) domain.TimetableChange {
	return domain.TimetableChange{Pattern: &domain.Pattern{EffectiveFrom: from, Week: domain.EveryDay(ranges...)}}
}

func override(date string, ranges ...domain.TimeRange) domain.TimetableChange {
	return domain.TimetableChange{Override: &domain.DateOverride{Date: date, Ranges: ranges}}
}

func within(tb testing.TB, b domain.Branch, loc *time.Location, from, to string) string {
	tb.Helper()
	var out string
	for _, i := range b.OpenWithin(domain.Interval{StartAt: instant(tb, from), EndAt: instant(tb, to)}, loc) {
		out += i.StartAt.UTC().Format("02 15:04") + "–" + i.EndAt.UTC().Format("02 15:04") + " "
	}
	return out
}

func TestABranchWithoutHoursNeverCloses(t *testing.T) {
	t.Parallel()
	if got := within(t, mitte(), time.UTC, "2026-06-15T03:00:00Z", "2026-06-15T04:00:00Z"); got != "15 03:00–15 04:00 " {
		t.Errorf("open %s", got)
	}
}

// What has been said of one date, or from one on, says nothing of the others.
func TestWhatHasNotBeenSaidDoesNotRestrict(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]domain.TimetableChange{
		"14 00:00–15 00:00 15 12:00–15 14:00 16 00:00–17 00:00 ": override("2026-06-15", hours(12, 14)),
		"14 00:00–15 00:00 16 00:00–17 00:00 ":                   override("2026-06-15"),
		"14 00:00–15 00:00 15 12:00–15 14:00 16 12:00–16 14:00 ": pattern("2026-06-15", hours(12, 14)),
	} {
		if got := within(t, open(t, change), time.UTC, "2026-06-14T00:00:00Z", "2026-06-17T00:00:00Z"); got != want {
			t.Errorf("open %s, want %s", got, want)
		}
	}
}

// On a day of 23 hours a shift has the right instants.
func TestScenario01SpringForwardDayHasTheRightInstants(t *testing.T) {
	t.Parallel()
	b := open(t, pattern("2026-01-01", hours(9, 17)))
	if got := within(t, b, zone(t, "Europe/Berlin"), "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"); got != "29 07:00–29 15:00 " {
		t.Errorf("open %s", got)
	}
}

// So has one in the afternoon of that day.
func TestScenario02AfternoonOfTheSpringForwardDay(t *testing.T) {
	t.Parallel()
	b := open(t, pattern("2026-01-01", hours(13, 20)))
	if got := within(t, b, zone(t, "America/New_York"), "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"); got != "08 17:00–09 00:00 " {
		t.Errorf("open %s", got)
	}
}

// The hour that comes twice is open twice.
func TestScenario03FallBackHourIsOpenTwice(t *testing.T) {
	t.Parallel()
	b := open(t, pattern("2026-01-01", hours(0, 4)))
	if got := within(t, b, zone(t, "America/New_York"), "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"); got != "01 04:00–01 09:00 " {
		t.Errorf("open %s: 00:00 to 04:00 has five hours", got)
	}
}

// Opening hours reach across midnight.
func TestScenario06HoursAcrossMidnightAreOne(t *testing.T) {
	t.Parallel()
	b := open(t, pattern("2026-01-01", hours(0, 2), hours(18, 24)))
	if got := within(t, b, time.UTC, "2026-06-15T12:00:00Z", "2026-06-16T12:00:00Z"); got != "15 18:00–16 02:00 " {
		t.Errorf("open %s", got)
	}
}

// Leap days and the turn of the year are days like others.
func TestScenario07LeapDayAndTheTurnOfTheYear(t *testing.T) {
	t.Parallel()
	b := open(t, pattern("2026-01-01", hours(10, 12)))
	if got := within(t, b, time.UTC, "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"); got != "29 10:00–29 12:00 " {
		t.Errorf("open %s", got)
	}
	if got := within(t, b, time.UTC, "2026-12-31T00:00:00Z", "2027-01-02T00:00:00Z"); got != "31 10:00–31 12:00 01 10:00–01 12:00 " {
		t.Errorf("open %s", got)
	}
}

func TestLaterPatternsAndOverridesTakeTheirPlace(t *testing.T) {
	t.Parallel()
	b := open(t,
		pattern("2026-06-01", hours(10, 12)), pattern("2026-07-01", hours(8, 9)), override("2026-06-15", hours(20, 21)),
		override("2026-06-16"),
	)
	for date, want := range map[string]string{
		"2026-05-31": "31 00:00–01 00:00 ", "2026-06-01": "01 10:00–01 12:00 ", "2026-06-15": "15 20:00–15 21:00 ", "2026-06-16": "",
		"2026-07-01": "01 08:00–01 09:00 ",
	} {
		next := domain.AddDays(date, 1)
		if got := within(t, b, time.UTC, date+"T00:00:00Z", next+"T00:00:00Z"); got != want {
			t.Errorf("on %s it is open %q, want %q", date, got, want)
		}
	}
	lift := domain.TimetableChange{Override: &domain.DateOverride{Date: "2026-06-16", Lifted: true}}
	facts, err := b.SetHours(lift)
	if err != nil || len(facts) != 1 {
		t.Fatalf("%v, %v", facts, err)
	}
	if got := within(t, b.Evolve(facts[0]), time.UTC, "2026-06-16T00:00:00Z", "2026-06-17T00:00:00Z"); got != "16 10:00–16 12:00 " {
		t.Errorf("after the override is lifted it is open %q", got)
	}
}

func TestToSayTheSameHoursAgainIsNoFact(t *testing.T) {
	t.Parallel()
	changes := []domain.TimetableChange{pattern("2026-06-01", hours(14, 16), hours(10, 12)), override("2026-06-15")}
	b := open(t, changes...)
	for _, c := range changes {
		if facts, err := b.SetHours(c); err != nil || facts != nil {
			t.Errorf("said again: %v, %v", facts, err)
		}
	}
}

func TestTimetablesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]domain.TimetableChange{
		"nothing":          {},
		"both":             {Pattern: &domain.Pattern{EffectiveFrom: "2026-06-01"}, Override: &domain.DateOverride{Date: "2026-06-01"}},
		"no date":          pattern("2026-02-30", hours(10, 12)),
		"no override date": override("tomorrow", hours(10, 12)),
		"overlap":          pattern("2026-06-01", hours(10, 12), hours(11, 13)),
		"backwards":        override("2026-06-01", hours(12, 10)),
		"past midnight":    override("2026-06-01", hours(20, 25)),
	} {
		if _, err := mitte().SetHours(c); !hasCode(err, domain.CodeValidation) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAClosureClosesAndIsLifted(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	b := open(t, pattern("2026-01-01", hours(9, 17)))
	declare := domain.DeclareClosure{ClosureID: "cls_easter1", FromDate: "2026-03-29", ToDate: "2026-03-30", Location: berlin}
	facts, err := b.DeclareClosure(declare)
	if err != nil {
		t.Fatal(err)
	}
	e := facts[0].(domain.BranchClosureDeclared)
	if d := e.EndAt.Sub(e.StartAt); d != 47*time.Hour || len(e.LocalDates) != 2 {
		t.Errorf("two days, one of 23 hours, last %v on %v", d, e.LocalDates)
	}
	closed := b.Evolve(e)
	if got := within(t, closed, berlin, "2026-03-28T23:00:00Z", "2026-03-31T22:00:00Z"); got != "31 07:00–31 15:00 " {
		t.Errorf("open %s", got)
	}
	if _, err := closed.DeclareClosure(declare); !hasCode(err, domain.CodeConflict) {
		t.Errorf("declared twice: %v", err)
	}
	lifted, err := closed.LiftClosure("cls_easter1", nil, berlin)
	if err != nil {
		t.Fatal(err)
	}
	again := closed.Evolve(lifted[0])
	if got := within(t, again, berlin, "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z"); got != "30 07:00–30 15:00 " {
		t.Errorf("open %s", got)
	}
	if _, err := again.LiftClosure("cls_easter1", nil, berlin); !hasCode(err, domain.CodeNotFound) {
		t.Errorf("lifted twice: %v", err)
	}
	for name, d := range map[string]domain.DeclareClosure{
		"backwards": {FromDate: "2026-03-30", ToDate: "2026-03-29"},
		"too long":  {FromDate: "2026-01-01", ToDate: "2027-03-01"},
		"no date":   {FromDate: "soon", ToDate: "2026-03-29"},
	} {
		d.Location = berlin
		if _, err := b.DeclareClosure(d); !hasCode(err, domain.CodeValidation) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMinutesAreWrittenAsClocksShowThem(t *testing.T) {
	t.Parallel()
	for m := range domain.Minute(24*60 + 1) {
		text, err := m.MarshalText()
		var back domain.Minute
		if err != nil || back.UnmarshalText(text) != nil || back != m {
			t.Fatalf("%d is written %q and read %d, %v", m, text, back, err)
		}
	}
	for _, bad := range []string{"", "9:00", "09:60", "24:01", "25:00", "09.00", "09:00 ", "-1:00", "0a:00", "１0:00"} {
		var m domain.Minute
		if m.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q was read as %v", bad, m)
		}
	}
}

func FuzzMinute(f *testing.F) {
	for _, s := range []string{"00:00", "24:00", "12:34", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var m domain.Minute
		if m.UnmarshalText([]byte(s)) != nil {
			return
		}
		if m.String() != s || m < 0 || m > 24*60 {
			t.Errorf("%q was read as %d", s, m)
		}
	})
}

// A timetable survives the log: what is stored folds to what was meant.
func TestTimetablesSurviveJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, 22).Draw(t, "from")
		c := pattern("2026-06-01", hours(from, rapid.IntRange(from+1, 24).Draw(t, "to")))
		data, err := json.Marshal(domain.BranchHoursSet{BranchID: "br_mitte1", TimetableChange: c})
		var back domain.BranchHoursSet
		if err != nil || json.Unmarshal(data, &back) != nil {
			t.Fatal(err)
		}
		want, got := mitte().Evolve(domain.BranchHoursSet{TimetableChange: c}), mitte().Evolve(back)
		a, _ := want.Hours.On("2026-06-15")
		if b, _ := got.Hours.On("2026-06-15"); !slices.Equal(a, b) || len(a) != 1 {
			t.Fatalf("%v became %v", a, b)
		}
	})
}
