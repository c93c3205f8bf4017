package ablylocal

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// resource is a channel pattern of a capability: an optional qualifier in square
// brackets, then segments that ':' separates.
//
// A pattern is a list of segments, each literal or "exactly one, whatever it is",
// and optionally a tail of one or more further segments. That form is closed under
// intersection, which is what makes Capability.Intersect exact.
type resource struct {
	qualifier string // "", "*", "meta", "queue", …
	segments  []string
	tail      bool // ends in "*": one or more further segments
}

// wild is the text of a segment that stands for one whole segment.
const wild = "*"

// resourceKey identifies a pattern: its text.
type resourceKey string

var errEmptyResource = errors.New("empty resource name")

// parseResource reads a pattern as it stands in a capability.
func parseResource(text string) (resource, error) {
	qualifier, name, err := splitQualifier(text)
	if err != nil {
		return resource{}, err
	}
	if name == "" {
		return resource{}, errEmptyResource
	}
	segments := strings.Split(name, ":")
	last := len(segments) - 1
	if segments[last] == wild {
		return resource{qualifier: qualifier, segments: segments[:last], tail: true}, nil
	}
	return resource{qualifier: qualifier, segments: segments}, nil
}

// splitQualifier parts "[meta]log" into "meta" and "log".
func splitQualifier(text string) (qualifier, name string, err error) {
	if !strings.HasPrefix(text, "[") {
		return "", text, nil
	}
	qualifier, name, found := strings.Cut(text[1:], "]")
	if !found || qualifier == "" {
		return "", "", fmt.Errorf("malformed qualifier in %q", text)
	}
	return qualifier, name, nil
}

// matches tells whether a channel's name falls under the pattern.
func (r resource) matches(channel string) bool {
	qualifier, name, err := splitQualifier(channel)
	if err != nil || name == "" {
		return false
	}
	if r.qualifier != wild && r.qualifier != qualifier {
		return false
	}
	segments := strings.Split(name, ":")
	if len(segments) < len(r.segments) || r.tail != (len(segments) > len(r.segments)) {
		return false
	}
	for i, want := range r.segments {
		if want != wild && want != segments[i] {
			return false
		}
	}
	return true
}

// meet is the pattern of the names that both match, and whether there are any.
func (r resource) meet(other resource) (resource, bool) {
	qualifier, ok := meetSegment(r.qualifier, other.qualifier)
	if !ok {
		return resource{}, false
	}
	long, short := r, other
	if len(long.segments) < len(short.segments) {
		long, short = short, long
	}
	switch extra := len(long.segments) > len(short.segments); {
	case extra && !short.tail:
		return resource{}, false // the short one ends before the long one may
	case !extra && long.tail != short.tail:
		return resource{}, false // one wants more segments, the other wants none
	}
	out := resource{qualifier: qualifier, segments: make([]string, len(long.segments)), tail: long.tail}
	copy(out.segments, long.segments)
	for i, segment := range short.segments {
		if out.segments[i], ok = meetSegment(segment, long.segments[i]); !ok {
			return resource{}, false
		}
	}
	return out, true
}

// meetSegment is the segment that satisfies both.
func meetSegment(a, b string) (string, bool) {
	switch {
	case a == wild:
		return b, true
	case b == wild, a == b:
		return a, true
	}
	return "", false
}

// String gives the pattern as it stands in a capability.
func (r resource) String() string {
	segments := r.segments
	if r.tail {
		segments = append(slices.Clip(segments), wild)
	}
	name := strings.Join(segments, ":")
	if r.qualifier != "" {
		return "[" + r.qualifier + "]" + name
	}
	return name
}

// key makes patterns comparable: equal texts are equal patterns.
func (r resource) key() resourceKey { return resourceKey(r.String()) }
