package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/royalglow/booking/domain"
)

// asProblem gives the API library's own errors the form of all others. There are few: handlers check parameters and bodies. The
// library's hook for another form is a package variable, which two servers in one process would fight over.
func asProblem(_ huma.Context, _ string, body any) (any, error) {
	e, ok := body.(*huma.ErrorModel)
	switch {
	case !ok:
		return body, nil
	case e.Status >= http.StatusInternalServerError:
		return newProblem(e.Status, codeInternal, "something went wrong here; it has been noted"), nil
	}
	return newProblem(e.Status, domain.CodeValidation, e.Detail), nil
}
