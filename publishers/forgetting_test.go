package publishers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/publishers"
)

// TestWhatIsToBeForgottenDoesNotWaitInQueues: a text that was open in a parked or refused message is gone once its note was redacted, or its
// customer was erased.
func TestWhatIsToBeForgottenDoesNotWaitInQueues(t *testing.T) {
	t.Parallel()
	const id = "bkg_000000"
	for name, forget := range map[string]func(s *story, noted domain.BookingNoteAdded){
		"a note is redacted": func(s *story, noted domain.BookingNoteAdded) {
			s.record(domain.BookingStream(id), domain.BookingNoteRedacted{
				BookingRef: noted.BookingRef, NoteID: noted.NoteID, Visibility: noted.Visibility, KeyID: noted.Body.KeyID,
			}, byManager)
		},
		"the customer is erased": func(s *story, _ domain.BookingNoteAdded) {
			s.record(domain.CustomerStream(customer), domain.CustomerErased{CustomerID: customer, At: s.now}, byManager)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachBench(t, func(t *testing.T, b *bench) {
				s := newStory(t)
				s.request(id, start, asha)
				s.do(id, byAsha, noting("nt_first1", domain.VisibleCustomer, byAsha))
				noted, ok := s.log[len(s.log)-1].Event.(domain.BookingNoteAdded)
				if !ok {
					t.Fatalf("it ends with %T", s.log[len(s.log)-1].Event)
				}
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
