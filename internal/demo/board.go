package demo

import (
	"cmp"
	"sync"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

const (
	recentLatencies = 1000
	recentSentences = 6
)

// board collects what the live view shows. Nothing is decided by it; the books are kept elsewhere.
type board struct {
	rate float64

	mu        sync.Mutex
	stage     string
	branches  int
	people    int
	began     time.Time // of the first command
	accepted  map[check.Action]int
	refused   int
	reads     int
	heard     map[string]int // by kind of channel
	latencies []time.Duration
	oldest    int // index of the oldest latency once the list is full
	sentences []sentence
	names     map[string]string // customers by open booking: not every message says whose booking it is
}

// sentence is an event in words.
type sentence struct {
	who, what string
	took      time.Duration
}

func newBoard(rate float64) *board {
	return &board{rate: rate, stage: "opening", accepted: map[check.Action]int{}, heard: map[string]int{}, names: map[string]string{}}
}

// opened notes who is there: the salons, and the owner of them all.
func (b *board) opened(salons []*salon) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.branches, b.people = len(salons), 1
	for _, s := range salons {
		b.people += len(s.people())
	}
}

// phase notes what the run does now.
func (b *board) phase(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.began.IsZero() {
		b.began = time.Now()
	}
	b.stage = name
}

func (b *board) answered(a check.Action, accepted bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if accepted {
		b.accepted[a]++
	} else {
		b.refused++
	}
}

// looked counts something that somebody read.
func (b *board) looked() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reads++
}

// arrived counts a message. The latency shown is from the engine's clock in the message, which this machine shares.
func (b *board) arrived(channel string, n note, at time.Time) {
	took := at.Sub(n.OccurredAt)
	kind := channelKind(channel)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard[kind]++
	if n.OccurredAt.IsZero() {
		return
	}
	if len(b.latencies) < recentLatencies {
		b.latencies = append(b.latencies, took)
	} else {
		b.latencies[b.oldest] = took
		b.oldest = (b.oldest + 1) % recentLatencies
	}
	// One channel tells the story of every booking once.
	if kind != kindQueue {
		return
	}
	b.sentences = append(b.sentences, sentence{who: b.customer(n), what: n.inWords(), took: took})
	if len(b.sentences) > recentSentences {
		b.sentences = b.sentences[1:]
	}
}

// customer returns the name of the customer whom a message of the queue is about. b.mu is held.
func (b *board) customer(n note) string {
	name := cmp.Or(n.CustomerName, b.names[n.Entity])
	b.names[n.Entity] = name
	if n.Name == "booking.cancelled" || n.Name == "booking.no_show" || (n.ToStatus != domain.StatusNone && !n.ToStatus.Open()) {
		delete(b.names, n.Entity)
	}
	return name
}
