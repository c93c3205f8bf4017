package domain

// IDPrefix names the kind of thing an identifier belongs to; it is the part before the underscore.
type IDPrefix string

// The prefixes of the identifiers that the engine mints or accepts.
const (
	BookingPrefix IDPrefix = "bkg"
	UserPrefix    IDPrefix = "usr"
	StaffPrefix   IDPrefix = "stf"
	BranchPrefix  IDPrefix = "br"
	ServicePrefix IDPrefix = "svc"
	LeavePrefix   IDPrefix = "lv"
	NotePrefix    IDPrefix = "nt"
	ClosurePrefix IDPrefix = "cls"
)

const (
	minIDSuffix = 6
	maxIDSuffix = 40
)

// ValidID reports whether id is prefix, an underscore and 6 to 40 ASCII letters or digits.
//
// The alphabet is the reason an identifier can never widen a capability or leave its channel: it holds no ':', '*', '[' and
// no separator of stream or channel names.
func ValidID(prefix IDPrefix, id string) bool {
	n := len(prefix)
	if len(id) <= n || id[:n] != string(prefix) || id[n] != '_' {
		return false
	}
	return validSuffix(id[n+1:])
}

// WellFormedID reports whether id has the form of an identifier of any kind: 2 to 4 lower-case letters, an underscore, and
// 6 to 40 ASCII letters or digits.
func WellFormedID(id string) bool {
	for i := range id {
		c := id[i]
		switch {
		case c >= 'a' && c <= 'z':
		case c == '_' && i >= 2 && i <= 4:
			return validSuffix(id[i+1:])
		default:
			return false
		}
	}
	return false
}

func validSuffix(s string) bool {
	if len(s) < minIDSuffix || len(s) > maxIDSuffix {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
