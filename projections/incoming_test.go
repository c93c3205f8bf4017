package projections_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/projections"
)

// piped is a source of one subscription, which delivers what a test puts in.
type piped struct {
	items chan func() (subscription.Item, error)
	ctx   context.Context //nolint:containedctx // as in every Stream
}

// newPiped returns one in which more can wait than any of these tests puts in.
func newPiped() *piped { return &piped{items: make(chan func() (subscription.Item, error), 100)} }

// Subscribe begins with what was put in first.
func (p *piped) Subscribe(ctx context.Context, _ eventstore.Position) (subscription.Stream, error) {
	p.ctx = ctx
	return p, nil
}

// Recv returns what was put in.
func (p *piped) Recv() (subscription.Item, error) {
	select {
	case next := <-p.items:
		return next()
	case <-p.ctx.Done():
		return subscription.Item{}, context.Cause(p.ctx)
	}
}

// Close gives the subscription back.
func (*piped) Close() error { return nil }

var errCut = errors.New("cut by the test")

// put puts in items such as "event 10", "notice 12", "over 12" (history is), "bad 20" (an event that cannot be decoded), and "cut 0".
func (p *piped) put(what string) {
	var kind string
	var at eventstore.Position
	if _, err := fmt.Sscan(what, &kind, &at); err != nil {
		panic(err)
	}
	item, err := subscription.Item{Position: at, CaughtUp: kind == "over"}, error(nil)
	switch kind {
	case "event":
		item.Event = &eventstore.Recorded{Position: at, Event: domain.BranchOpened{}}
	case "bad":
		err = &eventstore.DecodeError{Stream: "branch-br_first1", Position: at, Type: "branch.opened", Err: errGarbled}
	case "cut":
		err = errCut
	}
	p.items <- func() (subscription.Item, error) { return item, err }
}

// turn is one call of Chunk, after items were put in and received, and what it is to return.
type turn struct {
	put   []string
	most  int // zero: 10
	limit eventstore.Position

	events []eventstore.Position
	pause  bool
	err    error
	at     eventstore.Position
	waits  bool
}

const noLimit = eventstore.Position(math.MaxUint64)

type positions = []eventstore.Position

