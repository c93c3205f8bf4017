package eventstore

import (
	"errors"
	"strconv"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/status"
)

// answerError is an error of the client in the words of the server alone. Both libraries of the client put frames around them, which
// say nothing to people.
type answerError struct {
	said string
	err  error
}

func (e *answerError) Error() string { return e.said }
func (e *answerError) Unwrap() error { return e.err }

// carrier is an error that carries a gRPC status.
type carrier interface {
	error
	GRPCStatus() *status.Status
}

// statusOf returns the status that an error carries, nil when it carries none. The status's own package puts everything that is wrapped
// around it into the message.
func statusOf(err error) *status.Status {
	if c, ok := errors.AsType[carrier](err); ok {
		return c.GRPCStatus()
	}
	return nil
}

// isClients reports whether an error is one of the client's libraries.
func isClients(err error) bool {
	_, ok := errors.AsType[*esdb.Error](err)
	return ok || statusOf(err) != nil
}

// said returns the innermost words of an error of the client.
func said(err error) string {
	if s := statusOf(err); s != nil {
		text := s.Message()
		// A failed connection is told as a quotation.
		if _, quoted, ok := cutLast(text, "desc = "); ok {
			text = strings.Trim(quoted, `\"`)
			if plain, err := strconv.Unquote(quoted); err == nil {
				text = plain
			}
		}
		return oneLine(strings.TrimPrefix(text, "transport: "))
	}
	e, ok := errors.AsType[*esdb.Error](err)
	if !ok {
		return oneLine(err.Error())
	}
	if inner := e.Err(); inner != nil {
		if cause := errors.Unwrap(inner); cause != nil { // it was found while the client looked for a node
			inner = cause
		}
		return oneLine(inner.Error())
	}
	if _, words, ok := strings.Cut(e.Error(), "] "); ok { // before is the name of the code
		return words
	}
	return e.Error()
}

// cutLast is strings.Cut around the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
