package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/royalglow/booking/domain"
)

// The codes that only the transport gives; those of the engine are in domain.
const (
	codeMethodNotAllowed domain.Code = "METHOD_NOT_ALLOWED"
	codeTooLarge         domain.Code = "PAYLOAD_TOO_LARGE"
	codeMediaType        domain.Code = "UNSUPPORTED_MEDIA_TYPE"
	codeTimeout          domain.Code = "REQUEST_TIMEOUT"
	codeRange            domain.Code = "RANGE_NOT_SATISFIABLE"
	codePrecondition     domain.Code = "PRECONDITION_FAILED"
	codeInternal         domain.Code = "INTERNAL_ERROR"
)

// problemType is the media type of every answer that is not a success (RFC 9457).
const problemType = "application/problem+json"

// retryAfter is what a caller is told to wait, in seconds, when trying again may help.
const retryAfter = "1"

// Problem is the body of every answer that is not a success. Programs read Code, people read Detail.
type Problem struct {
	Type   string      `json:"type" doc:"Always about:blank: the code says what happened." example:"about:blank"`
	Title  string      `json:"title" doc:"The status in words." example:"Conflict"`
	Status int         `json:"status" doc:"The HTTP status." example:"409"`
	Code   domain.Code `json:"code" doc:"What happened, for programs. It never changes." example:"BOOKING_SLOT_UNAVAILABLE"`
	Detail string      `json:"detail" doc:"What happened, for people."`
	// Fields names each part of the request that is wrong.
	Fields []Field `json:"fields,omitempty" doc:"Each part of the request that is wrong."`
	// Details holds what else the code goes with, such as the status that a booking has.
	Details map[string]any `json:"details,omitempty" doc:"What else the code goes with, such as the status that a booking has."`

	headers http.Header
}

// Field is one wrong part of a request: a place in the body, or a parameter.
type Field struct {
	Pointer   string `json:"pointer,omitempty" doc:"The place in the body (RFC 6901)." example:"/services/0/serviceId"`
	Parameter string `json:"parameter,omitempty" doc:"The name of the path, query or header parameter." example:"If-Match"`
	Message   string `json:"message" doc:"What is wrong with it."`
}

// Error returns the code and the detail.
func (p *Problem) Error() string { return string(p.Code) + ": " + p.Detail }

// GetStatus returns the HTTP status; with it the API library takes a Problem as it is.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders returns the headers that go with the problem.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType returns the media type of problems, whatever was negotiated.
func (p *Problem) ContentType(string) string { return problemType }

func newProblem(status int, code domain.Code, detail string) *Problem {
	p := &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail,
		headers: http.Header{},
	}
	switch status {
	case http.StatusUnauthorized:
		p.headers.Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		p.headers.Set("Retry-After", retryAfter)
	}
	return p
}

// fromRefusal is the only place where a refusal becomes an HTTP answer.
func fromRefusal(r *domain.Refusal) *Problem {
	p := newProblem(statusOf(r.Kind), r.Code, r.Message)
	for _, pointer := range r.Pointers {
		p.Fields = append(p.Fields, Field{Pointer: pointer, Message: r.Message})
	}
	for key, value := range r.Details {
		if key == fieldsDetail {
			p.Fields = fieldsOf(value)
			continue
		}
		if p.Details == nil {
			p.Details = map[string]any{}
		}
		p.Details[key] = value
	}
	return p
}

// fieldsDetail is the detail under which validators list wrong fields.
const fieldsDetail = "fields"

// fieldsOf reads such a list through JSON, so that every validator may have a type of its own.
func fieldsOf(list any) []Field {
	text, err := json.Marshal(list)
	if err != nil {
		return nil
	}
	var found []struct {
		Field
		Header string `json:"header"`
	}
	if json.Unmarshal(text, &found) != nil {
		return nil
	}
	fields := make([]Field, 0, len(found))
	for _, f := range found {
		if f.Parameter == "" {
			f.Parameter = f.Header
		}
		fields = append(fields, f.Field)
	}
	return fields
}

// statusOf is the one table of kinds and statuses.
func statusOf(k domain.Kind) int {
	switch k {
	case domain.Invalid:
		return http.StatusBadRequest
	case domain.Unauthenticated:
		return http.StatusUnauthorized
	case domain.Forbidden:
		return http.StatusForbidden
	case domain.NotFound:
		return http.StatusNotFound
	case domain.Conflict:
		return http.StatusConflict
	case domain.Stale:
		return http.StatusPreconditionFailed
	case domain.Unprocessable:
		return http.StatusUnprocessableEntity
	case domain.PreconditionRequired:
		return http.StatusPreconditionRequired
	case domain.RateLimited:
		return http.StatusTooManyRequests
	case domain.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// setAside keeps the wrong fields that a refusal names, so that what else is wrong can be told with them. Other errors pass.
func setAside(fields []Field, err error) ([]Field, error) {
	r, ok := errors.AsType[*domain.Refusal](err)
	if !ok || r.Code != domain.CodeValidation {
		return fields, err
	}
	named, ok := r.Details[fieldsDetail].([]Field)
	if !ok {
		return fields, err
	}
	return append(fields, named...), nil
}

// wrongRequest refuses a request for several of its parts.
func wrongRequest(fields []Field) *domain.Refusal {
	if len(fields) == 1 && fields[0].Parameter != "" {
		return wrongParameter(fields[0].Parameter, fields[0].Message)
	}
	for _, f := range fields {
		if f.Parameter != "" {
			return domain.Refuse(domain.Invalid, domain.CodeValidation, "the request is not valid").With(fieldsDetail, fields)
		}
	}
	return wrongFields(fields)
}

// wrongField refuses a body for one place in it.
func wrongField(pointer, message string) *domain.Refusal {
	return wrongFields([]Field{{Pointer: pointer, Message: message}})
}

// wrongFields refuses a body for several places in it.
func wrongFields(fields []Field) *domain.Refusal {
	return domain.Refuse(domain.Invalid, domain.CodeValidation, "the body is not valid").With(fieldsDetail, fields)
}

// wrongParameter refuses a path, query or header parameter.
func wrongParameter(name, message string) *domain.Refusal {
	return domain.Refuse(domain.Invalid, domain.CodeValidation, "%s %s", name, message).
		With(fieldsDetail, []Field{{Parameter: name, Message: message}})
}
