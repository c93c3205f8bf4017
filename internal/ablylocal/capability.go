package ablylocal

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Op is an operation that a capability grants.
type Op string

// The operations that this endpoint checks. Others are carried, so that a token
// with them keeps them, but nothing here asks for them.
const (
	OpAll                 Op = "*"
	OpSubscribe           Op = "subscribe"
	OpPublish             Op = "publish"
	OpPresence            Op = "presence"
	OpHistory             Op = "history"
	OpAnnotationPublish   Op = "annotation-publish"
	OpAnnotationSubscribe Op = "annotation-subscribe"
)

// Capability says which operations are granted on which channels: a union over
// resources, each a pattern with a set of operations. The zero value grants
// nothing. It is immutable.
type Capability struct{ grants []grant }

// grant is one resource of a capability. all stands for the operation "*".
type grant struct {
	resource resource
	all      bool
	ops      []Op // sorted; nil when all
}

// ParseCapability reads the JSON form, an object of resource to operations, as it
// stands in tokens: `{"customer:u1:*":["subscribe"]}`.
func ParseCapability(text string) (Capability, error) {
	var raw map[string][]Op
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return Capability{}, fmt.Errorf("parse capability: %w", err)
	}
	var c Capability
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		res, err := parseResource(name)
		if err != nil {
			return Capability{}, fmt.Errorf("parse capability: %w", err)
		}
		if len(raw[name]) == 0 {
			return Capability{}, fmt.Errorf("parse capability: no operations for %q", name)
		}
		c.grants = append(c.grants, newGrant(res, raw[name]))
	}
	return c, nil
}

// newGrant sorts the operations for lookup and for a canonical text.
func newGrant(res resource, ops []Op) grant {
	if slices.Contains(ops, OpAll) {
		return grant{resource: res, all: true}
	}
	ops = slices.Clone(ops)
	slices.Sort(ops)
	return grant{resource: res, ops: slices.Compact(ops)}
}

// Allows tells whether op may be done on a channel, by the service's wildcard
// rules: a trailing "*" segment stands for any depth below, one in the middle for
// exactly one segment, and a "*" inside a segment for itself.
func (c Capability) Allows(channel string, op Op) bool {
	for _, g := range c.grants {
		if g.permits(op) && g.resource.matches(channel) {
			return true
		}
	}
	return false
}

// permits tells whether the operation is among the granted ones.
func (g grant) permits(op Op) bool {
	if g.all {
		return true
	}
	_, found := slices.BinarySearch(g.ops, op)
	return found
}

// Intersect grants exactly what both grant: Allows of the result is the "and" of
// both. A token has the intersection with its key.
func (c Capability) Intersect(other Capability) Capability {
	merged := map[resourceKey]grant{}
	for _, a := range c.grants {
		for _, b := range other.grants {
			res, meets := a.resource.meet(b.resource)
			if !meets {
				continue
			}
			if both, some := a.meetOps(b); some {
				both.resource = res
				merged[res.key()] = both.union(merged[res.key()])
			}
		}
	}
	var out Capability
	for _, key := range slices.Sorted(maps.Keys(merged)) {
		out.grants = append(out.grants, merged[key])
	}
	return out
}

// meetOps is the operations of both, and whether there are any.
func (g grant) meetOps(other grant) (grant, bool) {
	switch {
	case g.all:
		return grant{all: other.all, ops: other.ops}, true
	case other.all:
		return grant{ops: g.ops}, true
	}
	var both []Op
	for _, op := range g.ops {
		if other.permits(op) {
			both = append(both, op)
		}
	}
	return grant{ops: both}, len(both) > 0
}

// union adds the operations of a grant on the same resource.
func (g grant) union(other grant) grant {
	if g.all || other.all {
		return grant{resource: g.resource, all: true}
	}
	return newGrant(g.resource, append(slices.Clone(g.ops), other.ops...))
}

// Empty tells whether nothing is granted at all.
func (c Capability) Empty() bool { return len(c.grants) == 0 }

// resources is the patterns of the capability, as they stand in it.
func (c Capability) resources() []string {
	names := make([]string, len(c.grants))
	for i, g := range c.grants {
		names[i] = g.resource.String()
	}
	return names
}

// String gives the JSON form, resources sorted: what a token details answer shows.
func (c Capability) String() string {
	raw := make(map[string][]Op, len(c.grants))
	for _, g := range c.grants {
		if g.all {
			raw[g.resource.String()] = []Op{OpAll}
			continue
		}
		raw[g.resource.String()] = g.ops
	}
	// A map of strings always marshals.
	text, _ := json.Marshal(raw)
	return string(text)
}
