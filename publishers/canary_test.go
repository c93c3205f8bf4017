package publishers_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

// audienceOf returns the letter under which the fan-out matrix knows a channel.
func audienceOf(channel string) string {
	switch {
	case strings.HasPrefix(channel, "customer:"):
		return "C"
	case strings.HasPrefix(channel, "booking:") && strings.HasSuffix(channel, ":internal"):
		return "Bi"
	case strings.HasPrefix(channel, "booking:"):
		return "B"
	case strings.HasPrefix(channel, "admin:bookings:"):
		return "A"
	case strings.HasPrefix(channel, "admin:schedule:"):
		return "D"
	case strings.HasPrefix(channel, "admin:leave:"):
		return "L"
	case strings.HasPrefix(channel, "staff:"):
		return "S"
	}
	return "nobody's"
}

// secret is something that not every audience may learn.
type secret struct {
	name string
	// in reports whether a message's data gives it away, for an event.
	in func(text string, e domain.Event) bool
	// may lists who may learn it.
	may string
}

func contains(word string) func(string, domain.Event) bool {
	return func(text string, _ domain.Event) bool { return strings.Contains(text, word) }
}

// internalReason reports whether the reason in an event is the salon's own; the others are written for who is told.
func internalReason(e domain.Event) bool {
	switch e.(type) { //nolint:gochecksumtype // the reasons that are written for somebody, and nothing else
	case domain.BookingRejected, domain.BookingCancelled, domain.BookingRescheduled, domain.LeaveRejected,
		domain.BranchClosureDeclared, domain.BranchClosureLifted:
		return false
	}
	return true
}

func secrets() []secret {
	return []secret{
		{"an internal note", func(text string, e domain.Event) bool {
			note, ok := e.(domain.BookingNoteAdded)
			return ok && note.Visibility == domain.VisibleInternal && strings.Contains(text, "text of .Body")
		}, "Bi"},
		{"a note for the customer", func(text string, e domain.Event) bool {
			note, ok := e.(domain.BookingNoteAdded)
			return ok && note.Visibility == domain.VisibleCustomer && strings.Contains(text, "text of .Body")
		}, "B Bi"},
		{"a price", contains(fmt.Sprint(priceCanary / 1000)), "C A"},
		{"the key of a price", contains("aise"), "C A"},
		{"a phone", contains("text of .Phone"), ""},
		{"a seal", contains("box"), ""},
		{"a key", contains(`"key.`), ""},
		{"the reason for a leave", contains("text of .Reason"), ""},
		{"a guest's name", contains("text of .BookingRef.GuestName"), "A S"},
		{"a customer's name", contains("name of CustomerID"), "A S"},
		{"a customer's id", contains("CustomerID.1"), ""},
		{"the type of a leave", contains(leaveCanary), "L S"},
		{"an internal reason", func(text string, e domain.Event) bool {
			return internalReason(e) && strings.Contains(text, reasonCanary)
		}, "Bi"},
		{"a reason code", contains(codeCanary), "Bi"},
		{"who at the salon did it", contains("usr_actor"), "Bi"},
		{"who wrote a note", contains("AuthorID"), "Bi"},
		{"a member's id", contains("StaffID."), "Bi A D L"},
		{"a claim", contains("ClaimID"), ""},
	}
}

// TestScenario42SecretsStayWithTheirAudience fills every field of every event of the union and looks for what an audience may not learn,
// in the messages of all others. Each secret must have been seen where it may be: one that is never told is not tested.
func TestScenario42SecretsStayWithTheirAudience(t *testing.T) {
	t.Parallel()
	seen, wanted := map[string]int{}, []string{}
	for _, s := range secrets() {
		for audience := range strings.FieldsSeq(s.may) {
			wanted = append(wanted, s.name+" on "+audience)
		}
	}
	checkUntil(t, seen, wanted, func(t *rapid.T) {
		for _, zero := range domain.Catalogue() {
			e, texts := filled(zero, drawing{t})
			rec := eventstore.Recorded{Event: e, Metadata: eventstore.Metadata{
				Actor: domain.Actor{
					UserID: "usr_actor1", Role: rapid.SampledFrom([]domain.Role{domain.RoleManager, domain.RoleStaff}).Draw(t, "role"),
					OnBehalfOf: "usr_actor2",
				},
			}}
			known := publishers.Directory{Texts: texts, Names: map[string]string{"CustomerID.1": "name of CustomerID"}}
			for _, m := range publishers.Messages(rec, known) {
				audience, text := audienceOf(m.Channel), string(data(t, m))
				for _, s := range secrets() {
					if !s.in(text, e) {
						continue
					}
					if !strings.Contains(" "+s.may+" ", " "+audience+" ") {
						t.Fatalf("%s: %s on %s shows %s: %s", m.EventType, m.Name, audience, s.name, text)
					}
					seen[s.name+" on "+audience]++
				}
				checkChangedBy(t, audience, m)
			}
		}
	})
}

// checkChangedBy: who may be a customer learns only which side it was.
func checkChangedBy(t *rapid.T, audience string, m publishers.Message) {
	if audience != "C" && audience != "B" {
		return
	}
	for _, key := range []string{"changedBy", "addedBy", "removedBy", "cancelledBy"} {
		switch by := field(t, m, key); by {
		case nil, "customer", "salon", "system":
		default:
			t.Fatalf("%s on %s is by %v", m.Name, audience, by)
		}
	}
}
