package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// apiVersion is the version of the described API; it rises when something is added.
const apiVersion = "1.0.0"

// schemaPrefix is where the document has its schemas.
const schemaPrefix = "#/components/schemas/"

// description is the API library's configuration. The library's own routes are off: its documentation page loads scripts
// from elsewhere, and its description is built at the first request, by whichever of several comes first.
func description() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Booking engine", Version: apiVersion,
				Description: "Bookings of salons: commands that are safe to repeat, reads that tell how far they have seen, " +
					"and tokens for realtime messages. Every answer that is not a success is application/problem+json.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{security: {
					Type: "http", Scheme: "bearer", BearerFormat: "JWT",
					Description: "The user's token, with the claims sub, role, staffId and branchIds. Pages may send it in the cookie " +
						sessionCookie + " instead.",
				}},
			},
		},
		Formats: map[string]huma.Format{
			"application/json": huma.DefaultJSONFormat,
			"json":             huma.DefaultJSONFormat,
		},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{asProblem},
	}
}

// serveDescription adds /openapi.json. All routes have been registered.
func (s *server) serveDescription() error {
	// The library describes its own errors, too, which nobody ever gets.
	registry := s.api.OpenAPI().Components.Schemas
	schemas := registry.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	explainer := newExplainer()
	for name, schema := range schemas {
		plainArrays(schema)
		explainer.schema(name, schema, registry.TypeFromRef(schemaPrefix+name))
	}
	operations(s.api.OpenAPI(), func(op *huma.Operation) {
		describeHeaders(op)
		describeParameters(op)
	})
	text, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		return fmt.Errorf("describe api: %w", err)
	}
	s.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text) // the reader may be gone
	})
	return nil
}
