package plaintext_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/royalglow/booking/internal/plaintext"
)

func TestWhatPeopleWriteIsLegible(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Priya", "D'Souza, Anita", "नमस्ते", "क्\u200dष", "می\u200cخواهم", "بلال", "王小明", "Ω-1", "👩\u200d🦰 cut", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "7", "é", "e\u0301", "한글", "…",
	} {
		if !plaintext.Legible(text, false) || !plaintext.Legible(text, true) {
			t.Errorf("%q is refused", text)
		}
	}
}

func TestWhatNobodyCanReadIsNot(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing": "", "blanks": " \u00a0\u3000", "zero-width spaces": "\u200b\u200b", "joiners": "\u200c\u200d",
		"word joiners": "\u2060", "a soft hyphen": "\u00ad", "a Braille blank": "\u2800", "Hangul fillers": "\u3164\u115f\uffa0",
		"a lone accent": "\u0301", "tags": "\U000e0041", "a variation selector": "\ufe0f",
		"a NUL": "a\x00b", "an escape": "a\x1b[31mb", "a C1 control": "a\u0085b", "an override": "a\u202eb",
		"an isolate": "a\u2066b", "a mark of direction": "a\u200eb", "a byte order mark": "\ufeffa",
		"a replacement": "a\ufffdb", "no UTF-8": "a\xff", "a tab": "a\tb",
	} {
		if plaintext.Legible(text, true) {
			t.Errorf("%s: %q passes", name, text)
		}
	}
	for name, text := range map[string]string{"a line break": "a\nb", "a line separator": "a\u2028b", "a paragraph": "a\u2029b"} {
		if plaintext.Legible(text, false) || !plaintext.Legible(text, true) {
			t.Errorf("%s: %q", name, text)
		}
	}
}

func FuzzALegibleTextShowsSomething(f *testing.F) {
	for _, text := range []string{"Priya", "\u200b", "a\x00", "\xff", "a\nb"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !plaintext.Legible(text, true) {
			if plaintext.Legible(text, false) {
				t.Errorf("%q: one line is stricter than several", text)
			}
			return
		}
		if !utf8.ValidString(text) || strings.TrimSpace(text) == "" || strings.ContainsAny(text, "\x00\u202e\ufeff") {
			t.Errorf("%q passes", text)
		}
	})
}
