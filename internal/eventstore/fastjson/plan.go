package fastjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"
)

// Plan is how to read one type. It may be used concurrently.
type Plan struct {
	read read
	// spare holds zero values to read into: what is returned is a copy, and to make both anew costs twice the memory.
	spare sync.Pool
}

// read reads one value into v, which is settable and zero. It reports false when the value is not in the known form.
type read func(r *reader, v reflect.Value) bool

// New makes a plan for a struct type; nil when there is something in it that this package does not know.
func New(t reflect.Type) *Plan {
	if t.Kind() != reflect.Struct {
		return nil
	}
	read := planner{}.of(t)
	if read == nil {
		return nil
	}
	p := &Plan{read: read}
	p.spare.New = func() any { return &zero{reflect.New(t).Elem()} }
	return p
}

// Read returns the value of the plan's type that data holds. ok is false when data is not in the known form. The strings in
// the value are parts of data, which must not be changed afterwards.
func (p *Plan) Read(data []byte) (value any, ok bool) {
	spare := p.spare.Get().(*zero) //nolint:forcetypeassert // nothing else is in it
	if ok = p.into(data, spare.v); ok {
		value = spare.v.Interface()
	}
	spare.v.SetZero()
	p.spare.Put(spare)
	return value, ok
}

// ReadInto is Read into a zero value of the plan's type, to which into points. What is in it is of no use when it is not ok.
func (p *Plan) ReadInto(data []byte, into any) (ok bool) {
	return p.into(data, reflect.ValueOf(into).Elem())
}

func (p *Plan) into(data []byte, v reflect.Value) bool {
	if len(data) == 0 || data[0] != '{' {
		return false
	}
	// A copy, or one for each string, would be most of what reading costs.
	r := reader{s: unsafe.String(unsafe.SliceData(data), len(data))}
	return p.read(&r, v) && r.at == len(r.s)
}

// zero is a value to read into.
type zero struct{ v reflect.Value }

// planner makes a plan. It holds the types that it is busy with: a type within itself has no plan.
type planner map[reflect.Type]bool

func (p planner) of(t reflect.Type) read {
	switch {
	case p[t]:
		return nil
	case t == reflect.TypeFor[time.Time]():
		return readTime
	case readsItself(t):
		return nil
	}
	switch t.Kind() { //nolint:exhaustive // the others have no plan
	case reflect.String:
		return readString
	case reflect.Bool:
		return readBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return readInt
	case reflect.Slice:
		return p.slice(t)
	case reflect.Pointer:
		return p.pointer(t)
	case reflect.Struct:
		return p.object(t)
	}
	return nil
}

// readsItself reports whether encoding/json leaves the reading to the type.
func readsItself(t reflect.Type) bool {
	to := reflect.PointerTo(t)
	return to.Implements(reflect.TypeFor[json.Unmarshaler]()) || to.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func (p planner) slice(t reflect.Type) read {
	if t == reflect.TypeFor[[]byte]() {
		return readBytes
	}
	if t == reflect.TypeFor[[]string]() {
		return readStrings
	}
	element := p.of(t.Elem())
	if element == nil || t.Elem().Kind() == reflect.Uint8 {
		return nil
	}
	return func(r *reader, v reflect.Value) bool { return r.slice(v, element) }
}

func (p planner) pointer(t reflect.Type) read {
	to := p.of(t.Elem())
	if to == nil {
		return nil
	}
	return func(r *reader, v reflect.Value) bool {
		if r.null() {
			return true
		}
		target := reflect.New(t.Elem())
		v.Set(target)
		return to(r, target.Elem())
	}
}

func (p planner) object(t reflect.Type) read {
	p[t] = true
	defer delete(p, t)
	fields, ok := p.fields(t, nil)
	if !ok || ambiguous(fields) {
		return nil
	}
	return func(r *reader, v reflect.Value) bool { return r.object(v, fields) }
}

// field is a member of an object.
type field struct {
	key  string // as it stands in the text: "name":
	path []int  // of the field in the struct, through embedded ones
	read read
}

// fields lists the members of an object of type t, in the order in which they are written.
func (p planner) fields(t reflect.Type, path []int) (all []field, ok bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(slices.Clip(path), i)
		tag, tagged := f.Tag.Lookup("json")
		if f.Anonymous && !tagged {
			if f.Type.Kind() != reflect.Struct || readsItself(f.Type) {
				return nil, false
			}
			inner, ok := p.fields(f.Type, at)
			if !ok {
				return nil, false
			}
			all = append(all, inner...)
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-" || !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		read := p.of(f.Type)
		key, err := json.Marshal(name)
		if read == nil || err != nil || strings.Contains(options, "string") {
			return nil, false
		}
		all = append(all, field{key: string(key) + ":", path: at, read: read})
	}
	return all, true
}

// ambiguous reports whether two fields may answer to one name: who wins then is for encoding/json to say.
func ambiguous(fields []field) bool {
	seen := map[string]bool{}
	for _, f := range fields {
		name := strings.ToLower(f.key)
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}
