package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

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
	name   string // of the parameter
	member string // of the command, in JSON
	kind   string // what its validate tag says of the identifier: "br", "subject", …
	doc    string
	index  []int
}

// newCommandRoute finds the fields of C that the path's parameters give. It panics when there is none, as the mux does for a
// pattern that means nothing.
func newCommandRoute[C any](path string, run runner[C]) commandRoute[C] {
	r := commandRoute[C]{run: run}
	fields := reflect.VisibleFields(reflect.TypeFor[C]())
	for _, name := range pathParameters(path) {
		member := memberOf(path, name)
		i := slices.IndexFunc(fields, func(f reflect.StructField) bool { return jsonName(f) == member })
		if i < 0 {
			panic("http api: " + path + ": " + reflect.TypeFor[C]().String() + " has no " + member)
		}
		kind := tagValue(fields[i], "id")
		if kind == "" {
			kind = "subject"
		}
		r.path = append(r.path, pathField{name: name, member: member, kind: kind, doc: fields[i].Tag.Get("doc"), index: fields[i].Index})
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

// memberOf is the member of a command that a path's parameter gives: an id's is that of what stands before it.
func memberOf(path, parameter string) string {
	if parameter != "id" {
		return parameter
	}
	before, _, _ := strings.Cut(path, "/{id}")
	switch before[strings.LastIndex(before, "/")+1:] {
	case "bookings":
		return "bookingId"
	case "branches":
		return "branchId"
	case "customers":
		return "customerId"
	case "projections":
		return "projection"
	case "leave":
		return "leaveId"
	case "staff":
		return "staffId"
	}
	return parameter
}

// names lists the members that the path gives.
func (r commandRoute[C]) names() []string { return namesOf(r.path) }

func namesOf(path []pathField) []string {
	names := make([]string, 0, len(path))
	for _, f := range path {
		names = append(names, f.member)
	}
	return names
}

// parameters describes the path's fields.
func (r commandRoute[C]) parameters() []*huma.Param {
	var params []*huma.Param
	for _, f := range r.path {
		params = append(params, &huma.Param{
			Name: f.name, In: "path", Required: true, Description: f.doc, Schema: &huma.Schema{Type: huma.TypeString, Pattern: idPattern(f.kind)},
		})
	}
	return params
}

// perform decodes a command and runs it. All that is wrong with a request is told at once: its headers, its path, what cannot be
// decoded of its body, and what the command's own rules say of the rest.
func (r commandRoute[C]) perform(ctx context.Context, s *server, in request) (*receiptOutput, error) {
	options, faults, err := in.head(r.path)
	if err != nil {
		return nil, err
	}
	c, fields, unread := r.decode(in)
	if faults, err = setAside(append(faults, fields...), unread); err != nil {
		return nil, err
	}
	v := reflect.ValueOf(&c).Elem()
	values := in.pathValues()
	for _, f := range r.path {
		v.FieldByIndex(f.index).SetString(values[f.name])
	}
	if len(faults) > 0 {
		if unread == nil && len(fields) < maxFaults { // of what was not read nothing is known to be missing
			faults = s.allFaults(ctx, faults, c, r.names())
		}
		return nil, wrongRequest(faults)
	}
	began := time.Now()
	receipt, err := r.run(ctx, sessionOf(ctx).caller(), options, c)
	if s.CommandTook != nil {
		s.CommandTook(time.Since(began))
	}
	if err != nil {
		return nil, err
	}
	return newReceiptOutput(receipt), nil
}

// decode reads the members that the path does not give; where there is no body the path gives them all.
func (r commandRoute[C]) decode(in request) (c C, fields []Field, err error) {
	if in.bodiless {
		return c, nil, nil
	}
	return decodeAll[C](in.body, shape{also: in.also, except: r.names()})
}

// allFaults adds what the command's own rules find wrong, but for the places that could not be decoded, and for what the path
// gives: what is wrong with that has been said.
func (s *server) allFaults(ctx context.Context, faults []Field, command any, pathNames []string) []Field {
	said := slices.Clone(faults)
	for _, name := range pathNames {
		said = append(said, Field{Pointer: "/" + name})
	}
	for _, f := range s.Commands.Faults(sessionOf(ctx).caller(), command) {
		if !named(said, f.Pointer) {
			faults = append(faults, Field{Pointer: f.Pointer, Message: f.Message})
		}
	}
	return faults
}

// named reports whether a place is among the faults, or within one.
func named(faults []Field, pointer string) bool {
	return slices.ContainsFunc(faults, func(f Field) bool { return covers(f.Pointer, pointer) })
}

// covers reports whether a place is another or lies within it. A parameter has no place.
func covers(outer, inner string) bool {
	return outer != "" && (inner == outer || strings.HasPrefix(inner, outer+"/"))
}

// command adds a route that runs one command.
func command[C any](s *server, o operation, run runner[C]) {
	route := newCommandRoute(o.path, run)
	o.parameters, o.command, o.pathNames = route.parameters(), reflect.TypeFor[C](), route.names()
	switch {
	case o.method == http.MethodDelete:
		register(s, o, func(ctx context.Context, in *CommandInput) (*receiptOutput, error) {
			return route.perform(ctx, s, request{headed: in, bodiless: true})
		})
	case o.location != "":
		register(s, o, func(ctx context.Context, in *newInput) (*receiptOutput, error) {
			out, err := route.perform(ctx, s, request{headed: &in.KeyInput, body: in.RawBody})
			if err == nil {
				out.Location = o.location + out.Body.ID
			}
			return out, err
		})
	default:
		register(s, o, func(ctx context.Context, in *bodyCommandInput) (*receiptOutput, error) {
			return route.perform(ctx, s, request{headed: &in.CommandInput, body: in.RawBody})
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
	// options reads the headers; faults are what is wrong with them.
	options() (o commands.Options, faults []Field, err error)
	pathValues() map[string]string
}

// request is a command on its way to the method that runs it.
type request struct {
	headed
	body     []byte
	bodiless bool     // a body is not looked at
	also     []string // members of the body that are not the command's
}

// head reads what comes before the body, and tells what is wrong with it.
func (r request) head(path []pathField) (o commands.Options, faults []Field, err error) {
	if o, faults, err = r.options(); err != nil {
		return o, nil, err
	}
	values := r.pathValues()
	for _, f := range path {
		if !validPathID(f.kind, values[f.name]) {
			faults = append(faults, Field{Parameter: f.name, Message: "is not an id of the form " + idForm(f.kind)})
		}
	}
	return o, faults, nil
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
