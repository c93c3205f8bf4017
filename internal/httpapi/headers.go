package httpapi

import (
	"strconv"
	"strings"

	"github.com/royalglow/booking/internal/eventstore"
)

// Names of parameters, as they appear in requests and in problems.
const (
	ifMatchHeader        = "If-Match"
	idempotencyKeyHeader = "Idempotency-Key"
)

// maxKey is the greatest length of an idempotency key.
const maxKey = 64

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
