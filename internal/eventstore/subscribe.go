package eventstore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/domain"
)

// searchWindow is after how many events without a match the server reports its position.
const searchWindow = 1000

var errSubscriptionOver = errors.New("subscription over")

// Subscribe delivers the domain events of all streams after the position (0: from the first), then each new one. It returns
// at once; the subscription is opened by the first Recv. It ends with ctx, with Close of the store, or with the connection.
func (s *Store) Subscribe(ctx context.Context, after Position) (Subscription, error) {
	if s.listening.Err() != nil {
		return nil, fmt.Errorf("subscribe: %w", ErrClosed)
	}
	ctx, release := joined(ctx, s.listening)
	return &subscription{s: s, ctx: ctx, release: release, after: after, leave: func() {}}, nil
}

// subscription is one subscription of the library. Its receiving runs on the caller's goroutine: the library hands over to
// gRPC there, which heeds the context.
type subscription struct {
	s       *Store
	ctx     context.Context
	release func()
	after   Position
	session *session
	inner   *esdb.Subscription
	leave   func() // the session
	over    error  // why there is no more
}

// Recv opens the subscription when it is the first call, and blocks for the next message.
func (b *subscription) Recv() (Message, error) {
	for b.over == nil {
		if b.inner == nil {
			if err := b.open(); err != nil {
				return Message{}, b.end(err)
			}
		}
		var got *esdb.SubscriptionEvent
		if err := safely(func() error { got = b.inner.Recv(); return nil }); err != nil {
			return Message{}, b.end(err)
		}
		m, more, err := b.translate(got)
		if err != nil {
			return Message{}, b.end(err)
		}
		if !more {
			return m, nil
		}
	}
	return Message{}, b.over
}

// translate turns what the library says into a message; more: it says nothing of interest.
func (b *subscription) translate(got *esdb.SubscriptionEvent) (m Message, more bool, err error) {
	switch {
	case got.SubscriptionDropped != nil:
		return Message{}, false, got.SubscriptionDropped.Error
	case got.EventAppeared != nil && got.EventAppeared.Event != nil:
		r, err := b.s.recorded(got.EventAppeared.Event)
		if err != nil {
			return Message{}, false, err
		}
		b.after = r.Position
		return Message{Event: r, Position: r.Position}, false, nil
	case got.CheckPointReached != nil && b.session.checkpoints && position(*got.CheckPointReached) > b.after:
		b.after = position(*got.CheckPointReached)
		return Message{Position: b.after}, false, nil
	case got.CaughtUp != nil:
		return Message{Position: b.after, CaughtUp: true}, false, nil
	}
	return Message{}, true, nil
}

func (b *subscription) open() error {
	for {
		sess, err := b.s.sup.session(b.ctx)
		if err != nil {
			return err
		}
		err = b.openOn(sess)
		if !errors.Is(err, errRetired) {
			return err
		}
	}
}

func (b *subscription) openOn(sess *session) error {
	// The subscription is a user of the session for as long as it lives, and not just while it is opened.
	if !sess.users.enter() {
		return errRetired
	}
	leave := sync.OnceFunc(sess.users.leave)
	var inner *esdb.Subscription
	c, err := sess.start(b.ctx, func(ctx context.Context, client *esdb.Client) error {
		var err error
		inner, err = client.SubscribeToAll(ctx, esdb.SubscribeToAllOptions{
			From:            from(b.after),
			MaxSearchWindow: searchWindow,
			Filter:          &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: domain.StreamPrefixes()},
		})
		return err
	})
	if err == nil {
		err = c.wait(b.ctx)
	}
	b.session = sess
	if err != nil {
		leave()
		return err
	}
	b.inner, b.leave = inner, leave
	return nil
}

// from is exclusive. Events are not written in transactions that span several, so both halves of a position are the same.
func from(after Position) esdb.AllPosition {
	if after == 0 {
		return esdb.Start{}
	}
	return esdb.Position{Commit: uint64(after), Prepare: uint64(after)}
}

// end closes the subscription for good and says why.
func (b *subscription) end(err error) error {
	if b.session != nil && connectionLost(err) {
		b.session.retire()
	}
	b.over = errSubscriptionOver
	cause := context.Cause(b.ctx)
	b.giveBack()
	if _, ok := errors.AsType[*DecodeError](err); ok {
		return err
	}
	switch {
	case cause != nil:
		return fmt.Errorf("receive: %w", cause)
	case foreignPosition(err):
		return fmt.Errorf("receive after position %d: %w", b.after, ErrForeignPosition)
	case errors.Is(err, ErrUnavailable), errors.Is(err, ErrClosed), judge(err) == refused:
		return fmt.Errorf("receive: %w", b.s.sup.server.legible(err))
	}
	return fmt.Errorf("receive: %w: %w", ErrUnavailable, b.s.sup.server.legible(err))
}

func (b *subscription) giveBack() {
	if b.inner != nil {
		_ = b.inner.Close() // it only cancels, and never fails
	}
	b.release()
	b.leave()
}

// Close gives the subscription back. It may be called again.
func (b *subscription) Close() error {
	if b.over == nil {
		b.over = errSubscriptionOver
		b.giveBack()
	}
	return nil
}
