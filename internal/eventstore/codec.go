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

type decoder func(data []byte) (domain.Event, error)

// decoderOf knows every event by its name on disk. A test walks the domain's catalogue against it.
func decoderOf(eventType string) decoder {
	switch eventType {
	case "booking.requested":
		return decode[domain.BookingRequested]
	case "booking.confirmed":
		return decode[domain.BookingConfirmed]
	case "booking.rejected":
		return decode[domain.BookingRejected]
	case "booking.cancelled":
		return decode[domain.BookingCancelled]
	case "booking.staff_assigned":
		return decode[domain.BookingStaffAssigned]
	case "booking.claim_fenced":
		return decode[domain.BookingClaimFenced]
	case "booking.abandoned":
		return decode[domain.BookingAbandoned]
	case "staffday.claimed":
		return decode[domain.StaffDayClaimed]
	case "staffday.released":
		return decode[domain.StaffDayReleased]
	case "staff.joined":
		return decode[domain.StaffJoined]
	case "branch.opened":
		return decode[domain.BranchOpened]
	case "branch.policy_set":
		return decode[domain.BranchPolicySet]
	case "branch.service_offered":
		return decode[domain.BranchServiceOffered]
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
