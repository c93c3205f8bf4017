package publishers

import "time"

// lane is what one channel has to send. Its arrays go out strictly one after the other: the service promises no order between
// requests that overlap, nor between two arrays for one channel in one request.
//
// A lane belongs to a plan, to a replay, or to the durable queue of its channel; only that of a queue lasts.
type lane struct {
	channel string
	plan    *plan   // whose arrays these are; nil: they have rows in the durable queue
	queue   []array // the head is sent next, or is on its way

	// handed: the arrays of a plan are about to be stored in the durable queue, and wait until they are. early are those that were
	// acknowledged meanwhile.
	handed bool
	early  []array
	gone   bool // nobody wants the arrays any more, but the head is on its way

	// Of a durable queue: whether it holds messages that are not here, whether it is being asked for them, how many plans are about
	// to add some, and how many changes of it are not written yet.
	more      bool
	taking    bool
	awaited   bool
	unwritten bool
	reread    bool // what is on its way, or being asked for, is forgotten: it is asked for again
	parked    *parkedRow

	// attempts counts those at the head, failures those since it last went well, answered those of the failures that were the
	// service's answer about this channel and no other.
	attempts  int
	failures  int
	answered  int
	acked     uint64    // how many arrays the service had acknowledged when it last failed
	tried     time.Time // when the head was first tried by this process
	busy      bool      // the head is on its way
	notBefore time.Time // when the head may be sent
	alone     bool      // a request that held the head was refused as a whole; the head goes out by itself
}

// lanes groups the messages of a plan by channel, in the order in which the channels first appear.
func lanes(messages []outgoing, of *plan) []*lane {
	var order []string
	byChannel := map[string][]int{}
	for i, m := range messages {
		if _, seen := byChannel[m.Channel]; !seen {
			order = append(order, m.Channel)
		}
		byChannel[m.Channel] = append(byChannel[m.Channel], i)
	}
	// A plan may have many messages, and they are large: they are copied once.
	sorted := make([]outgoing, 0, len(messages))
	out := make([]*lane, 0, len(order))
	for _, name := range order {
		start := len(sorted)
		for _, i := range byChannel[name] {
			sorted = append(sorted, messages[i])
		}
		out = append(out, &lane{channel: name, queue: split(sorted[start:len(sorted):len(sorted)]), plan: of})
	}
	return out
}

func (l *lane) head() *array { return &l.queue[0] }

// last is the place of the last message of the head.
func (a array) last() queuePlace { return a.messages[len(a.messages)-1].place() }

// pop goes on to the next array.
func (l *lane) pop() {
	l.queue = l.queue[1:]
	l.again()
}

// again lets the head be sent as if it had never been.
func (l *lane) again() {
	l.attempts, l.failures, l.answered, l.alone = 0, 0, 0, false
	l.notBefore, l.tried = time.Time{}, time.Time{}
}

// replaceHead puts other arrays in the place of the head.
func (l *lane) replaceHead(with []array) { l.queue = append(with, l.queue[1:]...) }

// stored reports whether the lane is that of a durable queue.
func (l *lane) stored() bool { return l.plan == nil && !l.gone }

// replay reports whether the lane is that of a replay.
func (l *lane) replay() bool { return l.plan != nil && l.plan.replay }

// done reports whether nothing is left of the lane.
func (l *lane) done() bool {
	return len(l.queue) == 0 && !l.busy && !l.handed &&
		(l.plan != nil || l.gone || !l.more && !l.taking && !l.awaited && !l.unwritten && l.parked == nil)
}

// idle reports whether the head may be sent at the time, as far as the lane is concerned, or how long until then.
func (l *lane) idle(now time.Time) (ready bool, wait time.Duration) {
	if l.busy || l.handed || l.gone || l.parked != nil || len(l.queue) == 0 {
		return false, maxBackoff // something else comes first
	}
	if left := l.notBefore.Sub(now); left > 0 {
		return false, left
	}
	return true, 0
}
