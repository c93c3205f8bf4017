package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/royalglow/booking/domain"
)

// The API library makes errors of its own for what it refuses before a handler runs. Its hook for another shape is a
// package variable, which two servers in one process would fight over; so its errors are translated on their way out
// instead: asProblem changes the body, and answerContext the status.

// libraryContext is the library's context under a name that does not hide its method Context.
type libraryContext = huma.Context

// answerContext lets asProblem choose the status of the answer.
type answerContext struct {
	libraryContext
	status int
}

// Unwrap returns the wrapped context.
func (c *answerContext) Unwrap() huma.Context { return c.libraryContext }

// SetStatus writes the status, or the one that asProblem has put in its place.
func (c *answerContext) SetStatus(code int) {
	if c.status != 0 {
		code = c.status
	}
	c.libraryContext.SetStatus(code)
}

func withAnswerContext(ctx huma.Context, next func(huma.Context)) {
	next(&answerContext{libraryContext: ctx})
}

// asProblem translates the library's errors and leaves all else alone.
func asProblem(ctx huma.Context, _ string, body any) (any, error) {
	e, ok := body.(*huma.ErrorModel)
	if !ok {
		return body, nil
	}
	p := translate(e)
	for {
		if c, ok := ctx.(*answerContext); ok {
			c.status = p.Status
			return p, nil
		}
		inner, ok := ctx.(interface{ Unwrap() huma.Context })
		if !ok {
			return p, nil
		}
		ctx = inner.Unwrap()
	}
}

func translate(e *huma.ErrorModel) *Problem {
	switch e.Status {
	case http.StatusRequestEntityTooLarge:
		return newProblem(e.Status, codeTooLarge, e.Detail)
	case http.StatusUnsupportedMediaType:
		return newProblem(e.Status, codeMediaType, e.Detail)
	case http.StatusRequestTimeout:
		return newProblem(e.Status, codeTimeout, e.Detail)
	case http.StatusInternalServerError:
		return newProblem(e.Status, codeInternal, "something went wrong here; it has been noted")
	}
	detail := e.Detail
	if len(e.Errors) > 0 {
		detail = "the request is not valid"
	}
	p := newProblem(http.StatusBadRequest, domain.CodeValidation, detail)
	for _, d := range e.Errors {
		p.Fields = append(p.Fields, Field{Parameter: parameterName(d.Location), Message: d.Message})
	}
	return p
}
