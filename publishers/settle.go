package publishers

import (
	"context"
	"slices"
	"time"
)

// settle acts on an answer.
func (d *dispatcher) settle(ctx context.Context, a *attempt) {
	d.flying = slices.DeleteFunc(d.flying, func(f *attempt) bool { return f == a })
	now := time.Now()
	d.circuit.answered(a.answer.lost(), now)
	d.pause(a.answer, now)
	if !a.check {
		d.board.observe(ctx, a.answer, a.lanes)
	}
	for _, l := range a.lanes {
		l.busy = false
		switch {
		case l.gone:
			l.queue = nil
		case a.check:
			d.checked(l, a, now)
		default:
			d.result(l, a, now)
		}
		if l.reread {
			l.reread, l.queue, l.more = false, nil, true
		}
		d.finishPlan(l)
	}
	d.tidy()
}

// finishPlan counts a lane of a plan that has nothing left.
func (d *dispatcher) finishPlan(l *lane) {
	if l.plan == nil || l.handed || l.gone || len(l.queue) > 0 {
		return
	}
	p := l.plan
	l.plan = nil
	p.open--
	p.finished()
}

// result acts on what became of the head of one lane.
func (d *dispatcher) result(l *lane, a *attempt, now time.Time) {
	r, spoken := a.answer.of(l.channel)
	alone := spoken || len(a.lanes) == 1
	switch r.outcome {
	case outcomeOK:
		d.acknowledge(l, now)
	case outcomeRetryable, outcomeInDoubt:
		l.head().doubt = l.head().doubt || r.outcome == outcomeInDoubt
		d.retry(l, a.answer.retryAfter, now)
		// By itself it says nothing about the channel, unless others got through meanwhile.
		about := spoken || len(a.lanes) == 1 && d.acked > l.acked
		if l.acked = d.acked; about && r.outcome == outcomeInDoubt && r.status != 0 {
			d.countAnswered(l, r, now)
		}
	case outcomeAuth:
		l.failures++
		l.notBefore = now.Add(authPause)
		if spoken { // the key is accepted, but not for this channel
			d.countAnswered(l, r, now)
		}
	case outcomePermanent:
		if l.handed {
			d.retry(l, 0, now) // it is what was stored, until it is refused again
			return
		}
		d.isolate(l, r, alone, now)
	}
}

// countAnswered parks a channel when the service has failed too often for it alone.
func (d *dispatcher) countAnswered(l *lane, r channelAnswer, now time.Time) {
	if l.answered++; l.answered >= parkAfter {
		d.park(l, parkedAttempts, r, now)
	}
}

// pause holds everything back when the answer was about the account and not about a channel.
func (d *dispatcher) pause(a answer, now time.Time) {
	rest := a.retryAfter
	switch a.outcome {
	case outcomeAuth:
		rest = max(rest, authPause)
	case outcomeRetryable:
		if a.code == codeChannelRate || a.code == codeChannelBandwidth {
			return // its lanes wait
		}
	case outcomeInDoubt, outcomePermanent:
	case outcomeOK:
		return
	}
	if until := now.Add(rest); rest > 0 && until.After(d.pausedUntil) {
		d.pausedUntil = until
	}
}

func (d *dispatcher) retry(l *lane, retryAfter time.Duration, now time.Time) {
	l.failures++
	l.notBefore = now.Add(backoff(l.failures, retryAfter, d.jitter()))
}

func (d *dispatcher) acknowledge(l *lane, now time.Time) {
	head := *l.head()
	d.acked++
	switch {
	case l.handed:
		l.early = append(l.early, head) // its rows are being written
	case l.plan == nil:
		d.settled(l, head, now)
	default:
		for _, m := range head.messages {
			l.plan.journal.acknowledged(m, l.attempts, now)
			d.spans.acknowledged(m, l.attempts)
		}
		l.plan.settled++
	}
	l.pop()
}

// settled takes note of an array of a durable queue that was acknowledged.
func (d *dispatcher) settled(l *lane, a array, now time.Time) {
	for _, m := range a.messages {
		d.due.journal.acknowledged(m, max(1, l.attempts), now)
	}
	d.due.settled[l.channel] = a.last()
	l.unwritten = true
}

// isolate narrows a refusal down: from the request to the array, from the array to the message. What is left is refused for
// good; it is kept for inspection, and a small resync message takes its place, upon which subscribers read again.
//
// A resync has no content that could be at fault. When even that is refused, or the name of the channel, the channel is parked.
func (d *dispatcher) isolate(l *lane, why channelAnswer, ofThisArray bool, now time.Time) {
	head := *l.head()
	switch {
	case !ofThisArray:
		l.alone = true
		return
	case len(head.messages) > 1:
		l.replaceHead(head.singles())
		return
	}
	m := head.messages[0]
	if m.resync || why.code == codeBadChannel || l.replay() {
		d.park(l, parkedRefused, why, now)
		return
	}
	notice, err := resyncOf(m)
	if err != nil {
		d.retry(l, 0, now)
		return
	}
	attempts := l.attempts
	d.spans.refused(m, attempts)
	if l.plan == nil {
		d.due.journal.refuse(m, why, attempts, now)
		d.due.replaced = append(d.due.replaced, notice.messages[0])
		l.unwritten = true
	} else {
		l.plan.journal.refuse(m, why, attempts, now)
	}
	l.replaceHead([]array{notice})
}

// resyncOf returns the array that stands in for a message: the same place in the channel, and no content but "read again".
func resyncOf(m outgoing) (array, error) {
	notice := m
	notice.Name, notice.Payload, notice.resync = resyncName, nil, true
	data, err := notice.Data()
	if err != nil {
		return array{}, err
	}
	notice.data = data
	return newArray([]outgoing{notice}), nil
}
