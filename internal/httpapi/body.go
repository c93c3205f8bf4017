package httpapi

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// BodyTime is how long a body may take to arrive. A server that stops should wait for longer.
const BodyTime = 5 * time.Second

// maxBody is the most that a request's body may hold, in bytes.
const maxBody = 1 << 20

// bodyContext gives the handler a body that has arrived completely.
type bodyContext struct {
	libraryContext
	body []byte
}

// libraryContext is the library's context under a name that does not hide its method Context.
type libraryContext = huma.Context

// Unwrap returns the wrapped context.
func (c *bodyContext) Unwrap() huma.Context { return c.libraryContext }

// BodyReader returns a reader of the body.
func (c *bodyContext) BodyReader() io.Reader { return bytes.NewReader(c.body) }

// bodyInTime puts a deadline on the arrival of every body, also of one that no operation asks for: before it goes on to the
// next request, the server reads what is left of it.
func bodyInTime(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			// Not every writer has deadlines; those of tests do not.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(BodyTime))
		}
		next.ServeHTTP(w, r)
	})
}

// readBody reads the body before the handler runs. The deadline on the connection is taken back afterwards: were it to
// pass while a command runs, the server would take the caller for gone.
func (s *server) readBody(ctx huma.Context, next func(huma.Context)) {
	if ctx.Operation().RequestBody == nil {
		next(ctx)
		return
	}
	r, w := humago.Unwrap(ctx)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		// The rest of the body is not wanted: the deadline stays, or the server would wait for it without one.
		w.Header().Set("Connection", "close")
		writeProblem(w, bodyProblem(err))
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	if media := r.Header.Get("Content-Type"); len(body) > 0 && !isJSON(media) && (!isForm(media) || !takesForms(ctx.Operation())) {
		writeProblem(w, newProblem(http.StatusUnsupportedMediaType, codeMediaType, "the body must be application/json in UTF-8"))
		return
	}
	next(&bodyContext{libraryContext: ctx, body: body})
}

func bodyProblem(err error) *Problem {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return newProblem(http.StatusRequestEntityTooLarge, codeTooLarge, "the body may hold at most 1 MiB")
	}
	return newProblem(http.StatusRequestTimeout, codeTimeout, "the body did not arrive")
}

// isJSON reports whether a content type is JSON; none is taken for it. JSON is UTF-8 (RFC 8259 8.1): who says otherwise would be
// misunderstood.
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, parameters, err := mime.ParseMediaType(contentType)
	charset, said := parameters["charset"]
	return err == nil && media == "application/json" && (!said || strings.EqualFold(charset, "utf-8"))
}

// formType is the media type of an HTML form, which a few operations take for the sake of clients that are not ours.
const formType = "application/x-www-form-urlencoded"

func isForm(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == formType
}

func takesForms(o *huma.Operation) bool { return o.RequestBody.Content[formType] != nil }
