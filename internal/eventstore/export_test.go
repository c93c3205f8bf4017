package eventstore

// Upcaster lets a test give the codec a history of its own.
type Upcaster = step

// NewCodec returns Decode for an imagined event that has reached the given version over these steps (from version i+1).
func NewCodec(eventType string, version int, steps map[int]Upcaster) Codec {
	s := shapes{current: map[string]int{eventType: version}, steps: map[shape]step{}}
	for v, up := range steps {
		s.steps[shape{eventType, v}] = up
	}
	return Codec{s}
}

// Codec is a codec with a history of its own.
type Codec struct{ shapes }

// Decode is the package's Decode over that history.
var (
	DecodeWith      = Codec.decode
	TrustCheckpoint = trustCheckpoints
)
