package main

import (
	"math/bits"
	"sync"
	"time"
)

// What latencies are counted in: a second, in parts that are given up one after the other.
const (
	latencyParts = 10
	latencyPart  = time.Second / latencyParts
	// latencyFine is how many buckets there are between a time and its double: a bucket is at most a 16th wide.
	latencyFine    = 16
	latencyBuckets = 28 * latencyFine // up to two minutes
	// fewCommands in a second tell nothing.
	fewCommands = 5
)

// latencies keeps how long the commands of the last second took. Its zero value is ready, and its methods may be called
// concurrently.
type latencies struct {
	mu    sync.Mutex
	parts [latencyParts]latencyHistogram
}

// latencyHistogram counts commands by how long they took, in one part of time.
type latencyHistogram struct {
	tick   int64 // which part of time
	counts [latencyBuckets]uint32
}

// Note counts a command that took so long and ends now.
func (l *latencies) Note(took time.Duration) { l.note(time.Now(), took) }

func (l *latencies) note(now time.Time, took time.Duration) {
	tick, bucket := now.UnixNano()/int64(latencyPart), latencyBucket(took)
	l.mu.Lock()
	defer l.mu.Unlock()
	part := &l.parts[tick%latencyParts]
	if part.tick != tick {
		*part = latencyHistogram{tick: tick}
	}
	part.counts[bucket]++
}

// P99 returns the 99th percentile of the last second, a 16th too long at most; ok is false when there were too few.
func (l *latencies) P99() (p99 time.Duration, ok bool) { return l.p99(time.Now()) }

func (l *latencies) p99(now time.Time) (p99 time.Duration, ok bool) {
	tick := now.UnixNano() / int64(latencyPart)
	var sum [latencyBuckets]uint32
	total := uint32(0)
	l.mu.Lock()
	for i := range l.parts {
		part := &l.parts[i]
		if part.tick <= tick-latencyParts {
			continue
		}
		for b, n := range part.counts {
			sum[b] += n
			total += n
		}
	}
	l.mu.Unlock()
	if total < fewCommands {
		return 0, false
	}
	above := total / 100 // may have taken longer
	for b := latencyBuckets - 1; ; b-- {
		if sum[b] > above {
			return latencyOf(b), true
		}
		above -= sum[b]
	}
}

// latencyBucket returns the bucket of a time: its leading bit, and the four after it, in microseconds.
func latencyBucket(d time.Duration) int {
	us := uint64(max(0, d.Microseconds()))
	if us < latencyFine {
		return int(us)
	}
	shift := bits.Len64(us) - bits.Len64(latencyFine)
	return min((shift+1)*latencyFine+int(us>>shift)-latencyFine, latencyBuckets-1)
}

// latencyOf is the longest time that belongs into a bucket.
func latencyOf(bucket int) time.Duration {
	if bucket < latencyFine {
		return time.Duration(bucket+1) * time.Microsecond
	}
	shift := bucket/latencyFine - 1
	return time.Duration((bucket%latencyFine+latencyFine+1)<<shift) * time.Microsecond
}
