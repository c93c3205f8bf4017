package ablylocal_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/ably/ably-go/ably"

	"github.com/royalglow/booking/internal/ablylocal"
)

// TestAnApplicationIsProvided: what the answer says is enough to publish, with nothing
// else known.
func TestAnApplicationIsProvided(t *testing.T) {
	e := start(t, ablylocal.Config{Provision: true, Key: "given.first:guarded"})
	got, err := e.post(t.Context(), t, "/apps", `{"keys":[{},{"capability":"{}"}],"namespaces":[{"id":"persisted","persisted":true}]}`)
	if err != nil || got.status != 201 {
		t.Fatalf("post apps: %d %s, %v", got.status, got.body, err)
	}
	var app struct {
		AppID string
		Keys  []struct{ ID, Value, Capability, KeyStr string }

		Namespaces []struct{ ID string }
		Endpoint   string
		Port       int
		TLS        *bool
	}
	if err := json.Unmarshal(got.body, &app); err != nil || len(app.Keys) != 1 || app.TLS == nil || *app.TLS || len(app.Namespaces) != 1 {
		t.Fatalf("answer %s, %v", got.body, err)
	}
	key := app.Keys[0]
	if key.Capability != `{"[*]*":["*"]}` || key.KeyStr != "given.first:guarded" {
		t.Errorf("key %+v", key)
	}
	client, err := ably.NewREST(
		ably.WithEndpoint(app.Endpoint), ably.WithPort(app.Port), ably.WithTLS(*app.TLS), ably.WithInsecureAllowBasicAuthWithoutTLS(),
		ably.WithKey(fmt.Sprintf("%s.%s:%s", app.AppID, key.ID, key.Value)),
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Channels.Get("persisted:c").Publish(t.Context(), "n", "x"); err != nil {
		t.Errorf("publish: %v", err)
	}
	held := e.realtime(t, ably.WithKey(e.Key()))
	subscribe(t, held, "held")
	if err := client.Channels.Get("held").Publish(t.Context(), "n", "x"); err != nil {
		t.Errorf("publish: %v", err)
	}
	pages, err := client.Request("DELETE", "/apps/"+app.AppID).Pages(t.Context())
	if err != nil || !pages.Success() {
		t.Errorf("delete: %v, %+v", err, pages)
	}
	for channel, want := range map[string]int{"persisted:c": 0, "held": 1} {
		items, err := client.Channels.Get(channel).History().Items(t.Context())
		if err != nil {
			t.Fatalf("history: %v", err)
		}
		n := 0
		for items.Next(t.Context()) {
			n++
		}
		if n != want {
			t.Errorf("afterwards %s has %d messages, want %d", channel, n, want)
		}
	}
}

// TestApplicationsAreProvidedToNobodyElse: the key is worth having.
func TestApplicationsAreProvidedToNobodyElse(t *testing.T) {
	open, closed := newServer(t, ablylocal.Config{Provision: true}), newServer(t, ablylocal.Config{})
	for name, c := range map[string]struct {
		server       *ablylocal.Server
		method, path string
		body         any
		headers      []string
		code         int
	}{
		"nobody asked for the route": {closed, "POST", "/apps", frame{}, nil, 40400},
		"a page asks":                {open, "POST", "/apps", frame{}, []string{"Origin", "http://page.test"}, 40400},
		"without a body":             {open, "POST", "/apps", "", nil, 40001},
		"without the key":            {open, "DELETE", "/apps/app", nil, []string{"Authorization", ""}, 40101},
		"another application":        {open, "DELETE", "/apps/other", nil, nil, 40400},
		"nor is it ended":            {closed, "DELETE", "/apps/app", nil, nil, 40400},
		"without anything":           {open, "POST", "/apps", frame{}, []string{"Authorization", ""}, 0},
	} {
		if got := call(t, c.server, c.method, c.path, c.body, c.headers...); got.code() != c.code {
			t.Errorf("%s: %d %s, want code %d", name, got.status, got.body, c.code)
		}
	}
}
