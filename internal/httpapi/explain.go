package httpapi

import (
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// explainer completes the description of types that are described elsewhere, or nowhere: what their members mean, and which words
// they are of.
type explainer struct {
	enums    map[reflect.Type][]any
	glossary map[string]string
}

func newExplainer() explainer {
	e := explainer{enums: enums(), glossary: glossary()}
	// The terms of a policy say what its rules are; what they are "unless given" is of no interest where they are.
	for _, f := range reflect.VisibleFields(reflect.TypeFor[commands.PolicyTerms]()) {
		text, _, _ := strings.Cut(strings.TrimSuffix(f.Tag.Get("doc"), "."), ";")
		e.glossary["Policy."+jsonName(f)] = text + "."
	}
	return e
}

// schema completes that of a type, under the name that the document has for it.
func (e explainer) schema(name string, schema *huma.Schema, t reflect.Type) {
	if t == nil || t.Kind() != reflect.Struct {
		return
	}
	for _, f := range reflect.VisibleFields(t) {
		property := schema.Properties[jsonName(f)]
		if property == nil {
			continue
		}
		if property.Description == "" {
			property.Description = e.meaning(name, t, f)
		}
		e.restrict(property, f.Type)
		if dated(jsonName(f)) {
			property.Format = "date"
		}
	}
}

// meaning looks a field up, under the type that has it before the one that embeds it.
func (e explainer) meaning(schema string, t reflect.Type, f reflect.StructField) string {
	owner := t
	for _, i := range f.Index[:len(f.Index)-1] {
		owner = owner.Field(i).Type
	}
	for _, name := range []string{schema + "." + jsonName(f), owner.Name() + "." + jsonName(f), jsonName(f)} {
		if text := e.glossary[name]; text != "" {
			return text
		}
	}
	return ""
}

// restrict says which words a value is of, or what form it has.
func (e explainer) restrict(schema *huma.Schema, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice && schema.Items != nil {
		e.restrict(schema.Items, t.Elem())
		return
	}
	if len(schema.Enum) == 0 {
		schema.Enum = e.enums[t]
	}
	if t == reflect.TypeFor[domain.Minute]() {
		schema.Pattern = clockPattern
	}
}

// dated lists the members that are calendar dates, wherever they stand.
func dated(name string) bool {
	return slices.Contains([]string{"date", "effectiveFrom", "fromDate", "toDate", "localDate"}, name)
}

// operations visits all operations.
func operations(api *huma.OpenAPI, visit func(*huma.Operation)) {
	for _, item := range api.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete} {
			if op != nil {
				visit(op)
			}
		}
	}
}

// describeHeaders describes the headers of answers, whose fields the API library reads for their schemas only.
func describeHeaders(op *huma.Operation) {
	for _, response := range op.Responses {
		for _, header := range response.Headers {
			header.Description, header.Schema.Description = header.Schema.Description, ""
		}
	}
}
