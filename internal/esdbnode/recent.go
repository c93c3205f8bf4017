package esdbnode

// recent is a map that forgets: it keeps at least the limit newest keys and at most
// twice as many. Two generations do the work of a list at a fraction of its cost. It
// is not safe for concurrent use.
type recent[K comparable, V any] struct {
	limit      int
	young, old map[K]V
	rotations  int // how often keys were forgotten
}

func newRecent[K comparable, V any](limit int) *recent[K, V] {
	return &recent[K, V]{limit: limit, young: map[K]V{}}
}

// get finds a key and keeps it from being forgotten soon.
func (r *recent[K, V]) get(key K) (V, bool) {
	if v, ok := r.young[key]; ok {
		return v, true
	}
	v, ok := r.old[key]
	if ok {
		r.put(key, v)
	}
	return v, ok
}

// put stores a key, forgetting the older half when the newer one is full.
func (r *recent[K, V]) put(key K, value V) {
	if len(r.young) >= r.limit {
		r.old, r.young = r.young, make(map[K]V, r.limit)
		r.rotations++
	}
	r.young[key] = value
}
