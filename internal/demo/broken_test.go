package demo_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

// TestABrokenEngineIsFoundOut breaks one promise after the other.
func TestABrokenEngineIsFoundOut(t *testing.T) {
	for name, c := range map[string]struct {
		breaks func(e *engine)
		longer bool   // it takes a while until it can be broken
		want   string // part of a reason why the run fails
	}{
		"it loses messages": {
			breaks: func(e *engine) { e.tamper = everyTenth(drop) },
			want:   "messages were lost",
		},
		"it holds messages back until later ones are out": {
			breaks: func(e *engine) { e.tamper = delayEveryTenth() },
			want:   "messages arrived out of order",
		},
		"it invents messages": {
			breaks: func(e *engine) { e.tamper = everyTenth(forge) },
			want:   "messages belong to no event of the log",
		},
		"it books twice": {
			breaks: func(e *engine) { e.rewrite = allAtOnceBy("stf_000001") },
			want:   "bookings overlap on one member of staff",
		},
		"it sends nothing at all": {
			breaks: func(e *engine) { e.tamper = drop },
			want:   "no message was received",
		},
		"it tells customers what the salon notes": {
			breaks: func(e *engine) { e.tamper = tell(isNote, "customer:") },
			longer: true,
			want:   "secrets came to people who may not know them",
		},
		"it tells the staff prices": {
			breaks: func(e *engine) { e.tamper = tell(hasPrice, "staff:") },
			longer: true,
			want:   "secrets came to people who may not know them",
		},
		"it shows the staff prices": {
			breaks: func(e *engine) { e.answers = showPrices },
			longer: true,
			want:   "secrets came to people who may not know them",
		},
		"it tells something else than it shows": {
			breaks: func(e *engine) { e.tamper = twist },
			want:   "pages do not show what the API says",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := runBriefly(t, func() demo.Config {
				e := newEngine(t)
				c.breaks(e)
				config := e.config(t)
				if c.longer {
					config.Duration *= 2
				}
				return config
			}, func(r check.Report) bool { return strings.Contains(strings.Join(r.Broken(), "; "), c.want) })
			if why := strings.Join(r.Broken(), "; "); !strings.Contains(why, c.want) {
				t.Errorf("the run fails for %q, want %q\n%+v", why, c.want, r)
			}
		})
	}
}

func TestRepeatsThatPagesDropAreHarmless(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	repeats := 0
	e.tamper = everyTenth(func(m []publishers.Message) []publishers.Message {
		repeats += len(m)
		return append(m, m...)
	})
	r, err := demo.Run(t.Context(), e.config(t))
	if err != nil {
		t.Fatal(err)
	}
	if why := r.Broken(); len(why) != 0 || repeats == 0 {
		t.Errorf("after %d repeats the run breaks %q\n%+v", repeats, why, r)
	}
}

// TestAResyncMakesPagesReadAgain puts a resync in the place of some events' messages, as the publisher does with what it cannot
// deliver: it stands for the message. Pages that read again show what they should; those that are told nothing, of what the checker
// believes is not owed, do not, and are found out.
func TestAResyncMakesPagesReadAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		instead func(publishers.Message) []publishers.Message
		stale   bool
	}{
		"a resync": {instead: func(m publishers.Message) []publishers.Message {
			m.Name, m.Payload = "resync", nil
			return []publishers.Message{m}
		}},
		"nothing": {instead: func(publishers.Message) []publishers.Message { return nil }, stale: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var replaced int
			begin := func() demo.Config {
				e := newEngine(t)
				replaced = 0
				e.tamper = func(messages []publishers.Message) (out []publishers.Message) {
					for _, m := range messages {
						if !unlucky(m.EventID) {
							out = append(out, m)
							continue
						}
						replaced++
						out = append(out, c.instead(m)...)
					}
					return out
				}
				config := e.config(t)
				config.Messages = func(rec eventstore.Recorded) []check.Message {
					if c.stale && unlucky(rec.ID) {
						return nil
					}
					return owed(rec)
				}
				return config
			}
			r := runBriefly(t, begin, func(r check.Report) bool { return r.Lost == 0 })
			if replaced == 0 || r.Lost != 0 || r.Faults[check.Phantom] != 0 || (r.Faults[check.Outdated] > 0) != c.stale ||
				(r.Faults[check.Resync] > 0) == c.stale {
				t.Errorf("after %d messages that did not come the summary is %+v", replaced, r)
			}
		})
	}
}

