package publishers_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

// withNote is the story of a booking up to a note that its customer wrote.
func withNote(t *testing.T, id string) (*story, domain.BookingNoteAdded) {
	t.Helper()
	s := newStory(t)
	s.request(id, start, asha)
	s.do(id, byAsha, noting("nt_first1", domain.VisibleCustomer, byAsha))
	noted, ok := s.log[len(s.log)-1].Event.(domain.BookingNoteAdded)
	if !ok {
		t.Fatalf("it ends with %T", s.log[len(s.log)-1].Event)
	}
	return s, noted
}

func redact(s *story, noted domain.BookingNoteAdded) {
	s.record(domain.BookingStream(noted.BookingID), domain.BookingNoteRedacted{
		BookingRef: noted.BookingRef, NoteID: noted.NoteID, Visibility: noted.Visibility, KeyID: noted.Body.KeyID,
	}, byManager)
}

// give hands events in, to a publisher that runs.
func give(t *testing.T, p *publishers.Publisher, events []eventstore.Recorded) {
	t.Helper()
	if err := p.Handle(t.Context(), subscription.Batch{Events: events, Position: events[len(events)-1].Position}); err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsToBeForgottenDoesNotWaitInQueues: a text that was open in a parked or refused message is gone once its note was redacted, or its
// customer was erased.
func TestWhatIsToBeForgottenDoesNotWaitInQueues(t *testing.T) {
	t.Parallel()
	const id = "bkg_000000"
	for name, forget := range map[string]func(s *story, noted domain.BookingNoteAdded){
		"a note is redacted": redact,
		"the customer is erased": func(s *story, _ domain.BookingNoteAdded) {
			s.record(domain.CustomerStream(customer), domain.CustomerErased{CustomerID: customer, At: s.now}, byManager)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachBench(t, func(t *testing.T, b *bench) {
				s, noted := withNote(t, id)
				wire := newNetwork(nil)
				wire.reply = refuseWhole(40009, "note.added", "resync")
				cfg := b.config()
				cfg.Transport = wire
				p := open(t, cfg)
				const text = "Prefers the quiet room."
				kept := func() string {
					return strings.Join(query(t, b, `SELECT data FROM queued UNION ALL SELECT data FROM refused`), "\n")
				}
				// The note comes twice: what is refused becomes a resync at once, what waits behind it does not.
				second := noted
				s.record(domain.BookingStream(id), second, byAsha)
				if err := handle(t.Context(), p, s.log, 1); err != nil {
					t.Fatal(err)
				}
				if got := kept(); strings.Count(got, text) < 2 || p.Status().Parked == 0 {
					t.Fatalf("before, these are kept:\n%s", got)
				}
				before := len(s.log)
				forget(s, noted)
				if err := handle(t.Context(), p, s.log[before:], 1); err != nil {
					t.Fatal(err)
				}
				if got := kept(); strings.Contains(got, text) {
					t.Errorf("afterwards, these are kept:\n%s", got)
				}
				wire.reply = nil
				if _, err := (publishers.Operator{DB: b.db}).Redrive(t.Context(), publishers.Redrive{All: true}); err != nil {
					t.Fatal(err)
				}
				stop := beside(t.Context(), p)
				eventually(t, "the redriven messages", func() bool { return p.Status().Parked+p.Status().Queued == 0 })
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestWhatIsToBeForgottenIsNotSentAgain: what a queue has in memory when a note is redacted does not go out any more, whether it waits for
// its next attempt or is in the middle of one that fails.
func TestWhatIsToBeForgottenIsNotSentAgain(t *testing.T) {
	t.Parallel()
	const id, text = "bkg_000000", "Prefers the quiet room."
	for name, onItsWay := range map[string]bool{"it waits": false, "it is on its way": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			s, noted := withNote(t, id)
			var tried, after atomic.Int64
			var forgotten atomic.Bool
			gate := make(chan struct{})
			cfg := b.config()
			cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
				raw, err := io.ReadAll(r.Body)
				if err != nil {
					return nil, err
				}
				if !bytes.Contains(raw, []byte(text)) {
					return http.DefaultTransport.RoundTrip(withBody(r, raw))
				}
				if forgotten.Load() {
					after.Add(1)
				}
				failed := answer(http.StatusTooManyRequests, `{"error":{"code":42913,"statusCode":429,"message":"too fast"}}`)
				failed.retryAfter = "2"
				if tried.Add(1) > 1 {
					<-gate
				}
				if onItsWay {
					failed.retryAfter = "0"
				}
				return failed.response(r), nil
			})
			cfg.Jitter = func() float64 { return 1 } // so that it is put off, and tried again a little later
			p := open(t, cfg)
			if _, err := p.Checkpoint(t.Context()); err != nil {
				t.Fatal(err)
			}
			stop := beside(t.Context(), p)
			give(t, p, s.log)
			if onItsWay {
				eventually(t, "the second attempt", func() bool { return tried.Load() == 2 })
			}
			if p.Status().Queued == 0 {
				t.Error("nothing was put off")
			}
			before := len(s.log)
			redact(s, noted)
			give(t, p, s.log[before:])
			forgotten.Store(true)
			close(gate)
			eventually(t, "the end of the queues", func() bool { return p.Status().Queued == 0 })
			if err := stop(); err != nil {
				t.Error(err)
			}
			got := shown(t, b.messages())["booking:"+id]
			if n := after.Load(); n > 0 || len(got) == 0 || got[0].name != "resync" {
				t.Errorf("sent %d times after it was forgotten; the channel shows %v", n, got)
			}
		})
	}
}

// TestWhatIsRefusedAfterItWasForgottenIsNotKept: a message is on its way when its note is redacted, and then it is refused for good.
func TestWhatIsRefusedAfterItWasForgottenIsNotKept(t *testing.T) {
	t.Parallel()
	const id, text = "bkg_000000", "Prefers the quiet room."
	eachBench(t, func(t *testing.T, b *bench) {
		s, noted := withNote(t, id)
		var tried atomic.Int64
		var p *publishers.Publisher
		gate := make(chan struct{})
		cfg := b.config()
		cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			if !bytes.Contains(raw, []byte(text)) || !holds(raw, "booking:"+id) {
				return http.DefaultTransport.RoundTrip(withBody(r, raw))
			}
			if p.Status().Queued == 0 {
				return answer(http.StatusInternalServerError, `{}`).response(r), nil
			}
			if bytes.Count(raw, []byte(`"channels":`)) == 1 {
				tried.Add(1)
				<-gate
			}
			return answer(http.StatusBadRequest, `{"error":{"code":40009,"statusCode":400,"message":"too large"}}`).response(r), nil
		})
		cfg.Jitter = func() float64 { return 1 }
		p = open(t, cfg)
		if _, err := p.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		stop := beside(t.Context(), p)
		for _, e := range s.log {
			give(t, p, []eventstore.Recorded{e})
		}
		eventually(t, "the second attempt", func() bool { return tried.Load() == 1 })
		before := len(s.log)
		redact(s, noted)
		give(t, p, s.log[before:])
		close(gate)
		eventually(t, "the end of the queues", func() bool { return p.Status().Queued == 0 })
		if err := stop(); err != nil {
			t.Error(err)
		}
		kept := query(t, b, `SELECT channel || ' ' || data FROM refused`)
		if len(kept) == 0 || strings.Contains(strings.Join(kept, "\n"), text) {
			t.Errorf("refused are %q", kept)
		}
	})
}

