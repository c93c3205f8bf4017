package httpapi

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/royalglow/booking/domain"
)

// maxFaults is how many wrong fields one answer names; a body with more is not a mistake.
const maxFaults = 50

// decode reads one JSON object strictly: unknown, repeated and ill-typed members are refused with their places.
func decode[T any](body []byte) (T, error) {
	v, fields, err := decodeAll[T](body)
	if err == nil && len(fields) > 0 {
		err = wrongFields(fields)
	}
	return v, err
}

// decodeAll reads what can be read and names every member that cannot. The error is for what is not a JSON object at all.
func decodeAll[T any](body []byte) (v T, fields []Field, err error) {
	switch trimmed := bytes.TrimSpace(body); {
	case len(trimmed) == 0, jsontext.Value(trimmed).Kind() != '{' && jsontext.Value(trimmed).IsValid():
		return v, nil, wrongField("", "a JSON object is required")
	}
	for len(fields) <= maxFaults {
		var next T
		err := json.Unmarshal(body, &next, json.RejectUnknownMembers(true))
		if err == nil {
			return next, fields, nil
		}
		e, ok := errors.AsType[*json.SemanticError](err)
		if !ok {
			return v, nil, malformed(err)
		}
		unknown := errors.Is(err, json.ErrUnknownName)
		field := Field{Pointer: string(e.JSONPointer), Message: "has the wrong type or form"}
		if unknown {
			field.Message = "is not a field here"
		}
		fields = append(fields, field)
		// The decoder stops at the first mistake: it is taken out, and the rest read again.
		if body, err = without(body, e.JSONPointer, unknown); err != nil {
			return v, fields, nil
		}
	}
	return v, fields, nil
}

// malformed refuses what is not JSON, or says a name twice.
func malformed(err error) error {
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok && errors.Is(err, jsontext.ErrDuplicateName) {
		return wrongField(string(e.JSONPointer), "is there twice")
	}
	return domain.Refuse(domain.Invalid, domain.CodeValidation, "the body is not well-formed JSON")
}

var errNoSuchPlace = errors.New("no such place in the body")

// without returns the body with null in a place, or without the member there. Nothing else moves, so that the places of further
// mistakes are those of the body as it came.
func without(body []byte, at jsontext.Pointer, remove bool) ([]byte, error) {
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		return nil, err
	}
	parent, last := tree, at.LastToken()
	for token := range at.Parent().Tokens() {
		parent = child(parent, token)
	}
	switch parent := parent.(type) {
	case map[string]any:
		if _, there := parent[last]; !there || (!remove && parent[last] == nil) {
			return nil, errNoSuchPlace
		}
		if parent[last] = nil; remove {
			delete(parent, last)
		}
	case []any:
		i, err := strconv.Atoi(last)
		if err != nil || i >= len(parent) || parent[i] == nil {
			return nil, errNoSuchPlace
		}
		parent[i] = nil
	default:
		return nil, errNoSuchPlace
	}
	return json.Marshal(tree)
}

func child(parent any, name string) any {
	switch parent := parent.(type) {
	case map[string]any:
		return parent[name]
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i < len(parent) {
			return parent[i]
		}
	}
	return nil
}
