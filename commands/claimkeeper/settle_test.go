package claimkeeper_test

import (
	"slices"
	"testing"

	"github.com/royalglow/booking/commands/claimkeeper"
	"github.com/royalglow/booking/domain"
)

// A booking with thousands of notes still names its claims once each: the fold does not grow with what changes none.
func TestAClaimIsNotedOnce(t *testing.T) {
	t.Parallel()
	claims := []domain.Claim{{ClaimID: "clm_1"}, {ClaimID: "clm_2"}}
	facts := []domain.BookingEvent{domain.BookingRequested{Holding: domain.Holding{Claims: claims}}}
	for range 5000 {
		facts = append(facts, domain.BookingNoteAdded{NoteID: "nt_1"})
	}
	if got := claimkeeper.Named(facts); !slices.Equal(got, []string{"clm_1", "clm_2"}) {
		t.Errorf("%d claims are noted: %.3q", len(got), got)
	}
}
