package httpapi

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/royalglow/booking/domain"
)

// The description of a command's body is made from its type and the validate tags that check it, so that the two cannot say
// different things.

// commandSchema describes the body of a command: all its fields but those that the path gives, and, for an action, the word.
func (s *server) commandSchema(t reflect.Type, pathNames []string, word string) *huma.Schema {
	registry := s.api.OpenAPI().Components.Schemas
	ref := registry.Schema(t, true, "")
	schema := registry.SchemaFromRef(ref.Ref)
	constrain(registry, schema, t, map[reflect.Type]bool{})
	for _, name := range pathNames {
		delete(schema.Properties, name)
		schema.Required = slices.DeleteFunc(schema.Required, func(r string) bool { return r == name })
	}
	if word != "" {
		schema.Properties["action"] = &huma.Schema{Type: huma.TypeString, Enum: []any{word}, Description: "What is to be done."}
		schema.Required = append(schema.Required, "action")
	}
	return ref
}

// constrain adds to the schema of a struct what the validate tags say of its fields. Types of other packages have none, and are
// described as they are.
func constrain(registry huma.Registry, schema *huma.Schema, t reflect.Type, done map[reflect.Type]bool) {
	if done[t] {
		return
	}
	done[t] = true
	fields := reflect.VisibleFields(t)
	for _, f := range fields {
		property := schema.Properties[jsonName(f)]
		if property == nil {
			continue
		}
		if ruled(fields) {
			constrainField(schema, property, f, f.Tag.Get("validate"))
		}
		constrainNested(registry, property, f.Type, done)
	}
	if _, embedded := t.FieldByName(reflect.TypeFor[domain.TimetableChange]().Name()); embedded {
		schema.OneOf = exclusive("pattern", "override")
	}
}

// ruled reports whether a type has rules of its own; members of one that has none are required unless they are omitted when empty.
func ruled(fields []reflect.StructField) bool {
	return slices.ContainsFunc(fields, func(f reflect.StructField) bool { return f.Tag.Get("validate") != "" })
}

func constrainField(schema, property *huma.Schema, f reflect.StructField, tag string) {
	name := jsonName(f)
	own, element, _ := strings.Cut(tag, ",dive")
	rules := strings.Split(own, ",")
	for _, rule := range rules {
		word, value, _ := strings.Cut(rule, "=")
		bound(property, f.Type, word, value)
		other := strings.ToLower(value[:min(1, len(value))]) + value[min(1, len(value)):]
		switch word {
		case "required_with":
			dependent(schema, other, name)
		case "excluded_without":
			dependent(schema, name, other)
		case "excluded_with":
			schema.OneOf = exclusive(name, other) // one of them is required, see required_without
		case "required_without":
			schema.AnyOf = exclusive(name, other)
		}
	}
	if len(schema.OneOf) > 0 {
		schema.AnyOf = nil
	}
	if property.Items != nil {
		for rule := range strings.SplitSeq(strings.TrimPrefix(element, ","), ",") {
			word, value, _ := strings.Cut(rule, "=")
			bound(property.Items, f.Type.Elem(), word, value)
		}
	}
	schema.Required = slices.DeleteFunc(schema.Required, func(r string) bool { return r == name })
	if slices.Contains(rules, "required") || (property.MinItems != nil && *property.MinItems > 0) {
		schema.Required = append(schema.Required, name)
	}
}

// dependent says that a member needs another one beside it.
func dependent(schema *huma.Schema, member, needs string) {
	if schema.DependentRequired == nil {
		schema.DependentRequired = map[string][]string{}
	}
	if !slices.Contains(schema.DependentRequired[member], needs) {
		schema.DependentRequired[member] = append(schema.DependentRequired[member], needs)
	}
}

// exclusive are two schemas, each of which requires one member.
func exclusive(one, other string) []*huma.Schema {
	return []*huma.Schema{{Required: []string{one}}, {Required: []string{other}}}
}

// constrainNested goes on with the struct that a property or its elements are.
func constrainNested(registry huma.Registry, property *huma.Schema, t reflect.Type, done map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if property.Items != nil {
		property = property.Items
	}
	if t.Kind() == reflect.Struct && property.Ref != "" {
		constrain(registry, registry.SchemaFromRef(property.Ref), t, done)
	}
}

// bound adds one rule to a schema. Rules that JSON Schema cannot say are left out.
func bound(schema *huma.Schema, t reflect.Type, rule, value string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch rule {
	case "oneof":
		schema.Enum = nil
		for word := range strings.FieldsSeq(value) {
			schema.Enum = append(schema.Enum, word)
		}
	case "min", "max":
		limit(schema, t, rule == "max", value)
	case "unique":
		schema.UniqueItems = value == ""
	case "text", "prose":
		schema.Pattern = `\S`
	case "id":
		schema.Pattern = idPattern(value)
	case "date":
		schema.Format, schema.Examples = "date", []any{"2026-06-15"}
	case "clock":
		schema.Pattern, schema.Examples = clockPattern, []any{"09:30"}
	case "offset":
		schema.Pattern, schema.Examples = `^(Z|[+-]\d\d:\d\d)$`, []any{"+05:30"}
	case "code":
		schema.Pattern = `^[a-z_]{1,40}$`
	case "segment":
		schema.Pattern, schema.Examples = `^seg_[1-9]\d*$`, []any{"seg_1"}
	case "zone":
		schema.Examples = []any{"Asia/Kolkata"}
	case "iso4217":
		schema.Pattern, schema.Examples = `^[A-Z]{3}$`, []any{"INR"}
	}
}

// limit sets a least or greatest value, length or number of entries.
func limit(schema *huma.Schema, t reflect.Type, greatest bool, text string) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return
	}
	number := float64(n)
	switch kind := t.Kind(); {
	case kind == reflect.String && greatest:
		schema.MaxLength = &n
	case kind == reflect.String:
		schema.MinLength = &n
	case kind == reflect.Slice && greatest:
		schema.MaxItems = &n
	case kind == reflect.Slice:
		schema.MinItems = &n
	case greatest:
		schema.Maximum = &number
	default:
		schema.Minimum = &number
	}
}

// clockPattern is the form of a time of day.
const clockPattern = `^([01]\d|2[0-3]):[0-5]\d$|^24:00$`

// idPattern is the form of an identifier of a kind, see domain.ValidID.
func idPattern(kind string) string {
	if kind == "subject" {
		kind = "(usr|bkg)"
	}
	return "^" + kind + "_[0-9A-Za-z]{6,40}$"
}

// jsonName is the name of a field in JSON; "" for one that is not there, such as an embedded struct.
func jsonName(f reflect.StructField) string {
	if f.Anonymous {
		return ""
	}
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// tagValue returns the value of a rule in a field's validate tag, such as "br" of id=br.
func tagValue(f reflect.StructField, rule string) string {
	for part := range strings.SplitSeq(f.Tag.Get("validate"), ",") {
		if value, ok := strings.CutPrefix(part, rule+"="); ok {
			return value
		}
	}
	return ""
}

// plainArrays takes back that every list may be null, which the API library says of all: none of ours is, see the contract
// tests.
func plainArrays(schema *huma.Schema) {
	if schema == nil {
		return
	}
	if schema.Type == huma.TypeArray {
		schema.Nullable = false
	}
	plainArrays(schema.Items)
	for _, p := range schema.Properties {
		plainArrays(p)
	}
	if more, ok := schema.AdditionalProperties.(*huma.Schema); ok {
		plainArrays(more)
	}
	for _, one := range slices.Concat(schema.OneOf, schema.AnyOf, schema.AllOf) {
		plainArrays(one)
	}
}
