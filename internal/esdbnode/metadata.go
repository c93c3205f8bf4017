package esdbnode

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// metaPrefix makes the name of the stream that holds another stream's metadata.
const metaPrefix = "$$"

// metadataStream names the stream that holds the metadata of the given one.
func metadataStream(stream string) string { return metaPrefix + stream }

// originalStream gives the stream that a metadata stream describes.
func originalStream(stream string) (string, bool) { return strings.CutPrefix(stream, metaPrefix) }

// streamMeta is the part of a stream's metadata that changes what readers see. Zero
// fields rule nothing. Access lists and $cacheControl are kept but have no effect here.
type streamMeta struct {
	maxCount       int64         // newest events that remain visible; 0: all
	maxAge         time.Duration // age after which events disappear; 0: never
	truncateBefore int64         // revision of the first visible event
}

// softDeleted reports whether the stream was deleted and not written to since.
func (m streamMeta) softDeleted() bool { return m.truncateBefore == tombstoneRevision }

// firstVisible is the revision at which the visible part begins, $maxAge apart.
func (m streamMeta) firstVisible(last int64) int64 {
	first := m.truncateBefore
	if m.maxCount > 0 && last != tombstoneRevision {
		first = max(first, last-m.maxCount+1)
	}
	return max(first, 0)
}

// oldest is the creation stamp of the oldest visible event, in ticks.
func (m streamMeta) oldest(now time.Time) int64 {
	if m.maxAge <= 0 {
		return math.MinInt64
	}
	return ticks(now.Add(-m.maxAge))
}

// parseMeta reads a metadata event. Like EventStoreDB it never refuses: a client may
// store any JSON there, and what cannot be understood rules nothing.
func parseMeta(data []byte) streamMeta {
	var doc map[string]json.RawMessage
	if json.Unmarshal(data, &doc) != nil {
		return streamMeta{}
	}
	meta := streamMeta{
		maxCount:       wholeNumber(doc["$maxCount"]),
		truncateBefore: wholeNumber(doc["$tb"]),
	}
	if seconds := wholeNumber(doc["$maxAge"]); seconds > 0 {
		// Longer than a Duration can say is longer than any event lives.
		meta.maxAge = time.Duration(min(seconds, int64(math.MaxInt64/time.Second))) * time.Second
	}
	return meta
}

// wholeNumber reads a JSON number that is not negative; anything else gives 0.
func wholeNumber(raw json.RawMessage) int64 {
	text := string(raw)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return max(n, 0)
	}
	// Some clients write seconds as 7200.0.
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < 0 || f >= math.MaxInt64 || f != math.Trunc(f) {
		return 0
	}
	return int64(f)
}

// softDeleteMeta is the metadata that hides a whole stream.
func softDeleteMeta() []byte { return []byte(`{"$tb":9223372036854775807}`) }

// undeleteMeta is the given metadata with the visible part beginning at revision from.
// Other keys survive; metadata that is no JSON object is replaced.
func undeleteMeta(raw []byte, from int64) []byte {
	doc := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &doc) != nil || doc == nil {
		doc = map[string]json.RawMessage{}
	}
	doc["$tb"] = json.RawMessage(strconv.FormatInt(from, 10))
	out, err := json.Marshal(doc)
	if err != nil {
		// Cannot happen: the values were just parsed. Hiding the old events matters
		// more than keeping foreign keys.
		return []byte(`{"$tb":` + strconv.FormatInt(from, 10) + `}`)
	}
	return out
}
