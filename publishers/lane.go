package publishers

import "time"

// lane is one channel's share of a plan. Its arrays go out strictly one after the other: the service promises no order
// between requests that overlap, nor between two arrays for one channel in one request.
type lane struct {
	channel string
	queue   []array // the head is sent next, or is on its way
	// attempts counts those at the head, failures those since it last went well.
	attempts  int
	failures  int
	busy      bool      // the head is on its way
	notBefore time.Time // when the head may be sent
	alone     bool      // a request that held the head was refused as a whole; the head goes out by itself
}

// lanes groups the messages of a plan by channel, in the order in which the channels first appear.
func lanes(messages []outgoing) ([]*lane, error) {
	var order []string
	byChannel := map[string][]outgoing{}
	for _, m := range messages {
		if _, seen := byChannel[m.Channel]; !seen {
			order = append(order, m.Channel)
		}
		byChannel[m.Channel] = append(byChannel[m.Channel], m)
	}
	out := make([]*lane, 0, len(order))
	for _, name := range order {
		arrays, err := split(byChannel[name])
		if err != nil {
			return nil, err
		}
		out = append(out, &lane{channel: name, queue: arrays})
	}
	return out, nil
}

func (l *lane) head() array { return l.queue[0] }

// pop goes on to the next array.
func (l *lane) pop() {
	l.queue = l.queue[1:]
	l.attempts, l.failures, l.alone, l.notBefore = 0, 0, false, time.Time{}
}

// replaceHead puts other arrays in the place of the head.
func (l *lane) replaceHead(with []array) { l.queue = append(with, l.queue[1:]...) }
