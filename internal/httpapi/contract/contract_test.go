package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/httpapi/contract"
)

const document = `{"openapi":"3.1.0","paths":{
	"/api/things":{"post":{"operationId":"make","requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Wish"}}}},
		"responses":{"201":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}},
			"default":{"content":{"application/problem+json":{"schema":{"type":"object","required":["code"]}}}}}}},
	"/api/things/{id}":{"get":{"operationId":"read","parameters":[{"name":"n","schema":{"type":"integer","maximum":3}},
		{"name":"word","schema":{"type":"string","pattern":"^a"}}],"responses":{"200":{"content":{"text/plain":{"schema":{"type":"string"}}}}}}},
	"/api/things/new":{"get":{"operationId":"new","responses":{"200":{"content":{"application/json":{"schema":{"type":"object"}}}}}}}},
	"components":{"schemas":{
		"Wish":{"type":"object","properties":{"name":{"type":"string","maxLength":3}},"required":["name"],"additionalProperties":false},
		"Thing":{"type":"object","properties":{"at":{"type":"string","format":"date-time"},"tags":{"type":"array","items":{"type":"string"}}},
			"required":["at"],"additionalProperties":false}}}}`

func exchange(method, path, request string, status int, media, body string) contract.Exchange {
	return contract.Exchange{
		Method: method, Path: path, Request: []byte(request), Status: status,
		Header: http.Header{"Content-Type": {media}}, Body: []byte(body),
	}
}

// The checker objects to each thing that can be wrong, and to nothing that is right.
func TestItObjects(t *testing.T) {
	t.Parallel()
	c, err := contract.New([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	const made, problem, isJSON, isProblem = `{"at":"2026-06-15T10:00:00Z"}`, `{"code":"X"}`, "application/json", "application/problem+json"
	for name, tt := range map[string]struct {
		x     contract.Exchange
		wrong string // part of the error; "" for none
	}{
		"all is well":             {exchange("POST", "/api/things", `{"name":"abc"}`, 201, isJSON, made), ""},
		"a refusal":               {exchange("POST", "/api/things", `{"nome":1}`, 400, isProblem+"; charset=utf-8", problem), ""},
		"no such route":           {exchange("GET", "/api/nothing", "", 404, isProblem, problem), ""},
		"the page":                {exchange("GET", "/", "", 200, "text/html", "<p>"), ""},
		"a path before a pattern": {exchange("GET", "/api/things/new", "", 200, isJSON, `{}`), ""},
		"only the head":           {exchange("HEAD", "/api/things/new", "", 200, isJSON, ""), ""},
		"a text":                  {exchange("GET", "/api/things/7", "", 200, "text/plain; charset=utf-8", "seven"), ""},

		"another status":        {exchange("POST", "/api/things", `{"name":"abc"}`, 200, isJSON, made), "not described"},
		"a member too many":     {exchange("POST", "/api/things", `{"name":"abc"}`, 201, isJSON, `{"at":"2026-06-15T10:00:00Z","by":1}`), "by"},
		"a member too few":      {exchange("POST", "/api/things", `{"name":"abc"}`, 201, isJSON, `{}`), "at"},
		"a list that is null":   {exchange("POST", "/api/things", `{"name":"abc"}`, 201, isJSON, `{"at":"2026-06-15T10:00:00Z","tags":null}`), "tags"},
		"a malformed time":      {exchange("POST", "/api/things", `{"name":"abc"}`, 201, isJSON, `{"at":"today"}`), "date-time"},
		"no JSON":               {exchange("POST", "/api/things", `{"name":"abc"}`, 201, isJSON, `at`), "at"},
		"another media type":    {exchange("POST", "/api/things", `{"name":"abc"}`, 201, "text/html", made), "text/html"},
		"an error in plain":     {exchange("POST", "/api/things", "", 500, "text/plain", "oops"), "text/plain"},
		"a problem without one": {exchange("POST", "/api/things", "", 400, isProblem, `{}`), "code"},
		"a body it should not have taken": {
			exchange("POST", "/api/things", `{"name":"abcd"}`, 201, isJSON, made), "the body was taken",
		},
		"a head of another kind":    {exchange("HEAD", "/api/things/new", "", 200, "text/html", ""), "text/html"},
		"a success nobody knows of": {exchange("GET", "/api/secret", "", 200, isJSON, `{}`), "not described"},
	} {
		err := c.Check(tt.x)
		if (err == nil) != (tt.wrong == "") || (err != nil && !strings.Contains(err.Error(), tt.wrong)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := c.Unseen(); len(got) != 0 {
		t.Errorf("unseen: %v", got)
	}
}

func TestItTellsWhatNobodyHasAskedFor(t *testing.T) {
	t.Parallel()
	c, err := contract.New([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(exchange("POST", "/api/things", "", 400, "application/problem+json", `{"code":"X"}`)); err != nil {
		t.Error(err)
	}
	got := c.Unseen()
	if slices.Sort(got); !slices.Equal(got, []string{"make", "new", "read"}) {
		t.Errorf("unseen: %v", got)
	}
}

func TestItTellsWhatABodyLacks(t *testing.T) {
	t.Parallel()
	c, err := contract.New([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Takes("POST", "/api/things", []byte(`{"name":"abc"}`)); err != nil {
		t.Error(err)
	}
	for path, body := range map[string]string{"/api/things": `{}`, "/api/things/7": `{"name":"abc"}`, "/api/nothing": `{}`} {
		if c.Takes("POST", path, []byte(body)) == nil {
			t.Errorf("%s takes %s", path, body)
		}
	}
}

func TestItTellsWhatAParameterIsNot(t *testing.T) {
	t.Parallel()
	c, err := contract.New([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text string
		ok         bool
	}{{"n", "3", true}, {"n", "4", false}, {"n", "x", false}, {"word", "ab", true}, {"word", "3", false}, {"other", "ab", false}} {
		if err := c.TakesParameter("GET", "/api/things/7", tt.name, tt.text); (err == nil) != tt.ok {
			t.Errorf("%s=%s: %v", tt.name, tt.text, err)
		}
	}
}
