package commands

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// legible reports whether people can read a text for what it is: something is there, and nothing in it hides, reorders or
// breaks what stands around it. Lines says that it may have several lines.
//
// A NUL, above all, must never come into the log: no database takes it back out.
func legible(text string, lines bool) bool {
	if strings.TrimSpace(text) == "" || !utf8.ValidString(text) {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		if r == '\n' {
			return !lines
		}
		// The joiners U+200C and U+200D are letters' business in many scripts; the controls of direction are not.
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\ufeff' || r == utf8.RuneError
	})
}
