package deliverytest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
	"github.com/royalglow/booking/publishers/deliverytest"
)

const (
	heardChannel = "customer:usr_customer01:bookings"
	quietChannel = "admin:bookings:br_kolkata1" // nobody listens
)

// confirmations is a log of two bookings of one customer that take turns. Each event gives its channel two messages.
func confirmations(n int) (log []eventstore.Recorded) {
	for i := range n {
		booking := fmt.Sprintf("bkg_%06d", i%2)
		log = append(log, eventstore.Recorded{
			ID: uuid.UUID{15: byte(i + 1)}, Stream: domain.BookingStream(booking), Revision: eventstore.Revision(i / 2),
			Position: eventstore.Position(10 * (i + 1)), Created: time.Unix(int64(i), 0),
			Event: domain.BookingConfirmed{
				BookingRef: domain.BookingRef{BookingID: booking, CustomerID: "usr_customer01", BranchID: "br_kolkata1", TimeZone: "UTC"},
				FromStatus: domain.StatusPending,
			},
		})
	}
	return log
}

// wire is a message as a publisher sends it.
func wire(m publishers.Message, base string, index int) deliverytest.Message {
	return deliverytest.Message{
		Key: deliverytest.KeyOf(m), Channel: m.Channel, ID: fmt.Sprintf("%s:%d", base, index), Name: m.Name,
		EventID: m.EventID.String(), Position: m.Envelope.Position,
	}
}

// perfect is a run in which all goes well: each event is a request, with a list for each channel.
func perfect() deliverytest.Run {
	r := deliverytest.Run{Log: confirmations(6), Heard: map[string][]deliverytest.Message{heardChannel: nil}}
	var now deliverytest.Moment
	for n, e := range r.Log {
		now += 2
		index := map[string]int{}
		messages := publishers.Messages(e, publishers.Directory{})
		slices.SortStableFunc(messages, func(a, b publishers.Message) int { return strings.Compare(a.Channel, b.Channel) })
		for _, m := range messages {
			one := wire(m, e.ID.String(), index[m.Channel])
			index[m.Channel]++
			r.Sent = append(r.Sent, deliverytest.Sent{
				Message: one, Request: n + 1, Arrived: now - 1, Answered: now, Outcome: deliverytest.Acknowledged,
			})
			if m.Channel == heardChannel {
				r.Heard[heardChannel] = append(r.Heard[heardChannel], one)
			}
		}
		r.Stands = append(r.Stands, deliverytest.Stand{Checkpoint: e.Position, At: now})
	}
	return r
}

// resend puts a later request in the place of an earlier one's repeat.
func resend(r *deliverytest.Run, event int, at deliverytest.Moment) {
	for _, s := range slices.Clone(r.Sent) {
		if s.EventID == r.Log[event].ID.String() {
			s.Request, s.Arrived, s.Answered = 1000+event, at, at+1
			r.Sent = append(r.Sent, s)
		}
	}
}

func TestAPerfectRunIsInOrder(t *testing.T) {
	t.Parallel()
	v := deliverytest.Check(perfect())
	if len(v.Violations) != 0 || v.Owed != 12 || v.Heard != 12 || v.Repeats != 0 || v.WireDuplicates != 0 || v.Lists < 12 {
		t.Errorf("the verdict is %v", v)
	}
}

