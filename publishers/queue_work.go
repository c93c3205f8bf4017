package publishers

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/royalglow/booking/internal/subscription"
)

// takeAtOnce is for how many channels one transaction asks for messages.
const takeAtOnce = 50

// load fills in what waits in durable queues.
func (d *dispatcher) load(ctx context.Context) error {
	channels, parked, err := d.state.backlog(ctx)
	if err != nil {
		return err
	}
	for _, channel := range channels {
		d.add(&lane{channel: channel, more: true})
	}
	for channel, row := range parked {
		l := d.byChannel[channel]
		if l == nil {
			l = &lane{channel: channel}
			d.add(l)
		}
		l.parked = row
	}
	d.report()
	return nil
}

// work starts the transaction that is due, and returns after how long one may be.
func (d *dispatcher) work(now time.Time) time.Duration {
	wait := maxBackoff
	if d.doing {
		return wait
	}
	if left := d.dueAt.Sub(now); left > 0 {
		return left
	}
	var parked []string
	for _, l := range d.lanes {
		if l.parked != nil && l.stored() && !l.unwritten {
			parked = append(parked, l.channel)
		}
		if l.stored() && l.more && !l.taking && len(l.queue) == 0 && l.parked == nil && len(d.due.take) < takeAtOnce && !d.held() {
			l.taking, l.more = true, false
			d.due.take = append(d.due.take, l.channel)
		}
	}
	if len(parked) > 0 {
		if left := d.lookAt.Sub(now); left > 0 {
			wait = left
		} else {
			d.due.look, d.lookAt = parked, now.Add(lookAtParked)
			wait = lookAtParked
		}
	}
	if d.due.empty() {
		return wait
	}
	c := d.due
	d.due, d.doing = newChores(), true
	d.workers.Go(func() {
		f, err := d.state.do(d.wire, c, now)
		d.done <- done{c, f, err}
	})
	return wait
}

// wrote goes on when a transaction has ended.
func (d *dispatcher) wrote(ctx context.Context, w done) {
	d.doing = false
	if w.err != nil {
		if errors.Is(w.err, subscription.ErrTermOver) {
			d.over = w.err
			return
		}
		w.chores.add(d.due)
		d.due = w.chores
		d.failures++
		d.dueAt = time.Now().Add(backoff(d.failures, 0, d.jitter()))
		if d.failures == 1 {
			d.board.log.WarnContext(ctx, "queues not written", slog.Any("error", w.err))
		}
		return
	}
	d.failures, d.dueAt = 0, time.Time{}
	for channel := range d.byChannel {
		d.byChannel[channel].unwritten = false
	}
	d.marks()
	for channel, arrays := range w.findings.arrays {
		l := d.byChannel[channel]
		l.taking = false
		if l.reread {
			l.reread, l.more = false, true
			continue
		}
		l.queue = append(l.queue, arrays...)
		l.more = l.more || len(arrays) > 0
	}
	for _, row := range w.findings.unreadable {
		l := d.byChannel[row.Channel]
		l.parked, l.more = row, true // who mends it begins with what is stored
		d.logParked(row)
	}
	d.unpark(ctx, w.findings.parked)
	d.tidy()
}

// marks keeps lanes with changes that have come up since.
func (d *dispatcher) marks() {
	for channel := range d.due.settled {
		d.byChannel[channel].unwritten = true
	}
	for _, m := range d.due.replaced {
		d.byChannel[m.Channel].unwritten = true
	}
	for _, row := range d.due.parked {
		d.byChannel[row.Channel].unwritten = true
	}
}

// park makes a channel wait for an operator, unless there is no room for another: then it is tried on. A replay goes on without what
// nobody takes.
func (d *dispatcher) park(l *lane, why string, last channelAnswer, now time.Time) {
	switch {
	case l.handed:
		return // when it is stored it fails again
	case l.replay():
		l.plan.refused += len(l.head().messages) // the original is what waits, or was refused before
		l.pop()
		return
	}
	if d.parked() >= MaxParkedChannels {
		d.retry(l, 0, now)
		return
	}
	l.parked = newParkedRow(l.channel, why, last, now)
	d.logParked(l.parked)
	if l.plan != nil {
		d.hand(l)
		return
	}
	d.due.parked = append(d.due.parked, l.parked)
	l.unwritten = true
	l.queue, l.more = nil, true // who redrives it later begins with what is stored
}

func (d *dispatcher) logParked(row *parkedRow) {
	d.board.log.Error("channel parked: its messages wait until an operator redrives them",
		slog.String("channel", row.Channel), slog.String("why", row.Why), slog.Int("status", row.Status),
		slog.Int("ably_code", row.Code), slog.String("reason", row.Reason))
}

// unpark lets channels go on that an operator has redriven.
func (d *dispatcher) unpark(ctx context.Context, looked map[string]bool) {
	for channel, still := range looked {
		l := d.byChannel[channel]
		if still || l.parked == nil {
			continue
		}
		l.parked = nil
		l.again()
		l.more = l.more || len(l.queue) == 0
		d.board.log.InfoContext(ctx, "channel redriven", slog.String("channel", channel))
	}
}

// While a large plan is sent, lines of its journal are written after so many arrays, and after so much time: whoever takes it over does not
// begin from its first message.
const (
	noteAtOnce = 100
	noteAfter  = 200 * time.Millisecond
)

// noteLines begins to write what a plan has come to so far, when that is due, and returns after how long it may be.
func (d *dispatcher) noteLines(now time.Time) time.Duration {
	p := d.plan
	if p == nil || p.noting || p.open <= 0 || p.settled == 0 {
		return maxBackoff
	}
	if left := p.notedAt.Add(noteAfter).Sub(now); left > 0 && p.settled < noteAtOnce {
		return left
	}
	rows := p.journal.unwritten()
	p.noting, p.settled, p.notedAt = true, 0, now
	d.workers.Go(func() { d.noted <- noted{p, rows, d.state.note(d.wire, rows)} })
	return maxBackoff
}

// wroteLines goes on when they are written. If not, the commit does it.
func (d *dispatcher) wroteLines(n noted) {
	n.plan.noting = false
	if n.plan.open < 0 {
		return // it was given up
	}
	if n.err != nil {
		n.plan.journal.failed(n.rows)
	}
	n.plan.finished()
}
