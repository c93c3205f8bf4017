package httpapi

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// operation describes a route for the code and for the reader of the description.
type operation struct {
	id      string // camelCase, unique
	method  string
	path    string
	summary string
	detail  string
	tag     string
	// public operations need no session.
	public bool
	// moreInside: a public operation that says more to some sessions.
	moreInside bool
	// status of a success; 200 unless set.
	status int
	// response is a value of the type of a success, where the handler's output does not tell.
	response any
	// body is a value of the type that the request's body has; nil when there is none.
	body any
	// bodyOptional: the body may be left out.
	bodyOptional bool
	// forms: the body may be a form as well.
	forms bool

	// checksParameters: the handler names unknown parameters with what else is wrong, also without a query of its own.
	checksParameters bool

	// parameters are those of the path that the handler's input does not declare.
	parameters []*huma.Param
	// command is the type of the command that the body holds, without the fields in pathNames; actions are several of them.
	command   reflect.Type
	pathNames []string
	actions   []action
	// location is the path before the id of what is made.
	location string
	// mediaType is that of a success which is text instead of JSON, or which may be.
	mediaType string
}

// register adds a route. The handler's errors become problems; it never sees a request without a session unless the
// operation is public.
func register[I, O any](s *server, o operation, handle func(context.Context, *I) (*O, error)) {
	described := s.requestBody(o)
	op := huma.Operation{
		OperationID: o.id, Method: o.method, Path: o.path, Summary: o.summary, Description: o.detail,
		Tags: []string{o.tag}, DefaultStatus: o.status, Parameters: o.parameters,
		// Parameters and bodies are checked by the handlers, which name all mistakes at once.
		SkipValidateParams: true,
		SkipValidateBody:   true,
		MaxBodyBytes:       maxBody + 1, // readBody refuses first
		RequestBody:        copyOf(described),
		Responses: map[string]*huma.Response{"default": {
			Description: "Anything that is not a success.",
			Content:     map[string]*huma.MediaType{problemType: {Schema: s.schema(Problem{})}},
		}},
	}
	if content := s.content(o); len(content) > 0 {
		op.Responses["200"] = &huma.Response{Description: http.StatusText(http.StatusOK), Content: content}
	}
	switch {
	case !o.public:
		op.Security = []map[string][]string{{security: {}}}
	case o.moreInside:
		op.Security = []map[string][]string{{}, {security: {}}} // the description's way to say: optional
	}
	readsQuery := o.checksParameters || hasQuery(reflect.TypeFor[I]())
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		if unknown := unknownParameters(ctx); len(unknown) > 0 && !readsQuery {
			return nil, s.problem(ctx, wrongRequest(unknown))
		}
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
	// For a raw body the library has put its own words in the place of ours.
	if described != nil {
		*op.RequestBody = *described
	}
}

// content describes a success whose handler's output does not tell.
func (s *server) content(o operation) map[string]*huma.MediaType {
	content := map[string]*huma.MediaType{}
	if o.response != nil {
		content["application/json"] = &huma.MediaType{Schema: s.schema(o.response)}
	}
	if o.mediaType != "" {
		content[o.mediaType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return content
}

func copyOf(b *huma.RequestBody) *huma.RequestBody {
	if b == nil {
		return nil
	}
	c := &huma.RequestBody{Required: b.Required, Content: map[string]*huma.MediaType{}}
	for name, media := range b.Content {
		c.Content[name] = &huma.MediaType{Schema: media.Schema}
	}
	return c
}

func (s *server) schema(of any) *huma.Schema {
	return s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(of), true, "")
}

func (s *server) requestBody(o operation) *huma.RequestBody {
	var schema *huma.Schema
	switch {
	case o.body != nil:
		schema = s.schema(o.body)
	case o.command != nil && o.method != http.MethodDelete:
		schema = s.commandSchema(o.command, o.pathNames, "")
	case len(o.actions) > 0:
		schema = &huma.Schema{}
		for _, a := range o.actions {
			schema.OneOf = append(schema.OneOf, s.commandSchema(a.command, namesOf(a.path), a.word))
		}
	default:
		return nil
	}
	content := map[string]*huma.MediaType{jsonType: {Schema: schema}}
	if o.forms {
		content[formType] = &huma.MediaType{Schema: schema}
	}
	return &huma.RequestBody{Required: !o.bodyOptional, Content: content}
}

// Parts of requests that several operations share. Their names are exported because the API library looks at no others
// when they are embedded.

// BodyInput is a body as it came.
type BodyInput struct {
	RawBody []byte `contentType:"application/json"`
}

// PositionInput is how far a read must have seen.
type PositionInput struct {
	MinPosition string `query:"minPosition" doc:"Wait (at most 5 s) until the read includes this log position: a number from a receipt, or the word published for all that realtime messages may tell of." example:"published"`
}

// KeyInput is what goes with a command that makes something, beside its body.
type KeyInput struct {
	Key string `header:"Idempotency-Key" doc:"1 to 64 of A-Z, a-z, 0-9, _ and -. A repeat under the same key gets the first receipt."`

	keySent, ifMatchSent bool
	path                 map[string]string
}

// Resolve notes which headers are there at all (an empty key is malformed, an absent one is fine), and what the path says.
func (k *KeyInput) Resolve(ctx huma.Context) []error {
	ctx.EachHeader(func(name, _ string) {
		switch http.CanonicalHeaderKey(name) {
		case idempotencyKeyHeader:
			k.keySent = true
		case ifMatchHeader:
			k.ifMatchSent = true
		}
	})
	k.path = map[string]string{}
	for _, name := range pathParameters(ctx.Operation().Path) {
		k.path[name] = ctx.Param(name)
	}
	return nil
}

// pathValues are what the path says, by the names of its parameters.
func (k *KeyInput) pathValues() map[string]string { return k.path }

// CommandInput is what goes with a command for something that may exist, beside its body.
type CommandInput struct {
	KeyInput
	IfMatch string `header:"If-Match" doc:"The ETag on which the caller decided. The desk's changes of bookings need it." example:"\"3\""`
}
