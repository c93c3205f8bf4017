package ablylocal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// format is an encoding of the wire. The struct tags of JSON serve both.
type format int

const (
	formatJSON format = iota
	formatMsgpack
)

// mediaType is the exact type that clients send and look for.
func (f format) mediaType() string {
	switch f {
	case formatJSON:
		return "application/json"
	case formatMsgpack:
		return "application/x-msgpack"
	}
	panic("ablylocal: unknown format")
}

var errTrailingData = errors.New("data after the end of the value")

// decode reads exactly one value into v, a pointer.
func (f format) decode(data []byte, v any) error {
	switch f {
	case formatJSON:
		return decodeJSON(data, v)
	case formatMsgpack:
		return decodeMsgpack(data, v)
	}
	panic("ablylocal: unknown format")
}

// decodeJSON keeps numbers as written, so that none loses digits on the way.
func decodeJSON(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("decode json: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("decode json: %w", errTrailingData)
	}
	return nil
}

// decodeMsgpack reads by the JSON tags, so that a shape is declared once.
func decodeMsgpack(data []byte, v any) error {
	// The decoder recurses and trusts lengths; look first.
	if err := checkMsgpack(data); err != nil {
		return fmt.Errorf("decode msgpack: %w", err)
	}
	dec := msgpack.NewDecoder(bytes.NewReader(data))
	dec.SetCustomStructTag("json")
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("decode msgpack: %w", err)
	}
	return nil
}

// encode writes v.
func (f format) encode(v any) ([]byte, error) {
	switch f {
	case formatJSON:
		data, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("encode json: %w", err)
		}
		return data, nil
	case formatMsgpack:
		var buf bytes.Buffer
		enc := msgpack.NewEncoder(&buf)
		enc.SetCustomStructTag("json")
		enc.UseCompactInts(true)
		if err := enc.Encode(v); err != nil {
			return nil, fmt.Errorf("encode msgpack: %w", err)
		}
		return buf.Bytes(), nil
	}
	panic("ablylocal: unknown format")
}

// oneOrMany reads a value or an array of values: clients send either.
type oneOrMany[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *oneOrMany[T]) UnmarshalJSON(data []byte) error {
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		var many []T
		if err := decodeJSON(data, &many); err != nil {
			return err
		}
		*l = many
		return nil
	}
	var one T
	if err := decodeJSON(data, &one); err != nil {
		return err
	}
	*l = []T{one}
	return nil
}

// DecodeMsgpack implements msgpack.CustomDecoder.
func (l *oneOrMany[T]) DecodeMsgpack(dec *msgpack.Decoder) error {
	code, err := dec.PeekCode()
	if err != nil {
		return err
	}
	if msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32 {
		var many []T
		if err := dec.Decode(&many); err != nil {
			return err
		}
		*l = many
		return nil
	}
	var one T
	if err := dec.Decode(&one); err != nil {
		return err
	}
	*l = []T{one}
	return nil
}
