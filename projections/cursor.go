package projections

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/royalglow/booking/domain"
)

// Cursor marks a place in a list, for the next page: opaque text from Page.Next, safe in a URL. Empty means the
// beginning.
//
// It names the last booking that was shown, so pages neither repeat nor skip what is inserted between them.
type Cursor string

func newCursor(start micros, id string) Cursor {
	text := strconv.FormatInt(int64(start), 10) + "." + id
	return Cursor(base64.RawURLEncoding.EncodeToString([]byte(text)))
}

// parse returns the place that the cursor marks, or a refusal when no list gave it out.
func (c Cursor) parse() (start micros, id string, err error) {
	text, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil {
		return 0, "", errCursor()
	}
	at, id, found := strings.Cut(string(text), ".")
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !found || !domain.ValidID(domain.BookingPrefix, id) {
		return 0, "", errCursor()
	}
	return micros(n), id, nil
}

func errCursor() *domain.Refusal {
	return domain.Refuse(domain.Invalid, domain.CodeValidation, "the cursor is not one that a list has given")
}
