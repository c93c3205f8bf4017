package eventstore_test

import (
	"encoding/json"
	"testing"

	"github.com/royalglow/booking/internal/eventstore"
)

// BenchmarkDecode reads a large event with its metadata as a store does, and as encoding/json alone would.
func BenchmarkDecode(b *testing.B) {
	eventType, data, err := eventstore.Encode(samples()[0])
	if err != nil {
		b.Fatal(err)
	}
	meta, err := json.Marshal(sampleMetadata())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("store", func(b *testing.B) {
		c := eventstore.FastCodec()
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := eventstore.DecodeWith(c, eventType, meta, data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := eventstore.Decode(eventType, meta, data); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// sampleMetadata is what a command writes.
func sampleMetadata() eventstore.Metadata {
	const id = "704689c1463d6b76b869b4f7853a0cdee4828dc99bd46bee0a5ee759b2d5cc81"
	return eventstore.Metadata{
		SchemaVersion: 1, CorrelationID: id, CausationID: id, CommandID: id, CommandHash: id,
		Actor: samplePerson(), OccurredAt: sampleStart(),
	}
}
