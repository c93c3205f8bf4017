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
	var m Metadata
	e, err := codec{shapes: storedShapes()}.decode(eventType, meta, data, &m)
	return e, m, err
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

// decode reads an event, and its metadata into m, which is zero. Neither meta nor data may be changed afterwards: the strings
// of what is read are parts of them.
func (c codec) decode(eventType string, meta, data []byte, m *Metadata) (domain.Event, error) {
	read := decoderOf(eventType)
	if read == nil {
		return nil, errors.New("unknown event type")
	}
	e, err := c.read(read, eventType, meta, data, m)
	if err != nil {
		*m = Metadata{}
	}
	return e, err
}

func (c codec) read(read decoder, eventType string, meta, data []byte, m *Metadata) (domain.Event, error) {
	err := c.readMetadata(meta, m)
	if err != nil {
		return nil, err
	}
	if data, err = c.shapes.upcast(eventType, m.SchemaVersion, data); err != nil {
		return nil, err
	}
	if plan := c.events[eventType]; plan != nil {
		if v, ok := plan.Read(data); ok {
			return v.(domain.Event), nil //nolint:forcetypeassert // the plan is of an event
		}
	}
	e, err := read(data)
	if err != nil {
		return nil, fmt.Errorf("read data: %w", err)
	}
	return e, nil
}

// readMetadata is lenient about fields that it does not know: they belong to whoever wrote them.
func (c codec) readMetadata(meta []byte, m *Metadata) error {
	if c.metadata != nil && c.metadata.ReadInto(meta, m) {
		return nil
	}
	*m = Metadata{}
	if err := json.Unmarshal(meta, m); err != nil {
		return fmt.Errorf("read metadata: %w", err)
	}
	return nil
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
