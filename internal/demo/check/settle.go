package check

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/eventstore"
)

// identity is what makes two messages on one channel the same.
type identity struct {
	channel string
	event   uuid.UUID
	part    int
}

// pair is a message at a subscriber.
type pair struct {
	identity
	subscriber string
}

func (o Observation) pair() pair { return pair{identity{o.Channel, o.EventID, o.Part}, o.Subscriber} }

// place is where a message stands in the order of its channel: first by event, then by part.
type place struct{ event, part int }

// line is one subscriber's ear on one channel.
type line struct{ subscriber, channel string }

// Report settles the books as they stand. It may be called at any time and changes nothing; messages is the number that
// the endpoint acknowledged.
func (b *Books) Report(messages int64) Report {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := Report{
		ByAction: map[Action]int{}, Events: len(b.log), Messages: messages,
		DoubleBooked: len(b.occupied.pairs), Faults: map[string]int{},
	}
	for name, n := range map[string]int{Leaked: b.leaked, Outdated: len(b.outdated)} {
		if n > 0 {
			r.Faults[name] = n
		}
	}
	for _, a := range Actions() {
		r.ByAction[a] = 0
	}
	sent := map[eventstore.Position]time.Time{}
	for _, c := range b.commands {
		r.Commands++
		r.ByAction[c.Action]++
		if !c.Accepted {
			r.Refused++
			continue
		}
		r.Accepted++
		if c.Position != 0 {
			sent[c.Position] = c.Sent
		}
	}
	b.settle(&r, sent)
	return r
}

// Outstanding returns how many expected pairs have not arrived yet.
func (b *Books) Outstanding() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for channel := range b.attached {
		n += b.outstanding(channel, func(string) bool { return true })
	}
	return n
}

// OutstandingOf returns how many of them a subscriber still waits for on some channels.
func (b *Books) OutstandingOf(subscriber string, channels ...string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, channel := range channels {
		n += b.outstanding(channel, func(s string) bool { return s == subscriber })
	}
	return n
}

func (b *Books) outstanding(channel string, of func(subscriber string) bool) (n int) {
	for p := range b.owes(channel) {
		if _, arrived := b.seen[p]; !arrived && of(p.subscriber) {
			n++
		}
	}
	return n
}

// settle walks the arrivals in their order and compares them with what the log calls for.
func (b *Books) settle(r *Report, sent map[eventstore.Position]time.Time) {
	expected := b.expected()
	places := b.places()
	seen, replaced := map[pair]struct{}{}, map[pair]bool{} // of these only a resync has come
	order := map[line][]place{}
	var commits, commands []time.Duration
	for _, o := range b.arrivals {
		p := o.pair()
		at, known := places[p.identity]
		if !known {
			r.Faults[Phantom]++
			continue
		}
		if _, again := seen[p]; again {
			if o.Acted && !replaced[p] {
				r.Duplicates++
			}
			replaced[p] = replaced[p] && !o.Acted
			continue
		}
		seen[p] = struct{}{}
		if replaced[p] = o.Resync; o.Resync {
			r.Faults[Resync]++
		}
		l := line{o.Subscriber, o.Channel}
		var inversions int
		order[l], inversions = insert(order[l], at)
		r.Reordered += inversions
		if _, due := expected[p]; !due {
			continue
		}
		r.Received++
		event := b.log[at.event]
		commits = append(commits, o.At.Sub(event.committed))
		if t, ok := sent[event.position]; ok {
			commands = append(commands, o.At.Sub(t))
		}
	}
	r.Expected = len(expected)
	r.Lost = r.Expected - r.Received
	r.Missing = b.missing(expected, seen, places)
	r.LatencyMs = LatencyMs{CommandToReceived: Rank(commands), CommitToReceived: Rank(commits)}
}

// missing names the first of what was expected and has not been seen.
func (b *Books) missing(expected, seen map[pair]struct{}, places map[identity]place) (first []Missing) {
	var lost []pair
	for p := range expected {
		if _, arrived := seen[p]; !arrived {
			lost = append(lost, p)
		}
	}
	slices.SortFunc(lost, func(x, y pair) int {
		return cmp.Or(comparePlaces(places[x.identity], places[y.identity]), cmp.Compare(x.channel, y.channel), cmp.Compare(x.subscriber, y.subscriber))
	})
	for _, p := range lost[:min(len(lost), maxMissing)] {
		first = append(first, Missing{
			Subscriber: p.subscriber, Channel: p.channel, EventID: p.event, Part: p.part, Committed: b.log[places[p.identity].event].committed,
		})
	}
	return first
}

// expected collects the pairs that have to arrive.
func (b *Books) expected() map[pair]struct{} {
	due := map[pair]struct{}{}
	for channel := range b.attached {
		for p := range b.owes(channel) {
			due[p] = struct{}{}
		}
	}
	return due
}

// owes yields what has to arrive on a channel: every message, for whoever was attached to it before the commit. Who has
// attached twice may be named twice.
func (b *Books) owes(channel string) iter.Seq[pair] {
	return func(yield func(pair) bool) {
		for _, a := range b.attached[channel] {
			for _, m := range b.gives[channel] {
				e := b.log[m.event]
				if a.covers(e.committed) && !yield(pair{identity{channel, e.id, m.part}, a.Subscriber}) {
					return
				}
			}
		}
	}
}

// places maps every message that the log gives to its place in the log.
func (b *Books) places() map[identity]place {
	at := map[identity]place{}
	for i, e := range b.log {
		for _, m := range e.messages {
			at[identity{m.Channel, e.id, m.Part}] = place{i, m.Part}
		}
	}
	return at
}

// insert puts p into the sorted list of what arrived before it and counts the entries that should have come after it.
func insert(sorted []place, p place) ([]place, int) {
	i, _ := slices.BinarySearchFunc(sorted, p, comparePlaces)
	return slices.Insert(sorted, i, p), len(sorted) - i
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.event, b.event), cmp.Compare(a.part, b.part))
}

// Rank returns the percentiles of the latencies by nearest rank. It sorts its argument.
func Rank(latencies []time.Duration) Percentiles {
	if len(latencies) == 0 {
		return Percentiles{}
	}
	slices.Sort(latencies)
	at := func(share float64) float64 {
		i := int(math.Ceil(share*float64(len(latencies)))) - 1
		// Two decimals are 10 µs, finer than the clocks compared here.
		return math.Round(float64(latencies[i])/float64(time.Millisecond)*100) / 100
	}
	return Percentiles{P50: at(0.50), P99: at(0.99)}
}
