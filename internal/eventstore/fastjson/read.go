package fastjson

import (
	"encoding/base64"
	"reflect"
	"strings"
	"time"
)

// reader is a place in a text.
type reader struct {
	s  string
	at int
}

// take goes past a byte if it is the next.
func (r *reader) take(c byte) bool {
	if r.at < len(r.s) && r.s[r.at] == c {
		r.at++
		return true
	}
	return false
}

// word goes past a word if it is the next.
func (r *reader) word(w string) bool {
	if strings.HasPrefix(r.s[r.at:], w) {
		r.at += len(w)
		return true
	}
	return false
}

// null goes past a null, which leaves whatever it stands for zero.
func (r *reader) null() bool { return r.at < len(r.s) && r.s[r.at] == 'n' && r.word("null") }

// object reads the members that are there. One that is not the next field, or one after it, is not in the known form.
func (r *reader) object(v reflect.Value, fields []field) bool {
	if !r.take('{') {
		return r.null()
	}
	if r.take('}') {
		return true
	}
	for i := range fields {
		f := &fields[i]
		if !r.word(f.key) {
			continue
		}
		if !f.read(r, v.FieldByIndex(f.path)) {
			return false
		}
		if !r.take(',') {
			return r.take('}')
		}
	}
	return false
}

func (r *reader) slice(v reflect.Value, element read) bool {
	if !r.take('[') {
		return r.null()
	}
	if r.take(']') {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		return true
	}
	for n := 0; ; n++ {
		v.Grow(1)
		v.SetLen(n + 1)
		if !element(r, v.Index(n)) {
			return false
		}
		if !r.take(',') {
			return r.take(']')
		}
	}
}

func readStrings(r *reader, v reflect.Value) bool {
	if !r.take('[') {
		return r.null()
	}
	all := []string{}
	for first := true; ; first = false {
		if first && r.take(']') {
			break
		}
		s, ok := r.text()
		if !ok {
			return false // a null in it, too
		}
		all = append(all, s)
		if !r.take(',') {
			if !r.take(']') {
				return false
			}
			break
		}
	}
	*v.Addr().Interface().(*[]string) = all //nolint:forcetypeassert // the plan is for this type
	return true
}

func readString(r *reader, v reflect.Value) bool {
	s, ok := r.text()
	if !ok {
		return r.null()
	}
	v.SetString(s)
	return true
}

func readBool(r *reader, v reflect.Value) bool {
	if r.word("true") {
		v.SetBool(true)
		return true
	}
	return r.word("false") || r.null()
}

// readInt reads whole numbers that surely fit.
func readInt(r *reader, v reflect.Value) bool {
	negative := r.take('-')
	begin, n := r.at, int64(0)
	for ; r.at < len(r.s) && r.s[r.at] >= '0' && r.s[r.at] <= '9'; r.at++ {
		if r.at-begin == 18 {
			return false
		}
		n = n*10 + int64(r.s[r.at]-'0')
	}
	switch digits := r.at - begin; {
	case digits == 0:
		return !negative && r.null()
	case digits > 1 && r.s[begin] == '0':
		return false
	}
	if negative {
		n = -n
	}
	if v.OverflowInt(n) {
		return false
	}
	v.SetInt(n)
	return true
}

func readBytes(r *reader, v reflect.Value) bool {
	s, ok := r.text()
	if !ok {
		return r.null()
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return false
	}
	v.SetBytes(b)
	return true
}

func readTime(r *reader, v reflect.Value) bool {
	begin := r.at
	s, ok := r.text()
	if !ok {
		return r.null()
	}
	into := v.Addr().Interface().(*time.Time) //nolint:forcetypeassert // the plan is for this type
	if len(s)+len(`""`) == r.at-begin {       // nothing is escaped: a time's own reader would not have that
		if t, ok := utc(s); ok {
			*into = t
			return true
		}
	}
	return into.UnmarshalJSON([]byte(r.s[begin:r.at])) == nil
}
