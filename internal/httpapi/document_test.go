package httpapi_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// document is the OpenAPI document as tests read it.
type document struct {
	OpenAPI    string
	Paths      map[string]map[string]described
	Components struct{ Schemas map[string]schema }
}

// described is an operation.
type described struct {
	OperationID, Summary, Description string
	Tags                              []string
	Parameters                        []parameter
	Security                          []map[string][]string
	RequestBody                       *struct{ Content map[string]media }
	Responses                         map[string]struct {
		Description string
		Content     map[string]media
		Headers     map[string]struct{ Description string }
	}
}

type media struct{ Schema schema }

type parameter struct {
	Name, In, Description string
	Required              bool
	Schema                schema
}

// schema is a JSON schema, as far as tests look into it.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Description          string
	Properties           map[string]schema
	Required             []string
	Items                *schema
	OneOf                []schema
	Enum                 []any
	Pattern, Format      string
	AdditionalProperties any
}

// document reads what the salon says of itself.
func (s *salon) document() (d document) {
	s.tb.Helper()
	check(s.tb, json.Unmarshal(describedBy(s.handler), &d))
	return d
}

// resolve follows a reference.
func (d document) resolve(s schema) schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return d.Components.Schemas[name]
	}
	return s
}

// each visits all operations, in the order of their paths.
func (d document) each(visit func(method, path string, op described)) {
	for _, path := range sortedKeys(d.Paths) {
		for _, method := range sortedKeys(d.Paths[path]) {
			visit(strings.ToUpper(method), path, d.Paths[path][method])
		}
	}
}

// commands lists the commands: an operation that takes a key, or, where its body names an action, each of those.
func (d document) commands() (names []string) {
	d.each(func(_, _ string, op described) {
		if !slices.ContainsFunc(op.Parameters, func(p parameter) bool { return p.Name == "Idempotency-Key" }) {
			return
		}
		actions := d.actions(op)
		if len(actions) == 0 {
			names = append(names, op.OperationID)
		}
		for _, action := range actions {
			names = append(names, op.OperationID+" "+action)
		}
	})
	return names
}

// condition is the header that makes an operation conditional; none for one that makes something, which takes no condition.
func (d document) condition(operation, etag string) []string {
	method, path := cutWord(operation)
	takes := func(p parameter) bool { return p.Name == "If-Match" }
	if !slices.ContainsFunc(d.Paths[path][strings.ToLower(method)].Parameters, takes) {
		return nil
	}
	return []string{"If-Match", etag}
}

// actions lists the words of an operation whose body names an action.
func (d document) actions(op described) (words []string) {
	if op.RequestBody == nil {
		return nil
	}
	for _, one := range op.RequestBody.Content["application/json"].Schema.OneOf {
		word, _ := d.resolve(one).Properties["action"].Enum[0].(string)
		words = append(words, word)
	}
	return words
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func TestEveryCommandHasAnOperation(t *testing.T) {
	t.Parallel()
	names := openSalon(t, nil).document().commands()
	for _, want := range []string{"requestBooking", "changeBooking add_service", "changeLeave revoke", "withdrawService", "eraseCustomer"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not among %v", want, names)
		}
	}
}

// Whoever reads the document finds words for everything in it.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	d := openSalon(t, nil).document()
	missing := func(text, format string, args ...any) {
		t.Helper()
		if strings.TrimSpace(text) == "" || !strings.HasSuffix(text, ".") && strings.Contains(text, " ") {
			t.Errorf(format+" is described as %q", append(args, text)...)
		}
	}
	d.each(func(method, path string, op described) {
		if op.Summary == "" || len(op.Tags) == 0 {
			t.Errorf("%s %s has no summary or tag", method, path)
		}
		missing(op.Description, "%s %s", method, path)
		for _, p := range op.Parameters {
			missing(p.Description, "%s %s: %s", method, path, p.Name)
			if p.In == "path" && !p.Required {
				t.Errorf("%s %s: %s may be left out", method, path, p.Name)
			}
		}
		for status, response := range op.Responses {
			if response.Description == "" {
				t.Errorf("%s %s: %s is not described", method, path, status)
			}
			for name, header := range response.Headers {
				missing(header.Description, "%s %s: %s", method, path, name)
			}
		}
	})
	for name, s := range d.Components.Schemas {
		for member, property := range s.Properties {
			missing(property.Description, "%s.%s", name, member)
		}
	}
}

// Words of a closed set are listed wherever they stand.
func TestClosedSetsAreListed(t *testing.T) {
	t.Parallel()
	d := openSalon(t, nil).document()
	for place, word := range map[string]string{
		"BookingView.status": "no_show", "SlotView.status": "in_progress", "SlotView.kind": "firm", "StepView.toStatus": "rejected",
		"LeaveView.status": "revoked", "Policy.lateCancel": "block", "DayView.reason": "active_limit", "Actor.role": "system",
		"CompleteBooking.paymentMethod": "upi", "Phase.kind": "processing", "Clearing.by": "visits", "Details.visibility": "internal",
	} {
		schema, member, _ := strings.Cut(place, ".")
		if !slices.Contains(d.Components.Schemas[schema].Properties[member].Enum, any(word)) {
			t.Errorf("%s does not list %s", place, word)
		}
	}
}