// TestEachBrokenPromiseIsFound seeds one fault after the other. What follows from it may be found as well; nothing else may.
func TestEachBrokenPromiseIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		seed func(r *deliverytest.Run)
		want map[deliverytest.Kind]int
	}{
		"a message is never heard": {
			func(r *deliverytest.Run) { r.Heard[heardChannel] = slices.Delete(r.Heard[heardChannel], 3, 4) },
			map[deliverytest.Kind]int{deliverytest.Lost: 1},
		},
		"nothing is heard on a channel": {
			func(r *deliverytest.Run) { r.Heard[heardChannel] = nil },
			map[deliverytest.Kind]int{deliverytest.Lost: 12},
		},
		"two messages change places": {
			func(r *deliverytest.Run) { swap(r.Heard[heardChannel], 4, 5) },
			map[deliverytest.Kind]int{deliverytest.Reordered: 1},
		},
		"the messages of two bookings change places": {
			func(r *deliverytest.Run) { swap(r.Heard[heardChannel], 1, 2) },
			map[deliverytest.Kind]int{deliverytest.Reordered: 1},
		},
		"an event comes again under other parts": {
			func(r *deliverytest.Run) {
				last := r.Heard[heardChannel][11]
				last.Part++
				r.Heard[heardChannel] = append(r.Heard[heardChannel], last)
			},
			map[deliverytest.Kind]int{deliverytest.DuplicateVisible: 1},
		},
		"a message is of no event": {
			func(r *deliverytest.Run) {
				r.Heard[heardChannel] = append(r.Heard[heardChannel], deliverytest.Message{Channel: heardChannel, Name: "hello"})
			},
			map[deliverytest.Kind]int{deliverytest.Invented: 1},
		},
		"a message has another name": {
			func(r *deliverytest.Run) { r.Heard[heardChannel][0].Name = "booking.cancelled" },
			map[deliverytest.Kind]int{deliverytest.Invented: 1, deliverytest.Lost: 1},
		},
		"lists are sent again for no reason": {
			func(r *deliverytest.Run) { resend(r, 5, 100) },
			map[deliverytest.Kind]int{deliverytest.DuplicateOnWire: 4},
		},
		"lists are sent again after a kill that came after the checkpoint": {
			func(r *deliverytest.Run) {
				r.Stands = append(r.Stands, deliverytest.Stand{Checkpoint: r.Log[5].Position, At: 99, Killed: true})
				r.MaxWireDuplicates = 100
				resend(r, 5, 100)
			},
			map[deliverytest.Kind]int{deliverytest.DuplicateOnWire: 4},
		},
		"more lists are sent again than the bound allows": {
			func(r *deliverytest.Run) {
				r.Stands[5].Killed, r.Stands[5].Checkpoint = true, r.Log[4].Position
				r.MaxWireDuplicates = 3
				resend(r, 5, 100)
			},
			map[deliverytest.Kind]int{deliverytest.DuplicateOnWire: 1},
		},
		"an id names two lists": {
			func(r *deliverytest.Run) {
				for i := range r.Sent {
					if r.Sent[i].EventID == r.Log[4].ID.String() {
						r.Sent[i].ID = strings.Replace(r.Sent[i].ID, r.Log[4].ID.String(), r.Log[3].ID.String(), 1)
					}
				}
			},
			map[deliverytest.Kind]int{deliverytest.IDReused: 3},
		},
		"a list does not wait for the one before it": {
			func(r *deliverytest.Run) {
				for i := range r.Sent {
					if r.Sent[i].Request == 3 && r.Sent[i].Channel == heardChannel {
						r.Sent[i].Answered = r.Sent[i].Arrived + 3 // after the fourth request has come
					}
				}
			},
			// What the list's acknowledgement was to allow had been written by then.
			map[deliverytest.Kind]int{deliverytest.Overlapping: 1, deliverytest.CheckpointAhead: 2},
		},
		"nobody listens, and the endpoint never has it": {
			func(r *deliverytest.Run) {
				r.Stands = nil
				for i := range r.Sent {
					if r.Sent[i].Channel == quietChannel && r.Sent[i].Request == 6 {
						r.Sent[i].Outcome = deliverytest.Refused
					}
				}
			},
			map[deliverytest.Kind]int{deliverytest.Lost: 1},
		},
		"a checkpoint is past what was not acknowledged yet": {
			func(r *deliverytest.Run) { r.Stands[2].At-- },
			map[deliverytest.Kind]int{deliverytest.CheckpointAhead: 5},
		},
		"a checkpoint is past what is neither acknowledged nor queued": {
			func(r *deliverytest.Run) {
				r.Stands[2].At--
				r.Stands[2].Queued = func(channel string, _ deliverytest.Key) bool { return channel != heardChannel }
			},
			map[deliverytest.Kind]int{deliverytest.CheckpointAhead: 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := perfect()
			c.seed(&r)
			v := deliverytest.Check(r)
			got := map[deliverytest.Kind]int{}
			for _, one := range v.Violations {
				got[one.Kind]++
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("it finds %v, want %v\n%v", got, c.want, v)
			}
		})
	}
}

func swap(list []deliverytest.Message, i, j int) { list[i], list[j] = list[j], list[i] }

// TestWhatIsHarmlessIsCounted: none of these breaks a promise.
func TestWhatIsHarmlessIsCounted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		seed               func(r *deliverytest.Run)
		repeats, wireAgain int
	}{
		"a repeat that subscribers drop": {
			func(r *deliverytest.Run) {
				r.Heard[heardChannel] = append(r.Heard[heardChannel], r.Heard[heardChannel][2:6]...)
			}, 4, 0,
		},
		"a resync in the place of a message": {
			func(r *deliverytest.Run) { r.Heard[heardChannel][2].Name = "resync" }, 0, 0,
		},
		"events that were read twice": {
			func(r *deliverytest.Run) { r.Log = append(r.Log[:4:4], r.Log[2:]...) }, 0, 0,
		},
		"lists sent again after a kill before the checkpoint": {
			func(r *deliverytest.Run) {
				r.Stands[5].Killed, r.Stands[5].Checkpoint = true, r.Log[4].Position
				r.MaxWireDuplicates = 4
				resend(r, 5, 100)
			}, 0, 4,
		},
		"queued lists sent again after a kill": {
			func(r *deliverytest.Run) {
				r.Stands[5].Killed = true
				r.Stands[5].Queued = func(string, deliverytest.Key) bool { return true }
				r.MaxWireDuplicates = -1
				resend(r, 5, 100)
			}, 0, 4,
		},
		"lists sent again that had no answer": {
			func(r *deliverytest.Run) {
				for i := range r.Sent {
					if r.Sent[i].Request == 6 {
						r.Sent[i].Outcome = deliverytest.Doubtful
					}
				}
				r.Stands, r.MaxWireDuplicates = nil, 4
				resendAcknowledged(r, 5, 100)
			}, 0, 4,
		},
		"lists sent again that were refused": {
			func(r *deliverytest.Run) {
				for i := range r.Sent {
					if r.Sent[i].Request == 6 {
						r.Sent[i].Outcome = deliverytest.Refused
					}
				}
				r.Stands = nil
				resendAcknowledged(r, 5, 100)
			}, 0, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := perfect()
			c.seed(&r)
			v := deliverytest.Check(r)
			if len(v.Violations) != 0 || v.Repeats != c.repeats || v.WireDuplicates != c.wireAgain {
				t.Errorf("want %d repeats and %d on the wire, got %v", c.repeats, c.wireAgain, v)
			}
		})
	}
}

func resendAcknowledged(r *deliverytest.Run, event int, at deliverytest.Moment) {
	before := len(r.Sent)
	resend(r, event, at)
	for i := range r.Sent[before:] {
		r.Sent[before+i].Outcome = deliverytest.Acknowledged
	}
}

// TestAVerdictSaysWhatIsWrong: the first violations by name, of all of them how many.
func TestAVerdictSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := perfect()
	r.Heard[heardChannel] = nil
	r.Stands[2].At--
	text := deliverytest.Check(r).String()
	for _, want := range []string{"0 of 12 messages heard", "lost: " + heardChannel, "checkpoint-ahead: 5 in all"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
}
