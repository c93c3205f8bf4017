package httpapi

import (
	"strconv"
	"strings"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// Names of parameters, as they appear in requests and in problems.
const (
	ifMatchHeader        = "If-Match"
	idempotencyKeyHeader = "Idempotency-Key"
	minPositionQuery     = "minPosition"
)

// maxKey is the greatest length of an idempotency key.
const maxKey = 64

// parameterName strips the location that the library puts before a parameter's name.
func parameterName(location string) string {
	for _, in := range []string{"path.", "query.", "header."} {
		if name, ok := strings.CutPrefix(location, in); ok {
			return name
		}
	}
	return location
}

// etag writes a revision as a strong entity tag.
func etag(revision eventstore.Revision) string {
	return `"` + strconv.FormatInt(int64(revision), 10) + `"`
}

// parseIfMatch reads the revision that the caller decided on; nil when he did not say. Only one strong tag of ours is
// taken: neither "*" nor a list names one revision.
func parseIfMatch(header string, present bool) (*eventstore.Revision, error) {
	if !present {
		return nil, nil //nolint:nilnil // absent is a value of its own here
	}
	text, ok := strings.CutPrefix(header, `"`)
	text, closed := strings.CutSuffix(text, `"`)
	n, err := strconv.ParseInt(text, 10, 64)
	if !ok || !closed || err != nil || n < 0 || etag(eventstore.Revision(n)) != header {
		return nil, wrongParameter(ifMatchHeader, `must be one ETag as it was given, such as "3"`)
	}
	revision := eventstore.Revision(n)
	return &revision, nil
}

// checkKey refuses a malformed idempotency key. An absent one is fine: the command gets one of its own.
func checkKey(key string, present bool) error {
	if !present {
		return nil
	}
	if key == "" || len(key) > maxKey || strings.ContainsFunc(key, notKeyRune) {
		return wrongParameter(idempotencyKeyHeader, "must be 1 to 64 of A-Z, a-z, 0-9, _ and -")
	}
	return nil
}

func notKeyRune(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
		return false
	}
	return true
}

// publishedWord asks for what the realtime messages are already based on.
const publishedWord = "published"

// parseMinPosition reads the log position that a read must have seen; zero when the caller asked for none.
func (s *server) parseMinPosition(text string) (eventstore.Position, error) {
	switch text {
	case "":
		return 0, nil
	case publishedWord:
		return s.published(), nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != text {
		return 0, wrongParameter(minPositionQuery, "must be a position as a receipt gives it, or the word published")
	}
	return eventstore.Position(n), nil
}

// checkID refuses an identifier in a path or query that has not the form of its kind. It says nothing about whether
// something has that id.
func checkID(prefix domain.IDPrefix, parameter, id string) error {
	if !domain.ValidID(prefix, id) {
		return wrongParameter(parameter, "is not an id of the form "+string(prefix)+"_…")
	}
	return nil
}

// parseTime reads an instant; zero when there is none.
func parseTime(parameter, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, wrongParameter(parameter, "must be an instant such as 2026-06-15T10:00:00Z")
	}
	return t, nil
}

// parseDate checks a calendar date and returns it.
func parseDate(parameter, text string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, wrongParameter(parameter, "must be a date such as 2026-06-15")
	}
	return t, nil
}

// parseOrder reads the order of a list; true means the latest first.
func parseOrder(text string) (latestFirst bool, err error) {
	switch text {
	case "", "start":
		return false, nil
	case "-start":
		return true, nil
	}
	return false, wrongParameter("order", "must be start or -start")
}

// parseLimit reads the size of a page; zero when none is given.
func parseLimit(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > projections.MaxLimit || strconv.Itoa(n) != text {
		return 0, wrongParameter("limit", "must be a number from 1 to "+strconv.Itoa(projections.MaxLimit))
	}
	return n, nil
}
