package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// runner is a method of the write side.
type runner[C any] func(context.Context, commands.Caller, commands.Options, C) (commands.Receipt, error)

// commandRoute is how a request becomes a command of type C: the path gives some of its fields, the body the others.
type commandRoute[C any] struct {
	path []pathField
	run  runner[C]
}

// pathField is a field of a command that the path gives; the body must not have it.
type pathField struct {
	name  string // of the parameter and of the JSON member
	kind  string // what its validate tag says of the identifier: "br", "subject", …
	index []int
}

// newCommandRoute finds the fields of C that the path's parameters give. It panics when there is none, as the mux does for a
// pattern that means nothing.
func newCommandRoute[C any](path string, run runner[C]) commandRoute[C] {
	r := commandRoute[C]{run: run}
	fields := reflect.VisibleFields(reflect.TypeFor[C]())
	for _, name := range pathParameters(path) {
		i := slices.IndexFunc(fields, func(f reflect.StructField) bool { return jsonName(f) == name })
		if i < 0 {
			panic("http api: " + path + ": " + reflect.TypeFor[C]().String() + " has no " + name)
		}
		kind := tagValue(fields[i], "id")
		if kind == "" {
			kind = "subject"
		}
		r.path = append(r.path, pathField{name: name, kind: kind, index: fields[i].Index})
	}
	return r
}

// pathParameters lists the names in braces of a path.
func pathParameters(path string) (names []string) {
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// names lists the path's fields.
func (r commandRoute[C]) names() []string {
	names := make([]string, 0, len(r.path))
	for _, f := range r.path {
		names = append(names, f.name)
	}
	return names
}

// parameters describes the path's fields.
func (r commandRoute[C]) parameters() []*huma.Param {
	var params []*huma.Param
	for _, f := range r.path {
		params = append(params, &huma.Param{
			Name: f.name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Pattern: idPattern(f.kind)},
		})
	}
	return params
}

// perform decodes a command and runs it. All that is wrong with its body is told at once: what cannot be decoded, and what the
// command's own rules say of the rest.
func (r commandRoute[C]) perform(ctx context.Context, s *server, in request, decodeBody bodyDecoder[C]) (*receiptOutput, error) {
	c, fields, err := decodeBody(in.body)
	if err != nil {
		return nil, err
	}
	v := reflect.ValueOf(&c).Elem()
	for _, f := range r.path {
		value := in.path[f.name]
		if !validPathID(f.kind, value) {
			return nil, wrongParameter(f.name, "is not an id of the form "+idForm(f.kind))
		}
		field := v.FieldByIndex(f.index)
		if field.String() != "" {
			fields = append(fields, Field{Pointer: "/" + f.name, Message: "is not a field here: the path says it"})
		}
		field.SetString(value)
	}
	if len(fields) > 0 {
		return nil, wrongFields(s.allFaults(fields, c))
	}
	receipt, err := r.run(ctx, sessionOf(ctx).caller(), in.options, c)
	if err != nil {
		return nil, err
	}
	return newReceiptOutput(receipt), nil
}

// allFaults adds what the command's own rules find wrong, but for the places that could not be decoded.
func (s *server) allFaults(fields []Field, command any) []Field {
	for _, f := range s.Commands.Faults(command) {
		if !slices.ContainsFunc(fields, func(known Field) bool { return covers(known.Pointer, f.Pointer) }) {
			fields = append(fields, Field{Pointer: f.Pointer, Message: f.Message})
		}
	}
	return fields
}

// covers reports whether a place is another or lies within it.
func covers(outer, inner string) bool { return inner == outer || strings.HasPrefix(inner, outer+"/") }

// bodyDecoder reads the fields of a command that the body gives.
type bodyDecoder[C any] func(body []byte) (C, []Field, error)

// noBody is for commands of which the path says all.
func noBody[C any]([]byte) (c C, fields []Field, err error) { return c, nil, nil }

// command adds a route that runs one command.
func command[C any](s *server, o operation, run runner[C]) {
	route := newCommandRoute(o.path, run)
	o.parameters, o.command, o.pathNames = route.parameters(), reflect.TypeFor[C](), route.names()
	switch {
	case o.method == http.MethodDelete:
		register(s, o, func(ctx context.Context, in *CommandInput) (*receiptOutput, error) {
			return route.take(ctx, s, in, nil, noBody[C])
		})
	case o.location != "":
		register(s, o, func(ctx context.Context, in *newInput) (*receiptOutput, error) {
			out, err := route.take(ctx, s, &in.KeyInput, in.RawBody, decodeAll[C])
			if err == nil {
				out.Location = o.location + out.Body.ID
			}
			return out, err
		})
	default:
		register(s, o, func(ctx context.Context, in *bodyCommandInput) (*receiptOutput, error) {
			return route.take(ctx, s, &in.CommandInput, in.RawBody, decodeAll[C])
		})
	}
}

// newInput is a command that makes something.
type newInput struct {
	KeyInput
	BodyInput
}

type bodyCommandInput struct {
	CommandInput
	BodyInput
}

// headed is what goes with a command beside its body: KeyInput or CommandInput.
type headed interface {
	options() (commands.Options, error)
	pathValues() map[string]string
}

// request is a command on its way to the method that runs it.
type request struct {
	options commands.Options
	path    map[string]string
	body    []byte
}

// newRequest reads the headers.
func newRequest(in headed, body []byte) (request, error) {
	options, err := in.options()
	return request{options: options, path: in.pathValues(), body: body}, err
}

func (r commandRoute[C]) take(ctx context.Context, s *server, in headed, body []byte, decodeBody bodyDecoder[C]) (*receiptOutput, error) {
	taken, err := newRequest(in, body)
	if err != nil {
		return nil, err
	}
	return r.perform(ctx, s, taken, decodeBody)
}

// validPathID checks an identifier in a path by what the command's tag says of it.
func validPathID(kind, id string) bool {
	if kind == "subject" {
		return domain.ValidID(domain.UserPrefix, id) || domain.ValidID(domain.BookingPrefix, id)
	}
	return domain.ValidID(domain.IDPrefix(kind), id)
}

func idForm(kind string) string {
	if kind == "subject" {
		return "usr_… or bkg_…"
	}
	return kind + "_…"
}
