package eventstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore/fastjson"
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
	return codec{shapes: storedShapes()}.decode(eventType, meta, data)
}

// codec reads what is stored. Its plans make that fast and decide nothing: what they do not know is read without them.
type codec struct {
	shapes   shapes
	events   map[string]*fastjson.Plan // by event type
	metadata *fastjson.Plan
}

// newCodec makes the plans, which takes about a millisecond.
func newCodec() codec {
	c := codec{shapes: storedShapes(), events: map[string]*fastjson.Plan{}, metadata: fastjson.New(reflect.TypeFor[Metadata]())}
	for _, e := range domain.Catalogue() {
		if plan := fastjson.New(reflect.TypeOf(e)); plan != nil {
			c.events[e.EventType()] = plan
		}
	}
	return c
}

func (c codec) decode(eventType string, meta, data []byte) (domain.Event, Metadata, error) {
	read := decoderOf(eventType)
	if read == nil {
		return nil, Metadata{}, errors.New("unknown event type")
	}
	m, err := c.decodeMetadata(meta)
	if err != nil {
		return nil, Metadata{}, err
	}
	if data, err = c.shapes.upcast(eventType, m.SchemaVersion, data); err != nil {
		return nil, Metadata{}, err
	}
	if plan := c.events[eventType]; plan != nil {
		if v, ok := plan.Read(data); ok {
			return v.(domain.Event), m, nil //nolint:forcetypeassert // the plan is of an event
		}
	}
	e, err := read(data)
	if err != nil {
		return nil, Metadata{}, fmt.Errorf("read data: %w", err)
	}
	return e, m, nil
}

// decodeMetadata is lenient about fields that it does not know: they belong to whoever wrote them.
func (c codec) decodeMetadata(meta []byte) (m Metadata, err error) {
	if c.metadata != nil {
		if v, ok := c.metadata.Read(meta); ok {
			return v.(Metadata), nil //nolint:forcetypeassert // the plan is of this type
		}
	}
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
