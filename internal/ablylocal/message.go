package ablylocal

import (
	"encoding/base64"
	"encoding/json"
	"math"
)

// Message is one message as the service delivers it.
//
// Data is nil, a string, a []byte, or a JSON array or object as decoded; Encoding
// says what a client has to undo, last step first. A []byte travels as it is in
// MessagePack and as base64 in JSON.
type Message struct {
	ID           string   `json:"id,omitempty"`
	ClientID     string   `json:"clientId,omitempty"`
	ConnectionID string   `json:"connectionId,omitempty"`
	Name         string   `json:"name,omitempty"`
	Data         any      `json:"data,omitempty"`
	Encoding     string   `json:"encoding,omitempty"`
	Timestamp    int64    `json:"timestamp,omitempty"` // milliseconds since 1970, when accepted
	Extras       any      `json:"extras,omitempty"`    // an object, or nil
	Serial       string   `json:"serial,omitempty"`
	Action       int      `json:"action"` // 0: create, the only one here
	Version      *Version `json:"version,omitempty"`
}

// Version is the version of a message; here always its first.
type Version struct {
	Serial    string `json:"serial,omitempty"`
	Timestamp int64  `json:"timestamp,omitempty"`
}

// MarshalJSON writes binary data as base64 and says so in the encoding.
func (m Message) MarshalJSON() ([]byte, error) {
	type plain Message // without this method
	if raw, ok := m.Data.([]byte); ok {
		m.Data = base64.StdEncoding.EncodeToString(raw)
		if m.Encoding != "" {
			m.Encoding += "/"
		}
		m.Encoding += "base64"
	}
	return json.Marshal(plain(m))
}

// size is what the service measures against the size limit, in bytes: data, name,
// clientId and extras.
func (m Message) size() int {
	return len(m.Name) + len(m.ClientID) + valueSize(m.Data) + valueSize(m.Extras)
}

// valueSize counts text and binary as they are, anything else as its JSON.
func valueSize(v any) int {
	switch v := v.(type) {
	case nil:
		return 0
	case string:
		return len(v)
	case []byte:
		return len(v)
	}
	// Values have passed clean, so they marshal.
	text, _ := json.Marshal(v)
	return len(text)
}

// sanitize checks what a client sent and drops what only the service may set.
func (m Message) sanitize() (Message, *ErrorInfo) {
	if m.Action != 0 {
		return Message{}, refuse(CodeMutableMessages, "updates of messages are not enabled")
	}
	data, ok := clean(m.Data, 0)
	if !ok {
		return Message{}, refuse(CodeInvalidData, "invalid message data: cannot be encoded")
	}
	switch data.(type) {
	case nil, string, []byte, map[string]any, []any:
	default:
		return Message{}, refuse(CodeInvalidData, "invalid message data: must be a string, binary, object or array, not %T", data)
	}
	extras, ok := clean(m.Extras, 0)
	if ok && extras != nil {
		_, ok = extras.(map[string]any)
	}
	if !ok {
		return Message{}, refuse(CodeInvalidExtras, "invalid extras: must be an object")
	}
	return Message{
		ID: m.ID, ClientID: m.ClientID, Name: m.Name,
		Data: data, Encoding: m.Encoding, Extras: extras,
	}, nil
}

// clean makes a decoded value fit for both formats: numbers become Go numbers, and
// what one of the formats cannot carry is refused.
func clean(v any, depth int) (any, bool) {
	if depth > maxDepth {
		return nil, false
	}
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i, true
		}
		f, err := v.Float64()
		return f, err == nil
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case float32:
		return clean(float64(v), depth)
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			cleaned, ok := clean(item, depth+1)
			if !ok {
				return nil, false
			}
			out[key] = cleaned
		}
		return out, true
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			cleaned, ok := clean(item, depth+1)
			if !ok {
				return nil, false
			}
			out[i] = cleaned
		}
		return out, true
	case nil, string, bool, []byte, int8, int16, int32, int64, uint8, uint16, uint32, uint64:
		return v, true
	}
	return nil, false // a MessagePack extension
}
