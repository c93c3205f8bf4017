package check_test

import (
	"testing"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// The channels of one booking, by the letters of the fan-out's matrix.
func channels() map[string]string {
	return map[string]string{
		"C": "customer:usr_000001:bookings", "B": "booking:bkg_000001", "Bi": "booking:bkg_000001:internal",
		"A": queue, "D": "admin:schedule:br_000001:2026-03-02", "d": "admin:schedule:2026-03-02",
		"S": "staff:stf_000001:schedule", "L": "admin:leave:br_000001",
	}
}

// TestSecretsAreFoundWhereTheyMustNotBe tells every channel and every reader every secret, and compares with who may know it.
func TestSecretsAreFoundWhereTheyMustNotBe(t *testing.T) {
	readers := map[string]domain.Role{
		"customer": domain.RoleCustomer, "staff": domain.RoleStaff, "desk": domain.RoleReceptionist, "owner": domain.RoleOwner,
	}
	for name, c := range map[string]struct {
		text string
		may  []string
	}{
		"an internal note":            {`{"noteId":"nt_000001","note":"` + check.NoteCanary + ` talks a lot"}`, []string{"Bi", "staff", "desk", "owner"}},
		"one in a list":               {`{"notes":[{"text":"` + check.NoteCanary + `"}]}`, []string{"Bi", "staff", "desk", "owner"}},
		"a guest's telephone number":  {`{"guest":{"phone":"` + check.PhoneCanary + ` 12345"}}`, []string{"desk", "owner"}},
		"a price":                     {`{"services":[{"name":"Cut","pricePaise":80000}]}`, []string{"C", "A", "customer", "desk", "owner"}},
		"a total":                     {`{"bookingId":"bkg_000001","totalPaise":80000}`, []string{"C", "A", "customer", "desk", "owner"}},
		"a price under another name":  {`{"priceMinor":80000}`, []string{"C", "A", "customer", "desk", "owner"}},
		"how it was paid":             {`{"paymentMethod":"cash"}`, []string{"C", "A", "customer", "desk", "owner"}},
		"the type of a leave":         {`{"leaveId":"lv_000001","leaveType":"sick"}`, []string{"S", "L", "staff", "desk", "owner"}},
		"a reason of the salon's own": {`{"reasonCode":"duplicate"}`, []string{"Bi", "desk", "owner"}},
	} {
		t.Run(name, func(t *testing.T) {
			tell := map[string]func(h *history){}
			for letter, channel := range channels() {
				tell[letter] = func(h *history) { h.say(channel, c.text) }
			}
			for who, role := range readers {
				tell[who] = func(h *history) { h.books.Shown(role, []byte(c.text)) }
			}
			for who, telling := range tell {
				h := newHistory()
				telling(h)
				want := 1
				for _, may := range c.may {
					if may == who {
						want = 0
					}
				}
				if got := h.books.Report(0).Faults[check.Leaked]; got != want {
					t.Errorf("to %s: %d leaks, want %d", who, got, want)
				}
			}
		})
	}
}

func TestWhatIsNoSecretIsNoLeak(t *testing.T) {
	for name, text := range map[string]string{
		"a visible note":      `{"note":"Parking is behind the house.","addedBy":"salon"}`,
		"a price in words":    `{"note":"what is the price?"}`,
		"what is not JSON":    `total nonsense`,
		"nothing":             ``,
		"a booking's details": `{"status":"confirmed","date":"2026-03-02","services":[{"name":"Cut","durationMinutes":30}]}`,
	} {
		h := newHistory()
		for _, channel := range channels() {
			h.say(channel, text)
		}
		h.books.Shown(domain.RoleCustomer, []byte(text))
		if got := h.books.Report(0).Faults[check.Leaked]; got != 0 {
			t.Errorf("%s: %d leaks", name, got)
		}
	}
}

// TestAChannelThatNobodyKnowsMayTellNothing: a new kind of channel is a leak until it is known whose it is.
func TestAChannelThatNobodyKnowsMayTellNothing(t *testing.T) {
	for _, channel := range []string{"admin:money:br_000001", "admin", "public", ""} {
		h := newHistory()
		h.say(channel, `{"totalPaise":1}`)
		if got := h.books.Report(0).Faults[check.Leaked]; got != 1 {
			t.Errorf("%q: %d leaks", channel, got)
		}
	}
}

// say brings a text to the desk over a channel.
func (h *history) say(channel, text string) {
	rec := h.commit(domain.BookingClaimFenced{BookingID: "bkg_000001"}, channel)
	h.books.Arrived(check.Observation{
		Subscriber: desk, Channel: channel, EventID: rec.ID, At: rec.Created.Add(h.delay), Acted: true, Data: []byte(text),
	})
}
