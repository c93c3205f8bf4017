package demo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

const (
	// maxDrain bounds how long a run waits, after its last command, for answers and messages that are under way, unless it is told.
	maxDrain = 10 * time.Second
	// maxLateness bounds how long after the duration commands may come that were due within it.
	maxLateness = 2 * time.Second
	// settleEvery is how often the drain looks at the books.
	settleEvery = 20 * time.Millisecond
)

// Run opens the town, lets people use the engine until the duration is over or the context ends, waits for what is still under way
// as long as its patience lasts, and settles the books. A context that ends while it waits cuts the waiting short.
//
// An error means that the run could not be made or the log not be read; whether the engine kept its promises is in the
// report (check.Report.Failures). Nothing that Run started is running when it returns.
func Run(ctx context.Context, c Config) (check.Report, error) {
	c, err := c.withDefaults()
	if err != nil {
		return check.Report{}, err
	}
	t := newTown(c)
	defer t.api.close()
	// The work goes on when ctx ends: what people have begun they finish.
	work, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer t.pages.Wait()
	defer stop(errStopped)
	if err := t.follow(ctx, work, stop); err != nil {
		return check.Report{}, err
	}
	t.pages.Go(func() { t.showView(work) })

	unhook := context.AfterFunc(ctx, func() { stop(context.Cause(ctx)) })
	err = t.build(work)
	if unhook(); err != nil || work.Err() != nil {
		return check.Report{}, fmt.Errorf("open the demo: %w", firstCause(work, err))
	}
	t.runCommands(ctx, work)
	stop(errStopped)
	t.pages.Wait()
	report := t.books.Report(c.Acknowledged())
	if cause := context.Cause(work); !errors.Is(cause, errStopped) {
		return report, cause
	}
	return report, nil
}

// firstCause prefers why the work was stopped over what that broke.
func firstCause(work context.Context, err error) error {
	if cause := context.Cause(work); cause != nil {
		return cause
	}
	return err
}

// follow tells the books what the log holds from now on.
func (t *town) follow(ctx, work context.Context, stop context.CancelCauseFunc) error {
	head, err := t.Log.Head(ctx)
	if err != nil {
		return fmt.Errorf("find the end of the log: %w", err)
	}
	t.pages.Go(func() {
		err := t.Log.Follow(work, head, func(rec eventstore.Recorded) { t.books.Event(rec, t.Messages(rec)) })
		if work.Err() == nil {
			stop(fmt.Errorf("follow the log: %w", err))
		}
	})
	return nil
}

// runCommands lets the people act, and then waits for what is under way.
func (t *town) runCommands(ctx, work context.Context) {
	acting, stopActing := context.WithCancel(work)
	defer stopActing()
	var acts sync.WaitGroup
	t.board.phase("running")
	t.pace(ctx, acting, &acts)

	t.board.phase("draining")
	parent := work
	if ctx.Err() == nil {
		parent = ctx // it is still there to be ended; the other case is that it ended the commands
	}
	drain, cancel := context.WithTimeout(parent, t.Patience)
	defer cancel()
	defer context.AfterFunc(drain, stopActing)()
	acts.Wait()
	t.books.Stop(time.Now())
	if t.drain(drain) {
		t.comparePages(drain)
	}
	t.board.phase("done")
}

// pace issues commands at an even rate, whatever becomes of them.
func (t *town) pace(ctx, acting context.Context, acts *sync.WaitGroup) {
	start := time.Now()
	if t.Duration > 0 {
		var cancel context.CancelFunc
		// A command that is due is issued even when the machine was held up for a moment.
		ctx, cancel = context.WithTimeout(ctx, t.Duration+maxLateness)
		defer cancel()
	}
	places := make(chan struct{}, t.concurrency())
	for i := 0; ; i++ {
		due := time.Duration(float64(i) / t.Rate * float64(time.Second))
		if t.Duration > 0 && due >= t.Duration {
			return
		}
		if pause(ctx, time.Until(start.Add(due))) != nil || acting.Err() != nil {
			return
		}
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		w := t.nextWant(ctx, i)
		if w == nil {
			return
		}
		acts.Go(func() {
			defer func() { <-places }()
			t.act(acting, w)
		})
	}
}

// nextWant finds somebody who wants something, beginning with the salon whose turn it is. It returns nil only when the
// context ends first.
func (t *town) nextWant(ctx context.Context, turn int) *want {
	for {
		for i := range t.salons {
			if w := t.salons[(turn+i)%len(t.salons)].next(); w != nil {
				return w
			}
		}
		if pause(ctx, settleEvery) != nil {
			return nil
		}
	}
}

// drain waits until the log shows every receipt and every page got what it was owed; false when the context ended first.
func (t *town) drain(ctx context.Context) bool {
	for {
		began := time.Now()
		if uint64(t.books.Head()) >= t.receipts.Load() && t.books.Outstanding() == 0 {
			return true
		}
		// Settling the books of a long run takes a while; it must not starve those who wait for a message.
		if pause(ctx, max(settleEvery, 4*time.Since(began))) != nil {
			return false
		}
	}
}
