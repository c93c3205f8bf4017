package main

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The percentile is that of the commands of the last second, and a 16th too long at most.
func TestLatenciesAreThoseOfTheLastSecond(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var l latencies
		now := time.Unix(1_800_000_000, 0)
		if _, ok := l.p99(now); ok {
			t.Fatal("something is known of nothing")
		}
		for range 300 { // long ago
			l.note(now, time.Hour)
		}
		now = now.Add(1100 * time.Millisecond)
		if _, ok := l.p99(now); ok {
			t.Fatal("what was long ago counts")
		}
		fast := time.Duration(rapid.Int64Range(0, int64(30*time.Second)).Draw(t, "fast"))
		slow := fast + time.Duration(rapid.Int64Range(0, int64(30*time.Second)).Draw(t, "slower"))
		slowOnes := rapid.IntRange(0, 10).Draw(t, "slow ones")
		const all = 400
		for i := range all {
			took := fast
			if i < slowOnes {
				took = slow
			}
			l.note(now.Add(time.Duration(i)*2*time.Millisecond), took)
		}
		want := fast
		if slowOnes > all/100 {
			want = slow
		}
		got, ok := l.p99(now.Add(800 * time.Millisecond))
		if !ok || got < want || got > want+want/latencyFine+time.Microsecond {
			t.Fatalf("p99 is %v, %v; want %v", got, ok, want)
		}
	})
}

func TestAFewCommandsTellNothing(t *testing.T) {
	t.Parallel()
	var l latencies
	for range fewCommands - 1 {
		l.Note(time.Millisecond)
	}
	if p99, ok := l.P99(); ok {
		t.Errorf("p99 of %v", p99)
	}
	l.Note(time.Millisecond)
	if _, ok := l.P99(); !ok {
		t.Error("still nothing is known")
	}
}

// BenchmarkNoteLatency: a command must not notice (under 1 µs).
func BenchmarkNoteLatency(b *testing.B) {
	var l latencies
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l.Note(3 * time.Millisecond)
		}
	})
}
