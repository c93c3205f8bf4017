package ablylocal_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/royalglow/booking/internal/ablylocal"
)

// listen opens a raw WebSocket over TCP and attaches; every frame goes to heard.
func (e *endpoint) listen(tb testing.TB, channel string, heard func(data []byte)) {
	tb.Helper()
	url := fmt.Sprintf("ws://%s:%d/?key=%s", e.host, e.port, testKey)
	ws, response, err := websocket.Dial(tb.Context(), url, nil)
	if err != nil {
		tb.Fatalf("dial: %v", err)
	}
	if response.Body != nil {
		_ = response.Body.Close() // empty: the connection is the WebSocket's
	}
	if err := ws.Write(tb.Context(), websocket.MessageText, fmt.Appendf(nil, `{"action":10,"channel":%q}`, channel)); err != nil {
		tb.Fatalf("attach: %v", err)
	}
	for range 2 { // CONNECTED, ATTACHED
		if _, _, err := ws.Read(tb.Context()); err != nil {
			tb.Fatalf("read: %v", err)
		}
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		for {
			_, data, err := ws.Read(tb.Context())
			if err != nil {
				return
			}
			heard(data)
		}
	})
	tb.Cleanup(func() {
		_ = ws.CloseNow()
		reading.Wait()
	})
}

// TestManyPublishersAndSubscribersKeepOneOrder has every subscriber of a channel
// hear every message once, in the order in which the endpoint accepted them, while
// publishers of all channels race.
func TestManyPublishersAndSubscribersKeepOneOrder(t *testing.T) {
	const channels, publishers, each, subscribers = 4, 8, 40, 5
	var order tap
	e := start(t, ablylocal.Config{Limits: ablylocal.LimitsOff, OnMessage: order.on})
	var (
		mu    sync.Mutex
		heard [channels][subscribers][]string
		left  sync.WaitGroup
	)
	left.Add(channels * subscribers * publishers * each)
	for c := range channels {
		for s := range subscribers {
			e.listen(t, fmt.Sprint("c", c), func(data []byte) {
				_, rest, _ := strings.Cut(string(data), `"name":"`)
				name, _, _ := strings.Cut(rest, `"`)
				mu.Lock()
				defer mu.Unlock()
				heard[c][s] = append(heard[c][s], name)
				left.Done()
			})
		}
	}
	var publishing sync.WaitGroup
	for p := range publishers {
		publishing.Go(func() {
			for i := range each {
				for c := range channels {
					call(t, e.Server, "POST", fmt.Sprintf("/channels/c%d/messages", c), fmt.Sprintf(`{"id":"%d-%d","name":"%d-%d"}`, p, i, p, i))
					if i%10 == 0 { // some repeat
						call(t, e.Server, "POST", fmt.Sprintf("/channels/c%d/messages", c), fmt.Sprintf(`{"id":"%d-%d","name":"%d-%d"}`, p, i, p, i))
					}
				}
			}
		})
	}
	publishing.Wait()
	done := make(chan struct{})
	go func() { left.Wait(); close(done) }()
	receive(t, done, "every message")
	mu.Lock()
	defer mu.Unlock()
	for c := range channels {
		want := strings.Fields(order.names(fmt.Sprint("c", c)))
		for s := range subscribers {
			if !slices.Equal(heard[c][s], want) {
				t.Errorf("subscriber %d of channel %d heard another order", s, c)
			}
		}
	}
}

// BenchmarkFanOut measures the time from a publish over HTTP until the last of n
// subscribers has the frame.
func BenchmarkFanOut(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint(n, " subscribers"), func(b *testing.B) {
			e := start(b, ablylocal.Config{Limits: ablylocal.LimitsOff})
			var pending sync.WaitGroup
			for range n {
				e.listen(b, "c", func([]byte) { pending.Done() })
			}
			client := &http.Client{}
			worst := make([]time.Duration, 0, b.N)
			for b.Loop() {
				pending.Add(n)
				began := time.Now()
				r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, fmt.Sprintf("http://%s:%d/channels/c/messages?key=%s", e.host, e.port, testKey), strings.NewReader(`{"name":"n","data":"d"}`))
				if err != nil {
					b.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/json")
				answer, err := client.Do(r)
				if err != nil {
					b.Fatal(err)
				}
				_ = answer.Body.Close()
				pending.Wait()
				worst = append(worst, time.Since(began))
			}
			client.CloseIdleConnections()
			slices.Sort(worst)
			b.ReportMetric(float64(worst[len(worst)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(worst[len(worst)*99/100].Microseconds()), "p99-µs")
		})
	}
}
