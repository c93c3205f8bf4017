package fastjson

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// text reads a string, or stays where it is. Control characters and bytes that are no UTF-8 are not in the known form.
func (r *reader) text() (string, bool) {
	begin := r.at + 1
	if r.at >= len(r.s) || r.s[r.at] != '"' {
		return "", false
	}
	ascii := true
	for i := begin; i < len(r.s); i++ {
		switch c := r.s[i]; {
		case c == '"':
			s := r.s[begin:i]
			if !ascii && !utf8.ValidString(s) {
				return "", false
			}
			r.at = i + 1
			return s, true
		case c == '\\':
			return r.escaped(i)
		case c < ' ':
			return "", false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return "", false
}

// escaped reads a string that has a backslash at i; what that means encoding/json knows.
func (r *reader) escaped(i int) (s string, ok bool) {
	begin := r.at
	for ; i < len(r.s) && r.s[i] != '"'; i++ {
		if r.s[i] == '\\' {
			i++ // whatever is escaped is not the end
		}
	}
	if i >= len(r.s) {
		return "", false
	}
	s, ok = unescaped(r.s[begin+1 : i])
	if !ok && json.Unmarshal([]byte(r.s[begin:i+1]), &s) != nil {
		return "", false
	}
	r.at = i + 1
	return s, true
}

// unescaped reads what encoding/json escapes of plain ASCII: quotes, backslashes, line ends and what means something in HTML.
func unescaped(s string) (text string, ok bool) {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c >= utf8.RuneSelf {
			return "", false
		}
		if c != '\\' {
			b = append(b, c)
			continue
		}
		i++ // there is a byte after every backslash
		switch s[i] {
		case '"', '\\':
			b = append(b, s[i])
		case 'n':
			b = append(b, '\n')
		case 'u':
			code, err := strconv.ParseUint(s[i+1:min(i+5, len(s))], 16, 8)
			if err != nil || len(s) < i+5 || code == 0 || code >= utf8.RuneSelf {
				return "", false
			}
			b = append(b, byte(code))
			i += 4
		default:
			return "", false
		}
	}
	return string(b), true
}

// utc reads an instant as Go writes one that is in UTC: 2026-03-14T18:00:00Z, or with a fraction of a second.
func utc(s string) (t time.Time, ok bool) {
	const shortest = len("2006-01-02T15:04:05Z")
	if len(s) < shortest || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[len(s)-1] != 'Z' {
		return t, false
	}
	year, ok1 := number(s[0:4])
	month, ok2 := number(s[5:7])
	day, ok3 := number(s[8:10])
	hour, ok4 := number(s[11:13])
	minute, ok5 := number(s[14:16])
	second, ok6 := number(s[17:19])
	nanos, ok7 := fraction(s[19 : len(s)-1])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || !ok7 || hour > 23 || minute > 59 || second > 59 {
		return t, false
	}
	t = time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	// A date that is none becomes another.
	_, m, d := t.Date()
	return t, int(m) == month && d == day
}

// fraction reads the fraction of a second, in nanoseconds: nothing, or a point and one to nine digits.
func fraction(s string) (nanos int, ok bool) {
	if s == "" {
		return 0, true
	}
	if s[0] != '.' || len(s) < 2 || len(s) > 10 {
		return 0, false
	}
	nanos, ok = number(s[1:])
	for range 10 - len(s) {
		nanos *= 10
	}
	return nanos, ok
}

// number reads digits, and at most nine of them.
func number(digits string) (n int, ok bool) {
	for i := range len(digits) {
		c := digits[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
