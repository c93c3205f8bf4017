package publishers

import (
	"context"
	"slices"
	"time"
)

// settle acts on an answer.
func (d *delivery) settle(ctx context.Context, a attempt) error {
	d.inFlight--
	now := time.Now()
	d.observe(ctx, a.answer, a.lanes)
	d.pause(a.answer, now)
	for _, l := range a.lanes {
		l.busy = false
		result, spoken := a.answer.of(l.channel)
		switch result.outcome {
		case outcomeOK:
			d.acknowledge(l, now)
		case outcomeRetryable, outcomeInDoubt:
			d.retry(l, a.answer.retryAfter, now)
		case outcomeAuth:
			l.failures++
			l.notBefore = now.Add(authPause)
		case outcomePermanent:
			if err := d.isolate(l, result, spoken || len(a.lanes) == 1, now); err != nil {
				return err
			}
		}
	}
	d.lanes = slices.DeleteFunc(d.lanes, func(l *lane) bool { return len(l.queue) == 0 })
	return nil
}

// pause holds everything back when the answer was about the account and not about a channel.
func (d *delivery) pause(a answer, now time.Time) {
	rest := a.retryAfter // whoever names a time means all of our requests
	switch a.outcome {
	case outcomeAuth:
		rest = max(rest, authPause)
	case outcomeRetryable, outcomeInDoubt, outcomePermanent:
	case outcomeOK:
		return
	}
	if until := now.Add(rest); until.After(d.pausedUntil) {
		d.pausedUntil = until
	}
}

func (d *delivery) retry(l *lane, retryAfter time.Duration, now time.Time) {
	l.failures++
	l.notBefore = now.Add(backoff(l.failures, retryAfter, d.jitter()))
}

func (d *delivery) acknowledge(l *lane, now time.Time) {
	for _, m := range l.head().messages {
		d.journal.acknowledged(m, l.attempts, now)
		d.spans.acknowledged(m, l.attempts)
	}
	l.pop()
}

// isolate narrows a refusal down: from the request to the array, from the array to the message. What is left is refused for
// good; it is kept for inspection, and a small resync message takes its place, upon which subscribers read again.
//
// A resync has no content that could be at fault, and is all that subscribers would ever learn: it is tried until it gets
// through. Only a channel whose name the service does not take has nobody to tell.
func (d *delivery) isolate(l *lane, why channelAnswer, ofThisArray bool, now time.Time) error {
	head := l.head()
	switch {
	case !ofThisArray:
		l.alone = true
		return nil
	case len(head.messages) > 1:
		ones, err := head.singles()
		l.replaceHead(ones)
		return err
	}
	m := head.messages[0]
	if m.resync && why.code != codeBadChannel {
		d.retry(l, 0, now)
		return nil
	}
	d.journal.refuse(m, why, l.attempts, now)
	d.spans.refused(m, l.attempts)
	if m.resync {
		l.pop() // the record is what remains
		return nil
	}
	notice, err := resyncOf(m)
	if err != nil {
		return err
	}
	l.replaceHead([]array{notice})
	return nil
}

// resyncOf returns the array that stands in for a message: the same place in the channel, and no content but "read again".
func resyncOf(m outgoing) (array, error) {
	notice := m
	notice.Name, notice.Payload, notice.resync = "resync", nil, true
	data, err := notice.Data()
	if err != nil {
		return array{}, err
	}
	notice.data = data
	return newArray([]outgoing{notice})
}
