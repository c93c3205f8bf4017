package httpapi_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// busySalon has 20 members with 12 bookings each on every day of a month and a bit.
func busySalon(b *testing.B) *salon {
	b.Helper()
	s := newSalon(b, nil)
	s.put(owner, mittePath, `{"name":"Salon","timeZone":"Europe/Berlin","currency":"EUR","policy":{"horizonDays":60,"activeCap":50}}`).want(http.StatusOK)
	s.put(owner, mittePath+"/hours", everyDay(`[{"from":"10:00","to":"21:00"}]`)).want(http.StatusOK)
	for i := range 3 {
		s.offer(mitte, fmt.Sprintf("svc_number%d", i), `{"name":"Service","durationMinutes":30,"postBufferMinutes":5,"priceMinor":3500}`)
	}
	for m := range 20 {
		id := fmt.Sprintf("stf_member%02d", m)
		s.put(owner, mittePath+"/staff/"+id, `{}`).want(http.StatusOK)
		s.put(owner, shiftsOf(id), atBranch(mitte, everyDay(`[{"from":"10:00","to":"14:00"},{"from":"15:00","to":"21:00"}]`))).want(http.StatusOK)
	}
	s.settle()
	by := commands.Caller{UserID: owner, Role: domain.RoleOwner}
	n := 0
	for day := range 35 {
		first := time.Date(2026, 6, 16+day, 8, 0, 0, 0, time.UTC)
		for m := range 20 {
			for i := range 12 {
				n++
				customer := fmt.Sprintf("usr_guest%06d", n)
				if n%2000 == 0 {
					customer = ada
				}
				// Six before the break and six after it, staggered, so that no two members are free alike.
				_, err := s.config.Commands.RequestBooking(b.Context(), by, commands.Options{}, commands.RequestBooking{
					CustomerID: customer, BranchID: mitte,
					Start:    commands.Start{StartAt: first.Add(time.Duration(i%6*35+i/6*5*60+(m%3)*5) * time.Minute)},
					Services: []commands.RequestedService{{ServiceID: "svc_number0", StaffID: fmt.Sprintf("stf_member%02d", m)}},
				})
				check(b, err)
			}
		}
	}
	s.settle()
	return s
}

// BenchmarkAvailability asks over a loopback connection that is kept, as a page would: with a session, for three services by
// anyone. It tells how long the answers take (p50, p99), and how often as long as a handler that writes the same bytes and does
// nothing else: the least that the HTTP library needs.
func BenchmarkAvailability(b *testing.B) {
	s := busySalon(b)
	var raw []byte
	mux := http.NewServeMux()
	mux.Handle("/", s.handler)
	mux.HandleFunc("GET /raw", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(raw)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, as := range []string{ada, desk} {
		for _, days := range []int{1, 31} {
			b.Run(fmt.Sprintf("as=%s/days=%d", map[string]string{ada: "customer", desk: "desk"}[as], days), func(b *testing.B) {
				path := fmt.Sprintf("%s/availability?from=2026-06-16&to=%s&serviceIds=svc_number0,svc_number1,svc_number2", mittePath,
					domain.AddDays("2026-06-16", days-1))
				_, raw = fetch(b, server, path, session(b, as))
				var took, least []time.Duration
				for b.Loop() {
					t, body := fetch(b, server, path, session(b, as))
					took = append(took, t)
					if len(body) != len(raw) {
						b.Fatalf("%d bytes, and then %d", len(raw), len(body))
					}
					t, _ = fetch(b, server, "/raw", session(b, as))
					least = append(least, t)
				}
				b.ReportMetric(0, "ns/op") // of both together: it means nothing
				b.ReportMetric(float64(len(raw)), "bytes")
				b.ReportMetric(milliseconds(took, 0.5), "p50-ms")
				b.ReportMetric(milliseconds(took, 0.99), "p99-ms")
				b.ReportMetric(milliseconds(took, 0.5)/milliseconds(least, 0.5), "p50/raw")
			})
		}
	}
}

// fetch makes a request and reads the answer to its end.
func fetch(b *testing.B, server *httptest.Server, path, token string) (took time.Duration, body []byte) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+path, nil)
	check(b, err)
	r.Header.Set("Authorization", "Bearer "+token)
	began := time.Now()
	got, err := server.Client().Do(r)
	check(b, err)
	body, err = io.ReadAll(got.Body)
	took = time.Since(began)
	check(b, err)
	check(b, got.Body.Close())
	if got.StatusCode != http.StatusOK {
		b.Fatalf("%s: %d %s", path, got.StatusCode, body)
	}
	return took, body
}

// milliseconds returns the time within which a share of the answers came.
func milliseconds(took []time.Duration, share float64) float64 {
	sorted := slices.Sorted(slices.Values(took))
	return float64(sorted[int(float64(len(sorted)-1)*share)].Microseconds()) / 1000
}
