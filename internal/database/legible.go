package database

import (
	"strings"
	"unicode/utf8"
)

// legible makes a text fit for every database: PostgreSQL takes no NUL, and nothing but UTF-8. What does not fit becomes U+FFFD, on
// SQLite as well, so that both hold the same.
func legible(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.Map(func(r rune) rune { // what is no UTF-8 comes as U+FFFD, byte by byte
		if r == 0 {
			return utf8.RuneError
		}
		return r
	}, s)
}