// TestAQueueThatCannotBeReadHoldsNoOtherUp: its channel is parked, the others go on, and what is to be forgotten there is.
func TestAQueueThatCannotBeReadHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]string{
		"the data": "UPDATE queued SET data = '{' WHERE channel = 'booking:bkg_000000'", "the id": "UPDATE queued SET event_id = 'x' WHERE channel = 'booking:bkg_000000'",
		"the headers": "UPDATE queued SET headers = '' WHERE channel = 'booking:bkg_000000'",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachBench(t, func(t *testing.T, b *bench) {
				s := newStory(t)
				for i := range 2 {
					s.request(fmt.Sprintf("bkg_%06d", i), start, asha)
					s.do(fmt.Sprintf("bkg_%06d", i), byAsha, noting("nt_first1", domain.VisibleCustomer, byAsha))
				}
				wire := newNetwork(nil)
				wire.reply = refuseWhole(40010, "note.added", "resync") // the channel's name is at fault: nothing takes its place
				cfg := b.config()
				cfg.Transport = wire
				p := open(t, cfg)
				if err := handle(t.Context(), p, s.log, 1); err != nil {
					t.Fatal(err)
				}
				if p.Status().Parked < 2 {
					t.Fatalf("before, %d channels are parked", p.Status().Parked)
				}
				if _, err := b.db.Write.NewRaw(spoil).Exec(t.Context()); err != nil {
					t.Fatal(err)
				}
				wire.reply = nil
				o := publishers.Operator{DB: b.db}
				if _, err := o.Redrive(t.Context(), publishers.Redrive{All: true}); err != nil {
					t.Fatal(err)
				}
				stop := beside(t.Context(), p)
				eventually(t, "the channel to be parked for it, and no other", func() bool {
					why := query(t, b, "SELECT channel || ' ' || why FROM parked")
					return slices.Equal(why, []string{"booking:bkg_000000 unreadable"}) && p.Status().Queued == 0
				})
				if err := stop(); err != nil {
					t.Error(err)
				}
				if again, err := o.Redrive(t.Context(), publishers.Redrive{Why: "unreadable", DryRun: true}); err != nil || len(again.Channels) != 1 {
					t.Errorf("by this reason it would be redriven: %+v (%v)", again, err)
				}
				before := len(s.log)
				s.record(domain.CustomerStream(customer), domain.CustomerErased{CustomerID: customer, At: s.now}, byManager)
				if err := handle(t.Context(), p, s.log[before:], 1); err != nil {
					t.Fatal(err)
				}
				if left := query(t, b, "SELECT data FROM queued WHERE resync = 0"); len(left) > 0 {
					t.Errorf("not forgotten: %q", left)
				}
			})
		})
	}
}

