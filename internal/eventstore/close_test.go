package eventstore_test

import (
	"context"
	"errors"
	"testing"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/storetest"
)

func TestCloseLetsCallsFinishAndEndsSubscriptions(t *testing.T) {
	p := newProxy(t, newNode(t))
	arrived, goOn := make(chan struct{}), make(chan struct{})
	p.onAppend = first(fault{after: func(context.Context) error {
		close(arrived)
		<-goOn
		return nil
	}})
	s := open(t, eventstore.Config{Socket: p.socket})
	sub, err := s.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for m := (eventstore.Message{}); !m.CaughtUp; {
		if m, err = sub.Recv(); err != nil {
			t.Fatal(err)
		}
	}
	appended := make(chan error, 1)
	go func() {
		_, err := s.Append(t.Context(), storetest.Sample("br_closes", eventstore.NoStream, 1))
		appended <- err
	}()
	<-arrived
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	for err == nil {
		_, err = sub.Recv()
	}
	if !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("receive: %v, want ErrClosed", err)
	}
	select {
	case err := <-closed:
		t.Fatalf("closed (%v) while a call was under way", err)
	default:
	}
	close(goOn)
	if err := <-appended; err != nil {
		t.Errorf("the call under way: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}

	_, err = s.Append(t.Context(), storetest.Sample("br_closes", 0, 1))
	if !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("append: %v", err)
	}
	for _, err := range s.Read(t.Context(), "branch-br_closes", 0) {
		if !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("read: %v", err)
		}
	}
	if _, err := s.Subscribe(t.Context(), 0); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("subscribe: %v", err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("ping: %v", err)
	}
	settle(t, "connections", func() int { return int(p.open.Load()) }, 0)
}
