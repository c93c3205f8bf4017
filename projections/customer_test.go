package projections_test

import (
	"reflect"
	"testing"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// outcomes are one a day, the last of them on the day before the histories begin.
func outcomes(kinds ...domain.OutcomeKind) (list []domain.Outcome) {
	for i, kind := range kinds {
		list = append(list, domain.Outcome{
			BookingID: "bkg_past00" + string(rune('a'+i)), Kind: kind, At: monday().AddDate(0, 0, i-len(kinds)),
		})
	}
	return list
}

func (h *history) account(id string, list []domain.Outcome) {
	h.t.Helper()
	h.must(h.customer(id, engine, h.customers[id].Account(id, list, h.now), nil))
}

func TestWhoHasDoneNothingIsInGoodStanding(t *testing.T) {
	t.Parallel()
	h := salon(t)
	got, err := queries(t, h).CustomerStanding(t.Context(), priya, h.position)
	want := projections.Standing{
		CustomerID: priya, NoShows: []projections.Counted{}, LateCancellations: []projections.Counted{},
		Revision: eventstore.NoStream, Position: h.position,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

func TestTheStandingTellsWhatCountsAndWhoClearedIt(t *testing.T) {
	t.Parallel()
	const missed, late = domain.OutcomeNoShow, domain.OutcomeLateCancel
	h := salon(t)
	m := models(openDB(t))
	standing := func() projections.Standing {
		t.Helper()
		project(t, m, h.events)
		s, err := m.Queries().CustomerStanding(t.Context(), rahul, h.position)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	past := outcomes(missed, late, missed, missed, missed)
	h.account(rahul, past)
	got := standing()
	if len(got.NoShows) != 4 || got.NoShows[0] != (projections.Counted{BookingID: "bkg_past00a", At: past[0].At}) ||
		len(got.LateCancellations) != 1 || got.LateCancellations[0].BookingID != "bkg_past00b" {
		t.Errorf("%+v", got)
	}
	if !got.NeedsApproval || got.RequiredFor != "bkg_past00e" || got.RequiredAt.IsZero() || got.Cleared != nil {
		t.Errorf("%+v", got)
	}
	facts, err := h.customers[rahul].Clear("An old friend", h.now)
	h.must(h.customer(rahul, manager, facts, err))
	cleared := &projections.Clearing{
		At: facts[0].(domain.CustomerApprovalCleared).At, By: domain.ClearedByManager, Actor: manager, Reason: "An old friend",
	}
	got = standing()
	if got.NeedsApproval || got.RequiredFor != "" || !got.RequiredAt.IsZero() || !reflect.DeepEqual(got.Cleared, cleared) {
		t.Errorf("%+v", got)
	}
	h.account(rahul, past[1:4]) // the first and the last turned out to be none
	h.must(h.customer(rahul, manager, h.customers[rahul].Erase(rahul, h.now), nil))
	got = standing()
	if len(got.NoShows) != 2 || got.ErasedAt.IsZero() || got.Revision != h.revisions[domain.CustomerStream(rahul)] ||
		!reflect.DeepEqual(got.Cleared, cleared) {
		t.Errorf("%+v", got)
	}
}

func TestACustomerEventThatDoesNotFitHalts(t *testing.T) {
	t.Parallel()
	h := salon(t)
	h.account(rahul, outcomes(domain.OutcomeNoShow, domain.OutcomeLateCancel))
	haltsWithout(t, h, domain.CustomerStream(rahul), 0, "customers")
}
