// Package plaintext has the one rule about texts that people write for people: names, reasons, descriptions. Commands keep
// it for what goes into the log, the directory for the names that it shows.
package plaintext

import (
	"unicode"
	"unicode/utf8"
)

// Legible reports whether people can read a text for what it is: something is to be seen, and nothing in it hides, reorders
// or breaks what stands around it. Lines says that it may have several lines.
//
// A NUL, above all, must never come into the log: no database takes it back out.
func Legible(text string, lines bool) bool {
	if !utf8.ValidString(text) {
		return false
	}
	seen := false
	for _, r := range text {
		if spoils(r, lines) {
			return false
		}
		seen = seen || visible(r)
	}
	return seen
}

// spoils reports whether a character does not belong into a text at all.
func spoils(r rune, lines bool) bool {
	switch r {
	case '\n', '\u2028', '\u2029': // the line and paragraph separators of Unicode
		return !lines
	case '\ufeff', utf8.RuneError:
		return true
	}
	// The joiners U+200C and U+200D are letters' business in many scripts; the controls of direction are not.
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// brailleBlank counts as a symbol and shows nothing. The like in Hangul are letters that Unicode lets be ignored.
const brailleBlank = '\u2800'

// visible reports whether a character shows something by itself.
func visible(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && r != brailleBlank
}
