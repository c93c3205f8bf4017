package eventstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/royalglow/booking/domain"
)

// Encode returns the permanent name of an event and its data in the form in which this build writes it.
func Encode(e domain.Event) (eventType string, data []byte, err error) {
	data, err = json.Marshal(e)
	if err != nil {
		return "", nil, fmt.Errorf("encode %s: %w", e.EventType(), err)
	}
	return e.EventType(), data, nil
}

// Decode reads an event as it was stored: the data through every upcaster that lies between the version in the metadata and
// the present one. It refuses unknown names, versions and fields, because a fact that is half understood is misunderstood.
func Decode(eventType string, meta, data []byte) (domain.Event, Metadata, error) {
	return storedShapes().decode(eventType, meta, data)
}

func (s shapes) decode(eventType string, meta, data []byte) (domain.Event, Metadata, error) {
	read := decoderOf(eventType)
	if read == nil {
		return nil, Metadata{}, errors.New("unknown event type")
	}
	m, err := decodeMetadata(meta)
	if err != nil {
		return nil, Metadata{}, err
	}
	if data, err = s.upcast(eventType, m.SchemaVersion, data); err != nil {
		return nil, Metadata{}, err
	}
	e, err := read(data)
	if err != nil {
		return nil, Metadata{}, fmt.Errorf("read data: %w", err)
	}
	return e, m, nil
}

// decodeMetadata is lenient about fields that it does not know: they belong to whoever wrote them.
func decodeMetadata(meta []byte) (Metadata, error) {
	var m Metadata
	if err := json.Unmarshal(meta, &m); err != nil {
		return Metadata{}, fmt.Errorf("read metadata: %w", err)
	}
	return m, nil
}

func decode[E domain.Event](data []byte) (domain.Event, error) {
	// null would leave the zero event standing, as if it had been said.
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return nil, errors.New("data is null")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var e E
	if err := d.Decode(&e); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return e, nil
}
