package httpapi

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// A query parameter that an operation does not know is refused: a filter with a slip in its name would find too much. The API
// library would do so, too, and not tell what else is wrong.

type unknownKey struct{}

// noteUnknown notes the query parameters that the operation does not have.
func noteUnknown(ctx huma.Context, next func(huma.Context)) {
	var unknown []Field
	u := ctx.URL()
	for _, name := range slices.Sorted(maps.Keys(u.Query())) {
		if !slices.ContainsFunc(ctx.Operation().Parameters, func(p *huma.Param) bool { return p.In == "query" && p.Name == name }) {
			unknown = append(unknown, Field{Parameter: name, Message: "is not a parameter here"})
		}
	}
	if len(unknown) > 0 {
		ctx = huma.WithValue(ctx, unknownKey{}, unknown)
	}
	next(ctx)
}

// unknownParameters returns what noteUnknown has noted.
func unknownParameters(ctx context.Context) []Field {
	unknown, _ := ctx.Value(unknownKey{}).([]Field)
	return slices.Clone(unknown)
}

// hasQuery reports whether an input has query parameters: then its handler reads them, and refuses the unknown with the others.
func hasQuery(input reflect.Type) bool {
	return slices.ContainsFunc(reflect.VisibleFields(input), func(f reflect.StructField) bool { return f.Tag.Get("query") != "" })
}
