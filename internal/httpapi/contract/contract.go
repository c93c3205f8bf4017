// Package contract holds answers of the API against its OpenAPI document. It is for tests: whatever a test asks, the answer must
// be one that the document describes, and what the API took must be what the document says that it takes.
package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// document is the name under which the compiler knows the document.
const document = "openapi.json"

// Contract is a compiled OpenAPI 3.1 document. It is safe for concurrent use.
type Contract struct {
	operations []operation

	mu       sync.Mutex
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema // by JSON pointer
	seen     map[string]bool               // operation ids that have succeeded
}

// operation is a method of a path.
type operation struct {
	id, method string
	path       string // with its braces
	segments   []string
	pointer    string // JSON pointer into the document
	parameters []any
	requests   map[string]any
	responses  map[string]any
}

// New compiles a document.
func New(text []byte) (*Contract, error) {
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	c := &Contract{
		compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}, seen: map[string]bool{},
	}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource(document, root); err != nil {
		return nil, fmt.Errorf("add document: %w", err)
	}
	for path, item := range object(object(root)["paths"]) {
		for method, op := range object(item) {
			c.operations = append(c.operations, operation{
				id: word(object(op)["operationId"]), method: strings.ToUpper(method), path: path, segments: strings.Split(path, "/"),
				pointer:    "/paths/" + escape(path) + "/" + method,
				parameters: list(object(op)["parameters"]),
				requests:   object(object(object(op)["requestBody"])["content"]),
				responses:  object(object(op)["responses"]),
			})
		}
	}
	return c, nil
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func word(v any) string {
	s, _ := v.(string)
	return s
}

// escape writes a token of a JSON pointer (RFC 6901).
func escape(token string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
}

// Unseen lists the operations that no checked exchange has had succeed, by id.
func (c *Contract) Unseen() (ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, op := range c.operations {
		if !c.seen[op.id] {
			ids = append(ids, op.id)
		}
	}
	return ids
}

// Exchange is a request and its answer.
type Exchange struct {
	Method, Path string // without the query
	Request      []byte
	Status       int
	Header       http.Header // of the answer
	Body         []byte
}

// problemType is what every answer that is not a success is, also where there is no operation.
const problemType = "application/problem+json"

// Check returns what is wrong with an exchange: an answer, or a body that was taken, which the document does not describe.
func (c *Contract) Check(x Exchange) error {
	op, found := c.operation(described(x.Method), x.Path)
	if !found {
		if x.Status < http.StatusBadRequest && strings.HasPrefix(x.Path, "/api") {
			return fmt.Errorf("%s %s succeeds and is not described", x.Method, x.Path)
		}
		return nil
	}
	success := x.Status < http.StatusBadRequest
	if err := c.checkResponse(op, x, success); err != nil {
		return fmt.Errorf("%s %s: answer %d: %w", x.Method, op.path, x.Status, err)
	}
	if !success || x.Method == http.MethodHead {
		return nil
	}
	c.mu.Lock()
	c.seen[op.id] = true
	c.mu.Unlock()
	if len(x.Request) > 0 && op.requests != nil {
		if err := c.validate(op.pointer+requestSchema, x.Request); err != nil {
			return fmt.Errorf("%s %s: the body was taken: %w", x.Method, op.path, err)
		}
	}
	return nil
}

// described is the method under which the document has an operation: HEAD is GET without the body (RFC 9110, 9.3.2).
func described(method string) string {
	if method == http.MethodHead {
		return http.MethodGet
	}
	return method
}

func (c *Contract) checkResponse(op operation, x Exchange, success bool) error {
	status := strconv.Itoa(x.Status)
	if _, there := op.responses[status]; !there {
		if success {
			return fmt.Errorf("a success that is not described: %.200s", x.Body)
		}
		status = "default"
	}
	media, _, err := mime.ParseMediaType(x.Header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("content type %q: %w", x.Header.Get("Content-Type"), err)
	}
	if !success && media != problemType {
		return fmt.Errorf("content type %q instead of %s", media, problemType)
	}
	for described := range object(object(op.responses[status])["content"]) {
		if plain, _, _ := mime.ParseMediaType(described); plain != media {
			continue
		}
		if !strings.HasSuffix(media, "json") || x.Method == http.MethodHead {
			return nil
		}
		return c.validate(op.pointer+"/responses/"+status+"/content/"+escape(described)+"/schema", x.Body)
	}
	return fmt.Errorf("content type %q is not described", media)
}

// operation finds what a request goes to. A fixed segment goes before a parameter, as it does for the server.
func (c *Contract) operation(method, path string) (best operation, found bool) {
	segments := strings.Split(path, "/")
	fixed := -1
	for _, op := range c.operations {
		if op.method != method || len(op.segments) != len(segments) {
			continue
		}
		n, fits := 0, true
		for i, s := range op.segments {
			switch {
			case s == segments[i]:
				n++
			case !strings.HasPrefix(s, "{"):
				fits = false
			}
		}
		if fits && n > fixed {
			best, fixed, found = op, n, true
		}
	}
	return best, found
}

// Takes returns what the document has against the body of a request, or nil when a server has to look at it.
func (c *Contract) Takes(method, path string, body []byte) error {
	op, found := c.operation(method, path)
	if !found || op.requests == nil {
		return fmt.Errorf("%s %s takes no body", method, path)
	}
	return c.validate(op.pointer+requestSchema, body)
}

// TakesParameter is Takes for the text of a parameter.
func (c *Contract) TakesParameter(method, path, name, text string) error {
	op, _ := c.operation(method, path)
	for i, p := range op.parameters {
		if word(object(p)["name"]) != name {
			continue
		}
		value, err := json.Marshal(text)
		if kind := word(object(object(p)["schema"])["type"]); kind != "string" && json.Valid([]byte(text)) {
			value = []byte(text) // a number or a truth value, as it would stand in JSON
		}
		if err != nil {
			return fmt.Errorf("write %q: %w", text, err)
		}
		return c.validate(op.pointer+"/parameters/"+strconv.Itoa(i)+"/schema", value)
	}
	return fmt.Errorf("%s %s has no parameter %s", method, path, name)
}

// requestSchema is where an operation's body is described, below the operation.
const requestSchema = "/requestBody/content/application~1json/schema"

func (c *Contract) validate(pointer string, text []byte) error {
	schema, err := c.schema(pointer)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%w in %.200s", err, text)
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("%w\nin %.2000s", err, compact(text))
	}
	return nil
}

func compact(text []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return string(text)
	}
	return b.String()
}

func (c *Contract) schema(pointer string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.schemas[pointer]; s != nil {
		return s, nil
	}
	s, err := c.compiler.Compile(document + "#" + pointer)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", pointer, err)
	}
	c.schemas[pointer] = s
	return s, nil
}
