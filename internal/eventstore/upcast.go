package eventstore

import (
	"fmt"

	"github.com/royalglow/booking/domain"
)

// shape names one stored form of an event.
type shape struct {
	eventType string
	version   int
}

// step lifts data of one shape to the next version of the same event.
type step func(data []byte) ([]byte, error)

// shapes is what the codec knows of versions.
type shapes struct {
	// current holds the present version of every event whose version is not domain.SchemaVersion.
	current map[string]int
	// steps lead from each former shape to its successor, one version at a time: a chain is easier to trust than a
	// shortcut for every pair.
	steps map[shape]step
}

// storedShapes is the history of the stored shapes. Nothing has changed its shape since version 1.
func storedShapes() shapes { return shapes{} }

// version returns the version in which this build writes the event.
func (s shapes) version(eventType string) int {
	if v, ok := s.current[eventType]; ok {
		return v
	}
	return domain.SchemaVersion
}

func (s shapes) upcast(eventType string, version int, data []byte) ([]byte, error) {
	current := s.version(eventType)
	if version < 1 || version > current {
		return nil, fmt.Errorf("unknown schema version %d", version)
	}
	for v := version; v < current; v++ {
		up, ok := s.steps[shape{eventType, v}]
		if !ok {
			return nil, fmt.Errorf("no upcaster from version %d", v)
		}
		var err error
		if data, err = up(data); err != nil {
			return nil, fmt.Errorf("upcast from version %d: %w", v, err)
		}
	}
	return data, nil
}
