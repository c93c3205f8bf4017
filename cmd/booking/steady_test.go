package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/httpapi"
)

// steadyCommands gives an engine commands at a steady rate, whether it keeps up or not: people do not wait for one another. Every
// second one requests a booking, every other approves one.
type steadyCommands struct {
	e      *runningEngine
	client *http.Client
	staff  []string
	desk   string      // the owner's token
	tokens []string    // of customers
	next   int         // booking
	made   chan booked // and not yet approved
}

// booked is a booking and its tag.
type booked struct{ id, tag string }

const (
	steadyStaff     = 60
	steadyCustomers = 1000
)

func newSteadyCommands(tb testing.TB, e *runningEngine) *steadyCommands {
	tb.Helper()
	c := &steadyCommands{
		e: e, made: make(chan booked, 1<<16), staff: e.openSalon(tb),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}, Timeout: startLimit},
	}
	tb.Cleanup(c.client.CloseIdleConnections)
	for n := len(c.staff); n < steadyStaff; n++ {
		id := fmt.Sprintf("stf_steady%03d", n)
		e.call(tb, owner(), http.MethodPut, "/api/branches/"+testBranch+"/staff/"+id, map[string]any{}).want(tb, http.StatusOK)
		c.staff = append(c.staff, id)
	}
	sign := func(s httpapi.Session) string {
		token, err := httpapi.SignSession([]byte(childSecret), s, time.Now(), 10*time.Hour)
		if err != nil {
			tb.Fatal(err)
		}
		return token
	}
	c.desk = sign(owner())
	for n := range steadyCustomers {
		c.tokens = append(c.tokens, sign(customer(fmt.Sprintf("usr_steady%05d", n))))
	}
	return c
}

// window gives commands for a while and returns how long each took, counted from the moment at which it was due.
func (c *steadyCommands) window(tb testing.TB, long time.Duration) []time.Duration {
	tb.Helper()
	const every = time.Second / latencyRate
	took := make([]time.Duration, long/every)
	failed := make(chan error, len(took))
	var all sync.WaitGroup
	began := time.Now()
	for n := range took {
		due := began.Add(time.Duration(n) * every)
		time.Sleep(time.Until(due))
		do := c.command(n)
		all.Go(func() {
			if err := do(tb.Context()); err != nil {
				failed <- err
			}
			took[n] = time.Since(due)
		})
	}
	all.Wait()
	if n := len(failed); n > 0 {
		tb.Fatalf("%d commands failed, the first: %v", n, <-failed)
	}
	return took
}

// command is the next to be given.
func (c *steadyCommands) command(n int) func(ctx context.Context) error {
	if n%2 == 1 {
		select {
		case b := <-c.made:
			return func(ctx context.Context) error {
				_, err := c.send(ctx, c.desk, http.MethodPatch, "/api/bookings/"+b.id, map[string]any{"action": "approve"}, b.tag)
				return err
			}
		default: // none has been answered yet
		}
	}
	place := c.next
	c.next++
	const hours = 20
	w := wish(c.staff[place%len(c.staff)], place/len(c.staff)%hours)
	day := 2 + place/len(c.staff)/hours
	token := c.tokens[place%len(c.tokens)]
	return func(ctx context.Context) error {
		at, err := time.Parse(time.RFC3339, w["startAt"].(string)) //nolint:forcetypeassert // wish's own
		if err != nil {
			return err
		}
		w["startAt"] = at.AddDate(0, 0, day).Format(time.RFC3339)
		b, err := c.send(ctx, token, http.MethodPost, "/api/bookings", w, "")
		if err == nil {
			c.made <- b
		}
		return err
	}
}

func (c *steadyCommands) send(ctx context.Context, token, method, path string, body any, tag string) (b booked, err error) {
	sent, err := json.Marshal(body)
	if err != nil {
		return b, err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.e.url+path, bytes.NewReader(sent))
	if err != nil {
		return b, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	if tag != "" {
		req.Header.Set("If-Match", tag)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return b, err
	}
	if resp.StatusCode/100 != 2 {
		return b, fmt.Errorf("%s %s answers %d %s", method, path, resp.StatusCode, data)
	}
	var got receipt
	err = json.Unmarshal(data, &got)
	return booked{got.ID, resp.Header.Get("ETag")}, err
}

// awaitQuiet waits until nobody appends to the log, because the keepers have done what a long log leaves them to do.
func awaitQuiet(tb testing.TB, e *runningEngine) {
	tb.Helper()
	const quiet = 3 * time.Second
	began := time.Now()
	last, since := float64(-1), began
	for time.Since(since) < quiet {
		head, err := e.store.Head(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		if float64(head) != last {
			last, since = float64(head), time.Now()
		}
		if time.Since(began) > 10*time.Minute {
			tb.Fatal("the log does not come to rest")
		}
		time.Sleep(100 * time.Millisecond)
	}
	settled(tb, e)
}
