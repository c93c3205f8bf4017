package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
)

// statusClientGone is what the access log shows for a caller who did not wait for the answer.
const statusClientGone = 499

// problem decides what a caller is told about an error, and logs the error here if it is not his to know. Nothing else in
// the package logs errors.
func (s *server) problem(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if r, ok := errors.AsType[*domain.Refusal](err); ok {
		return fromRefusal(r)
	}
	switch {
	case ctx.Err() != nil:
		// Nobody reads this answer, and the error is of his making.
		return newProblem(statusClientGone, domain.CodeUnavailable, "the caller has gone")
	case errors.Is(err, database.ErrFull):
		s.log.WarnContext(ctx, "request found no room", slog.Any("error", err))
		return newProblem(http.StatusServiceUnavailable, domain.CodeUnavailable, "nothing can be stored right now; try again later")
	case database.IsUnavailable(err):
		s.log.WarnContext(ctx, "request did not reach the database", slog.Any("error", err))
		return newProblem(http.StatusServiceUnavailable, domain.CodeUnavailable, "this cannot be answered right now; try again")
	case errors.Is(err, eventstore.ErrUnavailable):
		s.log.WarnContext(ctx, "request did not reach the event store", slog.Any("error", err))
		return newProblem(http.StatusServiceUnavailable, domain.CodeUnavailable, "the event store cannot be reached right now; try again")
	case errors.Is(err, context.DeadlineExceeded):
		s.log.WarnContext(ctx, "request ran out of time", slog.Any("error", err))
		return newProblem(http.StatusServiceUnavailable, domain.CodeUnavailable, "this took too long; try again")
	}
	s.log.ErrorContext(ctx, "request failed", slog.Any("error", err))
	return newProblem(http.StatusInternalServerError, codeInternal, "something went wrong here; it has been noted")
}

// writeProblem answers where no operation has been found or its handler cannot.
func writeProblem(w http.ResponseWriter, p *Problem) {
	maps.Copy(w.Header(), p.headers)
	w.Header().Set("Content-Type", problemType)
	w.Header().Del("Content-Length")
	w.WriteHeader(p.Status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(p) // the caller may be gone; there is nobody else to tell
}
