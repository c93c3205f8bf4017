package projections

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/royalglow/booking/domain"
)

// Cursor marks a place in a list, for the next page: opaque text from a page's Next, safe in a URL. Empty means the
// beginning.
//
// It names the last entry that was shown, so pages neither repeat nor skip what is inserted between them.
type Cursor string

func newCursor(e entry) Cursor {
	text := strconv.FormatInt(int64(e.StartAt), 10) + "." + e.ID
	return Cursor(base64.RawURLEncoding.EncodeToString([]byte(text)))
}

// Marks reports whether the cursor is one that a list of such ids has given, or the beginning.
func (c Cursor) Marks(prefix domain.IDPrefix) bool {
	if c == "" {
		return true
	}
	_, err := c.parse(prefix)
	return err == nil
}

// parse returns the entry that the cursor marks, or a refusal when no list of such ids gave it out.
func (c Cursor) parse(prefix domain.IDPrefix) (entry, error) {
	text, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil {
		return entry{}, errCursor()
	}
	at, id, found := strings.Cut(string(text), ".")
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !found || !domain.ValidID(prefix, id) {
		return entry{}, errCursor()
	}
	return entry{StartAt: instant(n), ID: id}, nil
}

func errCursor() *domain.Refusal {
	return domain.Refuse(domain.Invalid, domain.CodeValidation, "the cursor is not one that a list has given")
}
