package domain_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

// on is an outcome on a day counted from the scenarios' present.
func on(day int, kind domain.OutcomeKind) domain.Outcome {
	return domain.Outcome{
		BookingID: "bkg_" + string(kind[:1]) + time.Duration(day).String(), Kind: kind, At: now.AddDate(0, 0, day),
	}
}

func standing(outcomes ...domain.Outcome) domain.Customer {
	var c domain.Customer
	for _, f := range c.Account("usr_carla1", outcomes, now) {
		c = c.Evolve(f)
	}
	return c
}

func TestTheTiersOfNoShows(t *testing.T) {
	t.Parallel()
	const missed, came = domain.OutcomeNoShow, domain.OutcomeCompleted
	for name, c := range map[string]struct {
		outcomes []domain.Outcome
		needs    bool
	}{
		"three":                            {[]domain.Outcome{on(0, missed), on(1, missed), on(2, missed)}, false},
		"the fourth on the ninetieth day":  {[]domain.Outcome{on(0, missed), on(1, missed), on(2, missed), on(90, missed)}, true},
		"the fourth on the day after":      {[]domain.Outcome{on(0, missed), on(1, missed), on(2, missed), on(91, missed)}, false},
		"four in the middle of five":       {[]domain.Outcome{on(-200, missed), on(1, missed), on(2, missed), on(3, missed), on(4, missed)}, true},
		"and two visits":                   {[]domain.Outcome{on(0, missed), on(1, missed), on(2, missed), on(3, missed), on(4, came), on(5, came)}, true},
		"and three visits":                 {[]domain.Outcome{on(0, missed), on(1, missed), on(2, missed), on(3, missed), on(4, came), on(5, came), on(6, came)}, false},
		"and three visits, not in a row":   {[]domain.Outcome{on(0, missed), on(1, missed), on(2, missed), on(3, missed), on(4, came), on(5, came), on(6, missed), on(7, came)}, true},
		"late cancellations do not matter": {[]domain.Outcome{on(0, missed), on(1, missed), on(2, missed), on(3, domain.OutcomeLateCancel)}, false},
		"visits before it do not help":     {[]domain.Outcome{on(-3, came), on(-2, came), on(-1, came), on(0, missed), on(1, missed), on(2, missed), on(3, missed)}, true},
	} {
		if got := standing(c.outcomes...).NeedsApproval; got != c.needs {
			t.Errorf("%s: needs a manager: %v", name, got)
		}
	}
}

func TestStandingTellsCountAndWindow(t *testing.T) {
	t.Parallel()
	facts := domain.Customer{}.Account("usr_carla1", []domain.Outcome{
		on(0, domain.OutcomeNoShow), on(50, domain.OutcomeNoShow), on(100, domain.OutcomeNoShow), on(101, domain.OutcomeLateCancel),
	}, now)
	third := facts[2].(domain.CustomerNoShowCounted)
	if third.Count != 2 || !third.WindowStart.Equal(now.AddDate(0, 0, 50)) || third.CustomerID != "usr_carla1" {
		t.Errorf("got %+v", third)
	}
	if late := facts[3].(domain.CustomerLateCancellationCounted); late.Count != 1 {
		t.Errorf("got %+v", late)
	}
}

func TestAManagerClearsAndTheSlateIsClean(t *testing.T) {
	t.Parallel()
	outcomes := []domain.Outcome{on(0, domain.OutcomeNoShow), on(1, domain.OutcomeNoShow), on(2, domain.OutcomeNoShow), on(3, domain.OutcomeNoShow)}
	c := standing(outcomes...)
	facts, err := c.Clear("spoke to her", now.AddDate(0, 0, 4))
	if err != nil {
		t.Fatal(err)
	}
	c = c.Evolve(facts[0])
	if c.NeedsApproval {
		t.Error("still needs a manager")
	}
	if _, err := c.Clear("again", now); !hasCode(err, domain.CodeConflict) {
		t.Errorf("cleared twice: %v", err)
	}
	if more := c.Account("usr_carla1", append(outcomes, on(5, domain.OutcomeNoShow)), now); len(more) != 1 {
		t.Errorf("one more no-show makes %d facts", len(more))
	}
}

func TestACorrectedNoShowIsTakenBack(t *testing.T) {
	t.Parallel()
	outcomes := []domain.Outcome{on(0, domain.OutcomeNoShow), on(1, domain.OutcomeNoShow), on(2, domain.OutcomeNoShow), on(3, domain.OutcomeNoShow)}
	c := standing(outcomes...)
	facts := c.Account("usr_carla1", outcomes[1:], now)
	if len(facts) != 2 || !facts[0].(domain.CustomerNoShowCounted).Withdrawn ||
		facts[1].(domain.CustomerApprovalCleared).By != domain.ClearedByCorrection {
		t.Fatalf("got %+v", facts)
	}
	for _, f := range facts {
		c = c.Evolve(f)
	}
	if c.NeedsApproval || len(c.NoShows) != 3 {
		t.Errorf("got %+v", c)
	}
	if back := c.Account("usr_carla1", outcomes, now); len(back) != 2 {
		t.Errorf("and it was one after all: %+v", back)
	}
}

// Whatever part of the outcomes is seen first, and however often: in the end the standing is the same, and settled.
func TestAccountingIsIdempotentAndForgetsNoOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var outcomes []domain.Outcome
		for day := range rapid.IntRange(0, 12).Draw(t, "outcomes") {
			kind := rapid.SampledFrom([]domain.OutcomeKind{
				domain.OutcomeCompleted, domain.OutcomeNoShow, domain.OutcomeNoShow, domain.OutcomeLateCancel,
			}).Draw(t, "kind")
			outcomes = append(outcomes, on(day*rapid.IntRange(1, 30).Draw(t, "gap"), kind))
		}
		var c domain.Customer
		for range rapid.IntRange(0, 4).Draw(t, "glimpses") {
			some := outcomes[:rapid.IntRange(0, len(outcomes)).Draw(t, "seen")]
			for _, f := range c.Account("usr_carla1", rapid.Permutation(some).Draw(t, "order"), now) {
				c = c.Evolve(f)
			}
		}
		for _, f := range c.Account("usr_carla1", outcomes, now) {
			c = c.Evolve(f)
		}
		if again := c.Account("usr_carla1", outcomes, now); len(again) != 0 {
			t.Fatalf("settled, and yet %+v", again)
		}
		counted := map[string]time.Time{}
		for _, o := range outcomes {
			if o.Kind == domain.OutcomeNoShow {
				counted[o.BookingID] = o.At
			}
		}
		if len(counted)+len(c.NoShows) > 0 && !reflect.DeepEqual(counted, c.NoShows) {
			t.Fatalf("counted %v, want %v", c.NoShows, counted)
		}
	})
}
