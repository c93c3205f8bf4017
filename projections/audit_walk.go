package projections

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
)

// walk draws streams from the log: positions between zero and the end, and what is found there. A store only reads from where an
// event is, so that a walk goes to a drawn position from the last one before that it knows. Each walk makes another one known: what
// no row leads to is reached all the same.
type walk struct {
	log   Log
	model model
	rng   *rand.Rand
	known []eventstore.Position // where an event is, or zero; ascending

	stream eventstore.Subscription
	cancel context.CancelFunc
	at     eventstore.Position
	found  string // by the last walk
	over   bool   // the log ends before the next target
}

// The bounds of a walk: to one position, in events, and of all together.
const (
	longestWalk = 500
	walkTime    = 10 * time.Second
)

// target is a position that was drawn, and which streams are wanted there: where most of the log is about one kind of stream, the
// others are drawn as often.
type target struct {
	at     eventstore.Position
	prefix string
}

// draw returns the streams that it has come upon.
func (w *walk) draw(ctx context.Context, n int, end eventstore.Position) (streams []string, err error) {
	if end == 0 {
		return nil, nil
	}
	walking, cancel := context.WithTimeout(ctx, walkTime)
	defer cancel()
	defer func() { err = errors.Join(err, w.stop()) }()
	for _, t := range w.targets(n, end) {
		if w.over {
			break
		}
		if t.at <= w.at && strings.HasPrefix(w.found, t.prefix) {
			continue // it is the same event
		}
		if w.found, err = w.to(walking, t, end); err != nil {
			if ctx.Err() == nil && walking.Err() != nil {
				return streams, nil // it has found what it has found
			}
			return nil, err
		}
		if w.found != "" {
			streams = append(streams, w.found)
		}
	}
	return streams, nil
}

func (w *walk) targets(n int, end eventstore.Position) (targets []target) {
	var prefixes []string
	for _, o := range w.model.owned() {
		if !slices.Contains(prefixes, o.prefix) {
			prefixes = append(prefixes, o.prefix)
		}
	}
	for i := range n {
		at := eventstore.Position(w.rng.Uint64N(uint64(end))) + 1
		targets = append(targets, target{at: at, prefix: prefixes[i%len(prefixes)]})
	}
	slices.SortFunc(targets, func(a, b target) int { return cmp.Compare(a.at, b.at) })
	return targets
}

// to walks to a target and on until it has come upon a stream that is wanted, and returns the last one of these; any other, where
// it came upon none.
func (w *walk) to(ctx context.Context, t target, end eventstore.Position) (found string, err error) {
	if err := w.begin(ctx, t.at); err != nil {
		return "", err
	}
	for range longestWalk {
		m, err := w.stream.Recv()
		stream := ""
		switch broken, ok := errors.AsType[*eventstore.DecodeError](err); {
		case ok:
			stream, m.Position = broken.Stream, broken.Position
		case err != nil:
			return "", err
		case m.Event != nil:
			stream = m.Event.Stream
			w.know(m.Position)
		}
		if _, ok := unitOf(w.model, stream); ok && m.Position <= end {
			if found == "" || strings.HasPrefix(stream, t.prefix) || !strings.HasPrefix(found, t.prefix) {
				found = stream
			}
		}
		w.at = max(w.at, m.Position)
		if err != nil {
			w.know(m.Position)
			return found, w.stop()
		}
		if m.CaughtUp {
			w.over = true
			return found, nil
		}
		if m.Position >= end || m.Position >= t.at && strings.HasPrefix(found, t.prefix) {
			return found, nil
		}
	}
	return found, nil
}

// begin goes where the nearest known position before is, unless the last walk has ended there.
func (w *walk) begin(ctx context.Context, before eventstore.Position) (err error) {
	i, _ := slices.BinarySearch(w.known, before)
	from := w.known[max(i-1, 0)]
	if w.stream != nil && w.at == from {
		return nil
	}
	if err := w.stop(); err != nil {
		return err
	}
	ctx, w.cancel = context.WithCancel(ctx)
	w.at = from
	w.stream, err = w.log.Subscribe(ctx, from)
	return err
}

func (w *walk) know(at eventstore.Position) {
	if i, there := slices.BinarySearch(w.known, at); !there {
		w.known = slices.Insert(w.known, i, at)
	}
}

func (w *walk) stop() error {
	if w.cancel == nil {
		return nil
	}
	w.cancel()
	w.cancel = nil
	if w.stream == nil {
		return nil
	}
	err := w.stream.Close()
	w.stream = nil
	return err
}
