package eventstore_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/storetest"
)

// first applies a fault to the first call only.
func first(f fault) func(int) fault {
	return func(n int) fault {
		if n == 1 {
			return f
		}
		return fault{}
	}
}

func always(f fault) func(int) fault { return func(int) fault { return f } }

func fails(err error) func(context.Context) error { return func(context.Context) error { return err } }

// hangs answers nothing until the caller has gone.
func hangs(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

func answers(code codes.Code) func(context.Context) error {
	return fails(status.Error(code, "by the test"))
}

// A doubt that a repeat can settle is settled, and the events stand there once.
func TestADoubtIsSettledByRepeatingTheRequest(t *testing.T) {
	for name, f := range map[string]fault{
		"the line breaks before the request arrives":  {before: fails(errCut)},
		"the line breaks after the append is written": {after: fails(errCut)},
		"the answer gets lost":                        {after: hangs},
		"the request gets lost":                       {before: hangs},
		"the server gives up in time":                 {before: answers(codes.Aborted)},
		"the server gives up too late":                {after: answers(codes.Aborted)},
		"the server's own deadline passes":            {after: answers(codes.DeadlineExceeded)},
		"the server is not ready":                     {before: answers(codes.Unavailable)},
		"the server fails":                            {after: answers(codes.Internal)},
		"a proxy fails":                               {after: answers(codes.Unknown)},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProxy(t, newNode(t))
			p.onAppend = first(f)
			s := open(t, eventstore.Config{Socket: p.socket, CallTimeout: 1500 * time.Millisecond})
			a := storetest.Sample("br_doubts", eventstore.NoStream, 3)
			receipt := storetest.MustAppend(t, s, a)
			if n := p.appends.Load(); n != 2 {
				t.Errorf("%d requests, want the faulty one and its repeat", n)
			}
			events := storetest.ReadAll(t, s, a.Stream, 0)
			if len(events) != 3 || receipt.Revision != 2 || receipt.Position != events[2].Position {
				t.Errorf("%d events, receipt %+v", len(events), receipt)
			}
		})
	}
}

// The identical Append, repeated by the caller later, gets the receipt that the lost answer held.
func TestADoubtThatOutlivesTheCallIsTold(t *testing.T) {
	for name, f := range map[string]fault{
		"cut": {after: fails(errCut)}, "silent": {after: hangs}, "aborted": {after: answers(codes.Aborted)},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t)
			p := newProxy(t, n)
			p.onAppend = always(f)
			s := open(t, eventstore.Config{Socket: p.socket, CallTimeout: 600 * time.Millisecond})
			a := storetest.Sample("br_doubts", eventstore.NoStream, 1)
			began := time.Now()
			_, err := s.Append(t.Context(), a)
			if !errors.Is(err, eventstore.ErrInDoubt) || errors.Is(err, eventstore.ErrUnavailable) {
				t.Errorf("append: %v, want ErrInDoubt alone", err)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("the call took %v", took)
			}
			direct := open(t, eventstore.Config{Socket: n.socket})
			if got := storetest.MustAppend(t, direct, a); got.Revision != 0 {
				t.Errorf("the repeat got %+v", got)
			}
			if events := storetest.ReadAll(t, direct, a.Stream, 0); len(events) != 1 {
				t.Errorf("%d events", len(events))
			}
		})
	}
}

// The store goes away after a first try that may have been written. That nothing can be sent any more must not make the
// doubt look like "certainly not written".
func TestADoubtIsNotForgottenWhenTheStoreGoesAway(t *testing.T) {
	p := newProxy(t, newNode(t))
	p.onAppend = always(fault{after: func(context.Context) error {
		if err := os.Remove(p.socket); err != nil { // nobody can connect again
			t.Errorf("remove socket: %v", err)
		}
		return errCut
	}})
	s := open(t, eventstore.Config{Socket: p.socket, CallTimeout: 2 * time.Second})
	_, err := s.Append(t.Context(), storetest.Sample("br_doubts", eventstore.NoStream, 1))
	if !errors.Is(err, eventstore.ErrInDoubt) || errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("append: %v, want ErrInDoubt alone", err)
	}
	if n := p.appends.Load(); n != 1 || !strings.Contains(err.Error(), "nothing answers there") {
		t.Errorf("%d requests, %v: the store did not go away", n, err)
	}
}

