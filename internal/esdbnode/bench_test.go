package esdbnode_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/esdbnode"
)

// BenchmarkAppend appends single events of 400 bytes, each worker to a stream of its
// own at exact revisions, through the client and a unix socket. It reports appends a
// second and the median and 99th percentile of one append.
func BenchmarkAppend(b *testing.B) {
	for _, workers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			n := startNode(b, esdbnode.Config{})
			n.append(b, "warm-up", esdb.NoStream{}, event("benched", "{}"))
			latencies := make([][]time.Duration, workers)
			body := `{"x":"` + strings.Repeat("y", 390) + `"}`
			b.ResetTimer()
			var wg sync.WaitGroup
			for w := range workers {
				wg.Go(func() {
					latencies[w] = appendMany(b, n, fmt.Sprintf("bench-%d", w), body, b.N/workers+1)
				})
			}
			wg.Wait()
			b.StopTimer()
			all := slices.Concat(latencies...)
			slices.Sort(all)
			b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "appends/s")
			b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
		})
	}
}

func appendMany(b *testing.B, n *testNode, stream, body string, count int) []time.Duration {
	b.Helper()
	took := make([]time.Duration, 0, count)
	var want esdb.ExpectedRevision = esdb.NoStream{}
	for range count {
		start := time.Now()
		res, err := n.client.AppendToStream(context.Background(), stream,
			esdb.AppendToStreamOptions{ExpectedRevision: want}, event("benched", body))
		if err != nil {
			b.Error(err)
			return took
		}
		took = append(took, time.Since(start))
		want = esdb.Revision(res.NextExpectedVersion)
	}
	return took
}
