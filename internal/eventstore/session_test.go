package eventstore_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/royalglow/booking/internal/eventstore"
)

// The supervision rests on two habits of the library: it logs a failure before it gives up the connection, and it asks the
// call's context for its deadline once it has the connection, not before. With another version of the library they must be
// looked at again.
func TestTheLibraryHasTheHabitsThatTheSupervisionRestsOn(t *testing.T) {
	p := newProxy(t, newNode(t))
	p.onAppend = always(fault{before: answers(codes.Unavailable)})
	var noticed atomic.Int64
	c, err := esdb.NewClient(&esdb.Configuration{
		Address: "unix://" + p.socket, DisableTLS: true, MaxDiscoverAttempts: 1, GossipTimeout: 5, KeepAliveInterval: -1,
		Logger: func(_ esdb.LogLevel, format string, args ...any) {
			if format == eventstore.Noticed && len(args) == 1 {
				if _, ok := args[0].(error); ok {
					noticed.Add(1)
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	call := func() (used bool, err error) {
		_, err = c.AppendToStream(eventstore.WatchContext(t.Context(), func() { used = true }), "s",
			esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, esdb.EventData{EventType: "t"})
		return used, err
	}
	if used, err := call(); err == nil || !used || noticed.Load() != 1 {
		t.Errorf("a failing call: context used %t, noticed %d times, error %v", used, noticed.Load(), err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	e, ok := errors.AsType[*esdb.Error](func() error {
		used, err := call()
		if used {
			t.Error("a call without a connection used its context")
		}
		return err
	}())
	if !ok || e.Code() != esdb.ErrorCodeConnectionClosed {
		t.Errorf("a call of a closed client: %v", e)
	}
}

// The session must be over before the library gives up the connection, not when the failed call returns: a call that began in
// between would make it look for another.
func TestASessionRetiresWhenTheLibraryNoticesAFailure(t *testing.T) {
	for err, retires := range map[error]bool{
		status.Error(codes.Unavailable, "x"): true, status.Error(codes.Aborted, "x"): false, errors.New("x"): false,
	} {
		var closed atomic.Bool
		s := eventstore.NewTestSession(func() { closed.Store(true) })
		observe := eventstore.Observe(t.Context(), slog.New(slog.DiscardHandler), s)
		observe(esdb.LogInfo, "starting a new discovery process")
		if closed.Load() {
			t.Fatal("retired for nothing")
		}
		observe(esdb.LogError, eventstore.Noticed, err)
		if closed.Load() != retires {
			t.Errorf("%v: retired %t, want %t", err, closed.Load(), retires)
		}
	}
}

func TestACallThatDoesNotEndIsAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed atomic.Bool
		s := eventstore.NewTestSession(func() { closed.Store(true) })
		stuck := make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		err := eventstore.CallSession(ctx, s, func() error { <-stuck; panic("freed") })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("call: %v", err)
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("the call was abandoned after %v", took)
		}
		if !closed.Load() {
			t.Error("the session of a stuck call goes on")
		}
		if err := eventstore.CallSession(t.Context(), s, func() error { return nil }); err == nil {
			t.Error("a call began on a session that is over")
		}
		close(stuck) // as closing the client does; the panic must not escape
		synctest.Wait()
	})
}

func TestASessionIsTornDownWhenTheLastUserHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed atomic.Bool
		s := eventstore.NewTestSession(func() { closed.Store(true) })
		finish := make(chan struct{})
		ended := make(chan error)
		for range 3 {
			go func() {
				ended <- eventstore.CallSession(t.Context(), s, func() error { <-finish; return nil })
			}()
		}
		synctest.Wait()
		eventstore.RetireSession(s)
		eventstore.RetireSession(s)
		if closed.Load() {
			t.Error("torn down under its users")
		}
		close(finish)
		for range 3 {
			if err := <-ended; err != nil {
				t.Errorf("call: %v", err)
			}
		}
		synctest.Wait()
		if !closed.Load() {
			t.Error("nobody is left and it is not torn down")
		}
	})
}
