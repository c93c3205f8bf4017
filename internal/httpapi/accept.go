package httpapi

import (
	"mime"
	"strconv"
	"strings"
)

// acceptWish is how much an Accept header wants a media type (RFC 9110 12.5.1): by its weight, among equals by how closely it is named,
// and among those by what is named first.
type acceptWish struct {
	weight   float64
	closely  int // 2: by name, 1: by its first half, 0: as anything
	position int
}

// prefers reports whether a caller would rather have the media type than the other one. A header that is not there, or that says
// the same of both, prefers neither.
func prefers(accept, mediaType, other string) bool {
	a, named := acceptOf(accept, mediaType)
	b, otherNamed := acceptOf(accept, other)
	switch {
	case !named || a.weight == 0:
		return false
	case !otherNamed || a.weight != b.weight:
		return !otherNamed || a.weight > b.weight
	case a.closely != b.closely:
		return a.closely > b.closely
	}
	return a.position < b.position
}

// acceptOf finds the range of the header that is closest to a media type.
func acceptOf(accept, mediaType string) (found acceptWish, ok bool) {
	kind, _, _ := strings.Cut(mediaType, "/")
	for i, text := range strings.Split(accept, ",") {
		name, parameters, err := mime.ParseMediaType(text)
		if err != nil {
			continue
		}
		wish := acceptWish{weight: weightOf(parameters["q"]), position: i}
		switch name {
		case mediaType:
			wish.closely = 2
		case kind + "/*":
			wish.closely = 1
		case "*/*":
		default:
			continue
		}
		if !ok || wish.closely > found.closely {
			found, ok = wish, true
		}
	}
	return found, ok
}

// weightOf reads a weight; one that is none counts as full.
func weightOf(text string) float64 {
	w, err := strconv.ParseFloat(text, 64)
	if err != nil || w < 0 || w > 1 {
		return 1
	}
	return w
}
