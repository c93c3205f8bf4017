package esdbnode

import "github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

// Decoders of foreign bytes, for fuzzing.
var (
	UndeleteMeta = undeleteMeta
	ParseLink    = parseLink
)

// SoftDeleted, FirstVisible and MaxAge read metadata.
func MetaOf(data []byte, last int64) (softDeleted bool, firstVisible int64, hasAge bool) {
	m := parseMeta(data)
	return m.softDeleted(), m.firstVisible(last), m.maxAge > 0
}

// Matches applies a filter of a request; ok is false when the filter is refused.
func Matches(opt *streams.ReadReq_Options_FilterOptions, stream, kind string) (match, ok bool) {
	f, err := newFilter(opt)
	if err != nil {
		return false, false
	}
	return f.matches(&record{stream: stream, kind: kind}), true
}

// Recent is the forgetting map with int keys.
type Recent = recent[int, int]

// NewRecent makes one.
func NewRecent(limit int) *Recent { return newRecent[int, int](limit) }

// Get and Put use it.
func (r *recent[K, V]) Get(k K) (V, bool) { return r.get(k) }

// Put stores a key.
func (r *recent[K, V]) Put(k K, v V) { r.put(k, v) }

// Len is how many keys it holds.
func (r *recent[K, V]) Len() int { return len(r.young) + len(r.old) }