// Had the first try been written, the repeat would have been recognised: a conflict is certain.
func TestAConflictAfterADoubtIsCertain(t *testing.T) {
	n := newNode(t)
	p, direct := newProxy(t, n), open(t, eventstore.Config{Socket: n.socket})
	other := storetest.Sample("br_doubts", eventstore.NoStream, 1)
	other.Metadata.CommandID = "somebody else"
	p.onAppend = first(fault{before: func(context.Context) error {
		storetest.MustAppend(t, direct, other) //nolint:contextcheck // it is another writer's append
		return errCut
	}})
	s := open(t, eventstore.Config{Socket: p.socket})
	_, err := s.Append(t.Context(), storetest.Sample("br_doubts", eventstore.NoStream, 1))
	if _, ok := errors.AsType[*eventstore.ConflictError](err); !ok {
		t.Errorf("append: %v, want a conflict", err)
	}
}

func TestAnswersThatSayNothingWasWritten(t *testing.T) {
	for _, c := range []struct {
		code        codes.Code
		unavailable bool
	}{
		{codes.ResourceExhausted, true},
		{codes.InvalidArgument, false},
		{codes.FailedPrecondition, false},
		{codes.Unauthenticated, false},
		{codes.PermissionDenied, false},
		{codes.Unimplemented, false},
	} {
		t.Run(c.code.String(), func(t *testing.T) {
			p := newProxy(t, newNode(t))
			p.onAppend = always(fault{before: answers(c.code)})
			s := open(t, eventstore.Config{Socket: p.socket})
			_, err := s.Append(t.Context(), storetest.Sample("br_doubts", eventstore.NoStream, 1))
			if err == nil || errors.Is(err, eventstore.ErrUnavailable) != c.unavailable || errors.Is(err, eventstore.ErrInDoubt) {
				t.Errorf("append: %v, unavailable: want %t", err, c.unavailable)
			}
			if n := p.appends.Load(); n != 1 {
				t.Errorf("%d requests for a definite answer", n)
			}
		})
	}
}

func TestARefusalDoesNotSettleADoubt(t *testing.T) {
	p := newProxy(t, newNode(t))
	p.onAppend = func(n int) fault {
		if n == 1 {
			return fault{after: answers(codes.Aborted)}
		}
		return fault{before: answers(codes.Unauthenticated)}
	}
	s := open(t, eventstore.Config{Socket: p.socket, CallTimeout: 300 * time.Millisecond})
	_, err := s.Append(t.Context(), storetest.Sample("br_doubts", eventstore.NoStream, 1))
	if !errors.Is(err, eventstore.ErrInDoubt) {
		t.Errorf("append: %v, want ErrInDoubt", err)
	}
}

// The server ends the call before it has read the request: the library loses the status and reports the end of a file. That is
// a doubt, so the request is repeated; a refusal would be final, and so would an attempt that was not sent.
//
// The faults end by themselves, long before any deadline. In this one error path the library reads the call's trailers while
// gRPC may be about to write them, because the deadline has passed: with a short deadline and faults without end the race
// detector meets that sooner or later, and it is not ours to mend.
func TestARequestThatIsCutShortIsInDoubt(t *testing.T) {
	p := newProxy(t, newNode(t))
	const cut = 3
	p.onAppend = func(n int) fault {
		if n <= cut {
			return fault{before: answers(codes.Unauthenticated), early: true}
		}
		return fault{}
	}
	s := open(t, eventstore.Config{Socket: p.socket, CallTimeout: 30 * time.Second})
	a := storetest.Sample("br_doubts", eventstore.NoStream, 300)
	for i := range a.Events {
		a.Events[i] = domain.BranchOpened{Name: string(bytes.Repeat([]byte("x"), 2000))}
	}
	storetest.MustAppend(t, s, a)
	if n := p.appends.Load(); n != cut+1 {
		t.Errorf("%d requests, want %d that are cut short and one", n, cut)
	}
	if events := storetest.ReadAll(t, s, a.Stream, 0); len(events) != len(a.Events) {
		t.Errorf("%d events", len(events))
	}
}

// The library panics when the server leaves out the name of a deleted stream. That is no reason to end the process.
func TestAPanicOfTheLibraryIsAnError(t *testing.T) {
	p := newProxy(t, newNode(t))
	p.onAppend = always(fault{before: func(ctx context.Context) error {
		if err := grpc.SetTrailer(ctx, metadata.Pairs("exception", "stream-deleted")); err != nil {
			t.Errorf("set trailer: %v", err)
		}
		return status.Error(codes.FailedPrecondition, "deleted")
	}})
	s := open(t, eventstore.Config{Socket: p.socket, CallTimeout: 300 * time.Millisecond})
	_, err := s.Append(t.Context(), storetest.Sample("br_panics", eventstore.NoStream, 1))
	if !errors.Is(err, eventstore.ErrInDoubt) {
		t.Errorf("append: %v, want ErrInDoubt", err)
	}
}
