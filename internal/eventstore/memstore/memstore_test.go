package memstore_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/memstore"
	"github.com/royalglow/booking/internal/eventstore/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Port { return memstore.New() })
}

// In a bubble the test ends only if every wait of the store is one that virtual time understands.
func TestConformanceInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memstore.New()
		sub, err := s.Subscribe(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan eventstore.Message, 4)
		go func() {
			defer close(got)
			for {
				m, err := sub.Recv()
				if err != nil {
					return
				}
				got <- m
			}
		}()
		synctest.Wait()
		if m := <-got; !m.CaughtUp {
			t.Fatalf("first message %+v, want caught up", m)
		}
		receipt := storetest.MustAppend(t, s, storetest.Sample("br_virtual", eventstore.NoStream, 1))
		synctest.Wait()
		if m := <-got; m.Position != receipt.Position {
			t.Fatalf("message %+v, want position %d", m, receipt.Position)
		}
		if err := sub.Close(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if _, open := <-got; open {
			t.Fatal("received after close")
		}
	})
}

func TestHooks(t *testing.T) {
	stop := errors.New("stop")
	for _, c := range []struct {
		name, op string
		written  int
	}{
		{"an error before an append leaves nothing written", memstore.BeforeAppend, 0},
		{"an error after an append leaves it written", memstore.AfterAppend, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := memstore.New()
			s.Hook = func(op, _ string) error {
				if op == c.op {
					return stop
				}
				return nil
			}
			a := storetest.Sample("br_hooked", eventstore.NoStream, 1)
			if _, err := s.Append(t.Context(), a); !errors.Is(err, stop) {
				t.Fatalf("append: %v", err)
			}
			if n := len(s.All()); n != c.written {
				t.Errorf("%d events written, want %d", n, c.written)
			}
		})
	}
}

func TestAReadCanFail(t *testing.T) {
	s := memstore.New()
	storetest.MustAppend(t, s, storetest.Sample("br_hooked", eventstore.NoStream, 1))
	s.Hook = func(op, _ string) error {
		if op == memstore.BeforeRead {
			return eventstore.ErrUnavailable
		}
		return nil
	}
	for _, err := range s.Read(t.Context(), "branch-br_hooked", 0) {
		if !errors.Is(err, eventstore.ErrUnavailable) {
			t.Errorf("read: %v", err)
		}
	}
}

func TestADroppedSubscriptionIsOver(t *testing.T) {
	s := memstore.New()
	storetest.MustAppend(t, s, storetest.Sample("br_drops1", eventstore.NoStream, 1))
	sub, err := s.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	s.DropSubscriptions()
	for range 2 {
		if _, err := sub.Recv(); !errors.Is(err, eventstore.ErrUnavailable) {
			t.Errorf("receive: %v, want unavailable", err)
		}
	}
}
