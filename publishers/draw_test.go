package publishers_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

// drawStory writes a random log: bookings of up to three services, some across midnight and some with processing time, leaves
// and closures, and whatever verbs they allow. What is refused leaves no trace.
func drawStory(t *rapid.T) *story {
	s := newStory(t)
	b := s.branches[branch]
	b.Policy.RescheduleReapprove = rapid.Bool().Draw(t, "moves need another approval")
	s.branches[branch] = b
	for range rapid.IntRange(1, 25).Draw(t, "verbs") {
		switch n := rapid.IntRange(0, 19).Draw(t, "what"); {
		case n < 5 || len(s.order) == 0:
			s.drawBooking(t)
		case n < 6:
			s.noise()
		case n < 8:
			s.drawLeave(t)
		case n < 9:
			s.drawClosure(t)
		default:
			s.drawVerb(t, rapid.SampledFrom(s.order).Draw(t, "booking"))
		}
	}
	return s
}

// checkUntil checks a property until everything that it is about has come up: what never happens is not tested.
func checkUntil(t *testing.T, seen map[string]int, wanted []string, property func(*rapid.T)) {
	t.Helper()
	missing := func() string {
		for _, w := range wanted {
			if seen[w] == 0 {
				return w
			}
		}
		return ""
	}
	rapid.Check(t, property)
	for round := 0; round < 50 && missing() != ""; round++ {
		rapid.Check(t, property)
	}
	if what := missing(); what != "" {
		t.Errorf("%s never came up", what)
	}
}

func drawMember(t *rapid.T) string {
	return rapid.SampledFrom([]string{asha, meera, tara}).Draw(t, "member")
}

func drawChoice(t *rapid.T) domain.ServiceChoice {
	service := rapid.SampledFrom([]domain.Service{service(0), service(1), colour()}).Draw(t, "service")
	return domain.ServiceChoice{Service: service, StaffID: drawMember(t)}
}

// drawStart is some time in the evening or night, more often than not before midnight in the branch.
func drawStart(t *rapid.T) time.Time {
	return start.Add(time.Duration(rapid.IntRange(-6, 8).Draw(t, "quarters")) * 15 * time.Minute)
}

// drawBooking begins one, and often confirms it: much can only happen then.
func (s *story) drawBooking(t *rapid.T) {
	id := fmt.Sprintf("bkg_%06d", len(s.order)+1)
	var services []domain.ServiceChoice
	for range rapid.IntRange(1, 3).Draw(t, "services") {
		services = append(services, drawChoice(t))
	}
	at := drawStart(t)
	switch rapid.IntRange(0, 5).Draw(t, "how") {
	case 0:
		s.walkIn(id, at, nil, services...)
	case 1:
		s.walkIn(id, at, &domain.Guest{
			Name: domain.Sealed{KeyID: "key_guest_" + id}, Phone: &domain.Sealed{KeyID: "key_phone_" + id},
		}, services...)
	case 2:
		s.requestOf(id, at, services...)
	default:
		s.requestOf(id, at, services...)
		s.confirm(id, map[string]string{"seg_1": drawMember(t)})
	}
}

// drawVerb tries a random verb on a booking, one of those that go with its status as a rule.
func (s *story) drawVerb(t *rapid.T, id string) {
	b := s.bookings[id]
	segment := rapid.SampledFrom(b.Segments).Draw(t, "segment").SegmentID
	after := time.Duration(rapid.IntRange(-60, 150).Draw(t, "after")) * time.Minute
	var verbs []bookingVerb
	switch b.Status {
	case domain.StatusPending:
		verbs = append(s.drawChanges(t, segment), s.confirming(map[string]string{segment: drawMember(t)}), rejecting, cancelling)
	case domain.StatusConfirmed, domain.StatusCheckedIn:
		verbs = append(s.drawChanges(t, segment), checkingIn(after), starting(segment, after), starting(segment, after),
			s.missing(after), s.missingByClock, s.completing(after), cancelling)
	case domain.StatusInProgress:
		verbs = append(s.drawChanges(t, segment), starting(segment, after), s.finishing(segment, after), s.finishing(segment, after),
			s.completing(after))
	case domain.StatusCompleted, domain.StatusNoShow, domain.StatusCancelled:
		verbs = []bookingVerb{s.correcting(rapid.SampledFrom(b.Corrections()).Draw(t, "right"))}
	case domain.StatusNone, domain.StatusRejected:
		verbs = []bookingVerb{rejecting}
	}
	_ = s.try(id, byDesk, rapid.SampledFrom(verbs).Draw(t, "verb")) // refused, it leaves no trace
}

