package httpapi

import (
	"bytes"
	"encoding"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/royalglow/booking/domain"
)

// maxFaults is how many wrong fields one answer names; a body with more is not a mistake.
const maxFaults = 50

// shape is how an object differs from its Go type.
type shape struct {
	also   []string // members that are read elsewhere
	except []string // members that the path gives
}

// decodeAll reads one JSON object strictly and names every member that is unknown, ill-typed or null; the others it fills in. The
// error is for what is not well-formed, or not an object.
func decodeAll[T any](body []byte, s shape) (v T, fields []Field, err error) {
	d := &strictDecoder{Decoder: jsontext.NewDecoder(bytes.NewReader(body))}
	switch {
	case d.PeekKind() == '{':
	case len(bytes.TrimSpace(body)) == 0, jsontext.Value(body).IsValid():
		return v, nil, wrongField("", "a JSON object is required")
	default:
		return v, nil, malformed(errNoObject)
	}
	err = d.object(reflect.ValueOf(&v).Elem(), s)
	if errors.Is(err, errEnough) {
		return v, d.faults, nil
	}
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return v, nil, malformed(err)
	}
	return v, d.faults, nil
}

// malformed refuses what is not JSON, or says a name twice.
func malformed(err error) error {
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok && errors.Is(err, jsontext.ErrDuplicateName) {
		return wrongField(string(e.JSONPointer), "is there twice")
	}
	return domain.Refuse(domain.Invalid, domain.CodeValidation, "the body is not well-formed JSON")
}

// strictDecoder reads a body in one pass and goes on after a mistake, which the library does not. Its errors are of syntax.
type strictDecoder struct {
	*jsontext.Decoder
	faults []Field
}

// errEnough says that there are as many faults as an answer names.
var errEnough = errors.New("too many faults")

// What is not well-formed in ways that the library does not see.
var (
	errNoObject = errors.New("not an object")
	errMore     = errors.New("something follows the object")
)

func (d *strictDecoder) end() error {
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.Join(errMore, err)
	}
	return nil
}

// fault notes what is wrong with the value that was read last.
func (d *strictDecoder) fault(message string) error {
	d.faults = append(d.faults, Field{Pointer: string(d.StackPointer()), Message: message})
	if len(d.faults) >= maxFaults {
		return errEnough
	}
	return nil
}

// skip reads a value and notes what is wrong with it.
func (d *strictDecoder) skip(message string) error {
	if err := d.SkipValue(); err != nil {
		return err
	}
	return d.fault(message)
}

// value reads one value. Nothing may be null: what is not said is left out.
func (d *strictDecoder) value(v reflect.Value) error {
	kind := d.PeekKind()
	switch t := v.Type(); {
	case kind == 'n':
		return d.skip("must not be null: leave it out")
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		return d.value(v.Elem())
	case isLeaf(t):
		return d.leaf(v)
	case t.Kind() == reflect.Slice && kind == '[':
		return d.list(v)
	case t.Kind() == reflect.Struct && kind == '{':
		return d.object(v, shape{})
	}
	return d.skip(wanted(v.Type()))
}

func (d *strictDecoder) leaf(v reflect.Value) error {
	text, err := d.ReadValue()
	if err != nil {
		return err
	}
	if json.Unmarshal(text, v.Addr().Interface()) != nil {
		return d.fault(wanted(v.Type()))
	}
	return nil
}

func (d *strictDecoder) list(v reflect.Value) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0)) // there, if empty
	for d.PeekKind() != ']' {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(element); err != nil {
			return err
		}
		v.Set(reflect.Append(v, element))
	}
	_, err := d.ReadToken()
	return err
}

func (d *strictDecoder) object(v reflect.Value, s shape) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	fields, seen := reflect.VisibleFields(v.Type()), map[string]bool{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		seen[name.String()] = true
		if err := d.member(v, fields, name.String(), s); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	d.missing(fields, seen)
	return nil
}

// missing notes what an object lacks. Types with rules of their own say so by them.
func (d *strictDecoder) missing(fields []reflect.StructField, seen map[string]bool) {
	if ruled(fields) {
		return
	}
	for _, f := range fields {
		if name := jsonName(f); name != "" && !seen[name] && !strings.Contains(f.Tag.Get("json"), ",omit") {
			d.faults = append(d.faults, Field{Pointer: string(d.StackPointer()) + "/" + name, Message: "is required"})
		}
	}
}

func (d *strictDecoder) member(v reflect.Value, fields []reflect.StructField, name string, s shape) error {
	i := slices.IndexFunc(fields, func(f reflect.StructField) bool { return name != "" && jsonName(f) == name })
	switch {
	case slices.Contains(s.also, name):
		return d.SkipValue()
	case slices.Contains(s.except, name):
		return d.skip("is not a field here: the path says it")
	case i < 0:
		return d.skip("is not a field here")
	}
	field := fields[i]
	before, into := len(d.faults), v.FieldByIndex(field.Index)
	if err := d.value(into); err != nil {
		return err
	}
	// What may be left out is checked where it is not zero: said to be zero, it would pass for left out.
	if len(d.faults) == before && into.IsZero() && optional(field) {
		return d.fault("must not be empty: leave it out")
	}
	return nil
}

// optional reports whether the rules of a field let its zero value pass.
func optional(f reflect.StructField) bool {
	return slices.Contains(strings.Split(f.Tag.Get("validate"), ","), "omitempty")
}

// isLeaf reports whether a type is read as a whole: what reads itself, and what has no parts.
func isLeaf(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) ||
		t.Kind() != reflect.Struct && t.Kind() != reflect.Slice
}

// wanted says in words what a value of a type is.
func wanted(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Time]():
		return "must be an instant such as 2026-06-15T10:00:00Z"
	case reflect.TypeFor[domain.Minute]():
		return "must be a time of day such as 09:30, 00:00 to 24:00"
	}
	switch t.Kind() { //nolint:exhaustive // commands have no others
	case reflect.String:
		return "must be text"
	case reflect.Bool:
		return "must be true or false"
	case reflect.Slice:
		return "must be a list"
	case reflect.Struct:
		return "must be an object"
	}
	return "must be a whole number"
}