// unlucky picks one event in four.
func unlucky(event uuid.UUID) bool { return event[0]%4 == 0 }

// runBriefly does not wait long for what is lost. Where messages were still under way then that come on a machine that is less busy,
// and the report is not what it is to be, nothing was proved: another engine gets more time.
func runBriefly(t *testing.T, begin func() demo.Config, is func(check.Report) bool) check.Report {
	t.Helper()
	for patience := 6 * time.Second; ; patience *= 2 {
		c := begin()
		c.Patience = patience
		r, err := demo.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if is(r) || r.Lost == 0 || patience > 20*time.Second {
			return r
		}
		t.Logf("%d messages have not come within %v", r.Lost, patience)
	}
}

// everyTenth applies a change to the messages of every tenth event that has some.
func everyTenth(change func([]publishers.Message) []publishers.Message) func([]publishers.Message) []publishers.Message {
	n := 0
	return func(m []publishers.Message) []publishers.Message {
		if len(m) == 0 {
			return m
		}
		if n++; n%10 != 0 {
			return m
		}
		return change(m)
	}
}

func drop([]publishers.Message) []publishers.Message { return nil }

// forge makes the messages claim another place in their event.
func forge(m []publishers.Message) []publishers.Message {
	for i := range m {
		m[i].Envelope.Part += 50
	}
	return m
}

// delayEveryTenth publishes every tenth event's messages after those of the next five.
func delayEveryTenth() func([]publishers.Message) []publishers.Message {
	var kept []publishers.Message
	n := 0
	return func(m []publishers.Message) []publishers.Message {
		if len(m) == 0 {
			return m
		}
		switch n++; n % 10 {
		case 0:
			kept = m
			return nil
		case 5:
			m, kept = append(m, kept...), nil
		}
		return m
	}
}

// twist makes every approval look like a check-in.
func twist(m []publishers.Message) []publishers.Message {
	for i := range m {
		if m[i].EventType == (domain.BookingConfirmed{}).EventType() && strings.HasSuffix(m[i].Name, "status_changed") {
			m[i].Payload = map[string]any{"fromStatus": domain.StatusPending, "toStatus": domain.StatusCheckedIn}
		}
	}
	return m
}

func isNote(m publishers.Message) bool { return m.Name == "note.added" }

func hasPrice(m publishers.Message) bool {
	return strings.HasPrefix(m.Channel, "admin:bookings:") && m.Name == "booking.updated"
}

// tell says on the other channels of an event, those that begin so, what one of its messages says.
func tell(secret func(publishers.Message) bool, to string) func([]publishers.Message) []publishers.Message {
	var told any
	return func(m []publishers.Message) []publishers.Message {
		for _, one := range m {
			if secret(one) {
				told = one.Payload
			}
		}
		for i := range m {
			if told != nil && strings.HasPrefix(m[i].Channel, to) {
				m[i].Payload = told
			}
		}
		return m
	}
}

// showPrices puts a price into every booking that the API shows.
func showPrices(_ *http.Request, status int, body []byte) []byte {
	if status != http.StatusOK || !json.Valid(body) {
		return body
	}
	return bytes.ReplaceAll(body, []byte(`"localStart":`), []byte(`"priceMinor":1,"localStart":`))
}

// allAtOnceBy lets one member do at one time, in the log that the checker reads, whatever people ask for.
func allAtOnceBy(staffID string) func(eventstore.Recorded) eventstore.Recorded {
	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	return func(rec eventstore.Recorded) eventstore.Recorded {
		if e, ok := rec.Event.(domain.BookingRequested); ok {
			segments := make([]domain.Segment, 0, len(e.Segments))
			for _, s := range e.Segments {
				s.StaffID, s.StartAt, s.EndAt = staffID, noon, noon.Add(s.EndAt.Sub(s.StartAt))
				segments = append(segments, s)
			}
			e.Segments = segments
			rec.Event = e
		}
		return rec
	}
}
