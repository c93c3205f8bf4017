package eventstore_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/storetest"
)

func TestAnEventIsFoundAtItsPositionOnly(t *testing.T) {
	s := open(t, eventstore.Config{Socket: newNode(t).socket})
	first := storetest.MustAppend(t, s, storetest.Sample("br_history", eventstore.NoStream, 1))
	second := storetest.MustAppend(t, s, storetest.Sample("br_history", first.Revision, 1))
	for rec, err := range s.Read(t.Context(), "branch-br_history", 0) {
		if err != nil {
			t.Fatal(err)
		}
		id, found, err := s.EventAt(t.Context(), rec.Position)
		if err != nil || !found || id != rec.ID {
			t.Errorf("at %d: %v, %v, %v, want %v", rec.Position, id, found, err, rec.ID)
		}
	}
	for _, nowhere := range []eventstore.Position{second.Position + 1, second.Position + 1000} {
		if id, found, err := s.EventAt(t.Context(), nowhere); err != nil || found || id != uuid.Nil {
			t.Errorf("at %d: %v, %v, %v", nowhere, id, found, err)
		}
	}
}

// A position that the log does not have is not an outage: no later subscription from there will do.
func TestASubscriptionAfterAForeignPositionSaysSo(t *testing.T) {
	s := open(t, eventstore.Config{Socket: newNode(t).socket})
	last := storetest.MustAppend(t, s, storetest.Sample("br_history", eventstore.NoStream, 1))
	sub, err := s.Subscribe(t.Context(), last.Position+1000)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sub.Recv()
	if !errors.Is(err, eventstore.ErrForeignPosition) || errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("receive: %v", err)
	}
	if err := sub.Close(); err != nil {
		t.Error(err)
	}
}