// incomings are what a build may come upon. It receives four events ahead, and begins after 5.
func incomings() map[string][]turn {
	items := func(list ...string) []string { return list }
	history := items("event 10", "event 20", "event 30", "over 30")
	return map[string][]turn{
		"no limit": {
			{put: history, limit: noLimit, events: positions{10, 20, 30}, pause: true, at: 30},
			{limit: noLimit, pause: true, at: 30, waits: true},
			{put: items("event 40"), limit: noLimit, events: positions{40}, pause: true, at: 40},
			{put: items("notice 45"), limit: noLimit, pause: true, at: 45},
			{put: items("event 50", "event 60"), most: 1, limit: noLimit, events: positions{50}, at: 50},
			{most: 1, limit: noLimit, events: positions{60}, pause: true, at: 60},
		},
		"history comes slowly": {
			{put: items("event 10"), limit: noLimit, events: positions{10}, at: 10, waits: true},
			{put: items("notice 15"), limit: noLimit, at: 15, waits: true},
			{limit: noLimit, at: 15, waits: true},
			{put: items("over 15"), limit: noLimit, pause: true, at: 15},
		},
		"more than the feed holds": {
			{
				put:    items("event 10", "event 20", "event 30", "event 40", "event 50", "over 50"),
				limit:  noLimit,
				events: positions{10, 20, 30, 40}, at: 40,
			},
			{limit: noLimit, events: positions{50}, pause: true, at: 50},
		},
		"the limit moves in the middle of a batch": {
			{put: history, limit: 9, pause: true, at: 9},
			{limit: 10, events: positions{10}, pause: true, at: 10},
			{limit: 10, pause: true, at: 10},
			{limit: 25, events: positions{20}, pause: true, at: 25},
			{limit: 29, pause: true, at: 29},
			{limit: 40, events: positions{30}, pause: true, at: 30},
			{put: items("event 50"), limit: 40, pause: true, at: 40},
			{limit: noLimit, events: positions{50}, pause: true, at: 50},
		},
		"few at a time up to the limit": {
			{put: history, most: 1, limit: 20, events: positions{10}, at: 10},
			{most: 1, limit: 20, events: positions{20}, pause: true, at: 20},
			{most: 1, limit: 30, events: positions{30}, pause: true, at: 30},
		},
		"the limit lies before the beginning": {
			{put: history, limit: 0, pause: true, at: 5},
			{limit: 5, pause: true, at: 5},
			{limit: noLimit, events: positions{10, 20, 30}, pause: true, at: 30},
		},
		"the limit goes back": {
			{put: history, most: 2, limit: noLimit, events: positions{10, 20}, at: 20},
			{limit: 15, pause: true, at: 20},
			{limit: noLimit, events: positions{30}, pause: true, at: 30},
		},
		"notices only": {
			{put: items("notice 10", "notice 20"), limit: 15, pause: true, at: 15, waits: true},
			{put: items("over 20"), limit: 15, pause: true, at: 15},
			{limit: noLimit, pause: true, at: 20},
		},
		"a notice beyond the limit after an event": {
			{put: items("event 10", "notice 20", "over 20"), limit: 15, events: positions{10}, pause: true, at: 15},
			{limit: 20, pause: true, at: 20, waits: true},
		},
		"nothing at all": {
			{put: items("over 0"), limit: 0, pause: true, at: 5},
			{limit: noLimit, pause: true, at: 5},
		},
		"an error beyond the limit": {
			{put: items("event 10", "bad 20"), limit: 15, events: positions{10}, at: 10},
			{limit: 15, pause: true, at: 15},
			{limit: 19, pause: true, at: 19},
			{limit: 20, err: projections.ErrAgain, at: 19},
		},
		"an error behind events beyond the limit": {
			{put: items("event 10", "event 20", "bad 30"), limit: 15, events: positions{10}, pause: true, at: 15},
			{limit: 15, pause: true, at: 15},
			{limit: 25, events: positions{20}, at: 20},
			{limit: 25, pause: true, at: 25},
			{limit: noLimit, err: projections.ErrAgain, at: 25},
		},
		"an error within the limit": {
			{put: items("event 10", "bad 20"), limit: 20, events: positions{10}, at: 10},
			{limit: 20, err: errGarbled, at: 10},
		},
		"an error first of all": {
			{put: items("bad 20"), limit: 15, pause: true, at: 15},
			{limit: 15, pause: true, at: 15},
		},
		"an error once history is over": {
			{put: items("event 10", "over 10"), limit: noLimit, events: positions{10}, pause: true, at: 10},
			{put: items("event 20", "bad 30"), limit: noLimit, events: positions{20}, at: 20},
			{limit: 20, pause: true, at: 20},
			{limit: noLimit, err: projections.ErrAgain, at: 20},
		},
		"cut off": {
			{put: items("event 10", "event 20", "cut 0"), limit: 15, events: positions{10}, pause: true, at: 15},
			{limit: 20, events: positions{20}, at: 20},
			{limit: 20, err: errCut, at: 20},
		},
	}
}

func TestABuildReceivesUpToItsLimit(t *testing.T) {
	t.Parallel()
	for name, turns := range incomings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { take(t, turns) })
		})
	}
}

func take(t *testing.T, turns []turn) {
	t.Helper()
	p := newPiped()
	in, err := projections.Receive(t.Context(), p, 5, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range turns {
		for _, item := range want.put {
			p.put(item)
		}
		synctest.Wait() // for whatever can be received
		most := want.most
		if most == 0 {
			most = 10
		}
		began := time.Now()
		events, pause, err := in.Chunk(t.Context(), most, want.limit)
		var got positions
		for _, e := range events {
			got = append(got, e.Position)
		}
		if !slices.Equal(got, want.events) || pause != want.pause || !errors.Is(err, want.err) || in.At() != want.at {
			t.Errorf("turn %d: events %d, pause %t, error %v, at %d; not %+v", i, got, pause, err, in.At(), want)
		}
		wait := time.Duration(0)
		if want.waits {
			wait = projections.Idle
		}
		if took := time.Since(began); took != wait {
			t.Errorf("turn %d took %s, not %s", i, took, wait)
		}
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
}
