package console_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// caller uses the API beside the page, as another person at another screen would.
type caller struct {
	t      *testing.T
	url    string
	client *http.Client
}

// do makes a request as a user and returns the answer, which must be a success.
func (c *caller) do(user, method, path, ifMatch string, body any) map[string]any {
	c.t.Helper()
	var text bytes.Buffer
	if body != nil {
		check(c.t, json.NewEncoder(&text).Encode(body))
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, &text)
	check(c.t, err)
	bearer, err := token(user)
	check(c.t, err)
	r.Header.Set("Authorization", "Bearer "+bearer)
	r.Header.Set("Content-Type", "application/json")
	if ifMatch != "" {
		r.Header.Set("If-Match", ifMatch)
	}
	got, err := c.client.Do(r)
	check(c.t, err)
	var answer map[string]any
	err = json.NewDecoder(got.Body).Decode(&answer)
	check(c.t, got.Body.Close())
	check(c.t, err)
	if got.StatusCode >= 300 {
		c.t.Fatalf("%s %s: %d %v", method, path, got.StatusCode, answer)
	}
	return answer
}

// publish puts a message on a channel past the engine, as a repeat or a straggler would arrive.
func (e *engine) publish(channel, name string, data any) {
	e.t.Helper()
	var text bytes.Buffer
	check(e.t, json.NewEncoder(&text).Encode(map[string]any{"name": name, "data": data}))
	r, err := http.NewRequestWithContext(e.t.Context(), http.MethodPost,
		"http://"+e.ably+"/channels/"+url.PathEscape(channel)+"/messages", &text)
	check(e.t, err)
	name, secret, _ := strings.Cut(e.key, ":")
	r.SetBasicAuth(name, secret)
	r.Header.Set("Content-Type", "application/json")
	got, err := e.api.client.Do(r)
	check(e.t, err)
	check(e.t, got.Body.Close())
	if got.StatusCode >= 300 {
		e.t.Fatalf("publish: %s", got.Status)
	}
}

// request asks for a booking some days ahead at an hour of the branch's clocks, and returns its id.
func (c *caller) request(customer string, service, days, hour int) string {
	c.t.Helper()
	return c.requestServices(customer, days, hour, salonServices[service].ServiceID)
}

func (c *caller) requestServices(customer string, days, hour int, ids ...string) string {
	c.t.Helper()
	day := time.Now().UTC().Truncate(24 * time.Hour)
	start := day.AddDate(0, 0, days).Add(time.Duration(hour)*time.Hour - 5*time.Hour - 30*time.Minute)
	var services []map[string]string
	for _, id := range ids {
		services = append(services, map[string]string{"serviceId": id})
	}
	id, _ := c.do(customer, http.MethodPost, "/api/bookings", "", map[string]any{
		"branchId": bandra, "startAt": start.Format(time.RFC3339), "services": services,
	})["id"].(string)
	return id
}

// approve confirms a booking that nobody has touched, and waits until that can be read.
func (c *caller) approve(id string) {
	c.t.Helper()
	c.change(meera, id, "0", map[string]any{"action": "approve"})
}

// change edits a booking and returns its revision from then on, once the change can be read. An empty revision is that of
// whoever needs none.
func (c *caller) change(user, id, revision string, body map[string]any) string {
	c.t.Helper()
	path := "/api/bookings/" + id
	if revision != "" {
		revision = `"` + revision + `"`
	}
	receipt := c.do(user, http.MethodPatch, path, revision, body)
	c.do(user, http.MethodGet, fmt.Sprintf("%s?minPosition=%.0f", path, receipt["position"]), "", nil)
	return fmt.Sprint(receipt["revision"])
}
