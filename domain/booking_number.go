package domain

import (
	"crypto/sha256"
	"strings"
)

// numberAlphabet leaves out letters that are taken for digits (Crockford's Base32).
const numberAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// number returns what people call a booking: BK-{branch}-{YYMM}-{H or S}-{5 characters}. It is for the eye and the telephone;
// nothing is found by it, so that two bookings in 33 million of a branch's month may share one.
func number(b Branch, kind ServiceType, p Plan, bookingID string) string {
	letter := "H" // hair
	if kind == ServiceSpa {
		letter = "S"
	}
	date := p.Segments[0].LocalDate() // YYYY-MM-DD
	month := date[2:4] + date[5:7]
	sum := sha256.Sum256([]byte(bookingID))
	var tail strings.Builder
	for _, c := range sum[:5] {
		tail.WriteByte(numberAlphabet[c&31])
	}
	return strings.Join([]string{"BK", b.code(), month, letter, tail.String()}, "-")
}

// code returns the first three letters or digits of a branch's name, in capitals.
func (b Branch) code() string {
	var code strings.Builder
	for _, c := range strings.ToUpper(b.Name) {
		if (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') {
			code.WriteRune(c)
		}
		if code.Len() == 3 {
			return code.String()
		}
	}
	return "BR" + code.String()
}