// TestAnAdoptedDatabaseHasNothingWaiting: what waits stands at positions of the store before.
func TestAnAdoptedDatabaseHasNothingWaiting(t *testing.T) {
	t.Parallel()
	eachBench(t, func(t *testing.T, b *bench) {
		s := dayStory(t)
		wire := newNetwork(nil)
		wire.reply = func(int, []spec) *reply {
			return answer(http.StatusBadRequest, `{"error":{"code":40010,"statusCode":400}}`)
		}
		cfg := b.config()
		cfg.Transport = wire
		if err := handle(t.Context(), open(t, cfg), s.log, 1); err != nil {
			t.Fatal(err)
		}
		if got := query(t, b, `SELECT count(*) FROM queued`); got[0] == "0" {
			t.Fatal("nothing waits")
		}
		err := b.db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error { return publishers.Rehome(ctx, tx, "another", 0) })
		if err != nil {
			t.Fatal(err)
		}
		cfg.StoreID, cfg.Transport = "another", nil
		if err := handle(t.Context(), open(t, cfg), s.log, 1); err != nil {
			t.Errorf("the log of the store after: %v", err)
		}
		if got, want := len(b.messages()), len(expected(t, s.log)); got < want {
			t.Errorf("%d messages on %d channels", got, want)
		}
	})
}

// TestForgettingTakesItsTime: however many messages wait, a commit does not run out of time over them. With BOOKING_SOAK=1 they are so many that
// one transaction would.
func TestForgettingTakesItsTime(t *testing.T) {
	t.Parallel()
	n := 1200
	if os.Getenv("BOOKING_SOAK") == "1" {
		n = 100_000
	}
	eachBench(t, func(t *testing.T, b *bench) {
		p := open(t, b.config())
		if _, err := p.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		err := b.db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			// On one channel for every thousand.
			if _, err := tx.NewRaw(`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?)
				INSERT INTO queued SELECT 'booking:b' || (i / 1000), i, 0, '', 0, 0, 'a3f1c7d2-0000-4000-8000-000000000000', 'booking.note_added',
				'booking:{bookingId}', 'note.added', 'bkg_1', '{"entity":"bkg_1","version":1,"note":"Prefers the quiet room."}', '{}', 0, 1, '' FROM c`,
				n).Exec(ctx); err != nil {
				return err
			}
			_, err := tx.NewRaw(`INSERT INTO parked SELECT DISTINCT channel, 1, 'refused', 400, 40010, '' FROM queued`).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		s := newStory(t)
		s.record(domain.CustomerStream(customer), domain.CustomerErased{CustomerID: customer, At: s.now}, byManager)
		stop := beside(t.Context(), p)
		err = p.Handle(t.Context(), subscription.Batch{Events: s.log, Position: s.log[0].Position})
		if err != nil {
			t.Error(err)
		}
		if left := query(t, b, "SELECT data FROM queued WHERE resync = 0 OR data LIKE '%quiet%'"); len(left) > 0 {
			t.Errorf("%d are not forgotten", len(left))
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}