// drawChanges makes one of each verb that changes what a booking is.
func (s *story) drawChanges(t *rapid.T, segment string) []bookingVerb {
	note := fmt.Sprintf("nt_%06d", rapid.IntRange(0, 2).Draw(t, "note"))
	visibility := rapid.SampledFrom([]domain.Visibility{domain.VisibleInternal, domain.VisibleCustomer}).Draw(t, "visibility")
	return []bookingVerb{
		s.assigning(segment, drawMember(t)), s.assigning(segment, drawMember(t), domain.OverrideBuffer), s.unassigning(segment),
		s.rescheduling(domain.PartySalon, drawStart(t), map[string]string{segment: drawMember(t)}),
		s.rescheduling(domain.PartyCustomer, drawStart(t), nil),
		s.adding(drawChoice(t), ""), s.adding(drawChoice(t), segment), s.removing(segment),
		s.lasting(segment, rapid.IntRange(10, 120).Draw(t, "minutes")),
		noting(note, visibility, byAsha), redacting(note),
	}
}

// drawLeave takes one of a few leaves a step further.
func (s *story) drawLeave(t *rapid.T) {
	type verb = func(domain.Leave) ([]domain.LeaveEvent, error)
	id := fmt.Sprintf("lv_%06d", rapid.IntRange(0, 2).Draw(t, "leave"))
	from := domain.AddDays("2026-06-14", rapid.IntRange(0, 2).Draw(t, "from"))
	a := s.asking(id, drawMember(t), from, domain.AddDays(from, rapid.IntRange(0, 3).Draw(t, "days")), nil, nil,
		rapid.SampledFrom([][]string{{branch}, {elsewhere, branch}}).Draw(t, "branches")...)
	var verbs []verb
	switch s.leaves[id].Status {
	case domain.LeaveNone:
		verbs = []verb{
			func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.Request(a) },
			func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.MarkStaffOff(a) },
		}
	case domain.LeavePending:
		approve := func(l domain.Leave) ([]domain.LeaveEvent, error) {
			return l.Approve(domain.ApproveLeave{Conflicts: a.Conflicts, Today: s.today()})
		}
		verbs = []verb{
			approve, approve, domain.Leave.Withdraw,
			func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.Reject("rejection_canary") },
		}
	case domain.LeaveGranted:
		verbs = []verb{func(l domain.Leave) ([]domain.LeaveEvent, error) { return l.Revoke("reason_canary") }}
	case domain.LeaveDeclined, domain.LeaveTakenBack, domain.LeaveUndone:
		return
	}
	if err := s.leave(id, byManager, rapid.SampledFrom(verbs).Draw(t, "leave verb")); err != nil {
		t.Fatalf("%s: %v", id, err)
	}
}

// drawClosure declares one of two closures, or lifts it.
func (s *story) drawClosure(t *rapid.T) {
	id := fmt.Sprintf("cls_%06d", rapid.IntRange(0, 1).Draw(t, "closure"))
	staff := []string{asha, tara}
	err := s.branch(branch, func(b domain.Branch) ([]domain.BranchEvent, error) {
		if _, declared := b.Closures[id]; declared {
			return b.LiftClosure(id, staff, kolkata)
		}
		return b.DeclareClosure(domain.DeclareClosure{
			ClosureID: id, FromDate: "2026-06-15", ToDate: "2026-06-16", Location: kolkata, StaffIDs: staff,
		})
	})
	if err != nil {
		t.Fatalf("%s: %v", id, err)
	}
}
