package publishers

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// The sizes of what is sent at once. The service takes more messages an array and more bytes a message; smaller ones keep
// a refusal or a lost answer cheap, and a send span holds at most 128 links.
const (
	maxArrayBytes      = 16 << 10
	maxArrayMessages   = 128
	maxRequestChannels = 100
	maxRequestMessages = 128
	maxRequestBytes    = 2<<20 - 4<<10 // the service's 2 MiB, less what the frame around the specs takes
	// headerAllowance stands for the headers of a message when arrays are measured. It is a constant because trace headers
	// differ between the first attempt and one after a restart, and the arrays must not.
	headerAllowance = 320
)

// outgoing is a message with what is needed to send it and to account for it.
type outgoing struct {
	Message
	data    json.RawMessage
	headers headers
	created time.Time  // when its event was appended
	traceID string     // of the command that caused it; empty when that was not traced
	span    trace.Span // of its creation; ended when the message is acknowledged or given up
	resync  bool       // stands in for a message that was refused, or whose content is not to be had
	replay  string     // the replay that it is sent in; empty: none
}

// headers travel in extras.headers. They hold no personal data.
type headers struct {
	TraceParent string `json:"traceparent,omitempty"`
	TraceState  string `json:"tracestate,omitempty"`
	EventID     string `json:"eventId"`
	EventType   string `json:"eventType"`
	// Redelivery is true when the service may have shown the message before, so long ago that it does not drop the repeat.
	Redelivery bool `json:"redelivery,omitempty"`
}

// array is a list of messages for one channel which the service takes as a whole or not at all.
type array struct {
	messages []outgoing
	size     int       // bytes that its spec takes at most
	first    time.Time // when it was first sent, zero before
	doubt    bool      // the service may have it
}

type wireSpec struct {
	Channels []string      `json:"channels"`
	Messages []wireMessage `json:"messages"`
}

type wireMessage struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Data     string     `json:"data"`
	Encoding string     `json:"encoding"`
	Extras   wireExtras `json:"extras"`
}

type wireExtras struct {
	Headers headers `json:"headers"`
}

func newArray(messages []outgoing) array {
	a := array{messages: messages}
	for _, m := range messages {
		// A string in JSON takes twice its bytes if they are all quotes.
		a.size += 2*len(m.data) + len(m.Name) + len(m.headers.TraceState) + headerAllowance
	}
	return a
}

// spec is the BatchSpec. It is made when it is sent, every time the same: many arrays wait, and few are sent twice.
func (a array) spec() wireSpec {
	spec := wireSpec{Channels: []string{a.messages[0].Channel}, Messages: make([]wireMessage, 0, len(a.messages))}
	base := a.base()
	for i, m := range a.messages {
		spec.Messages = append(spec.Messages, wireMessage{
			ID: idOf(base, i), Name: m.Name, Data: string(m.data), Encoding: "json", Extras: wireExtras{Headers: m.headers},
		})
	}
	return spec
}

func idOf(base string, index int) string { return base + ":" + strconv.Itoa(index) }

// base names exactly one list of messages: its first event and a digest of every (event, part) in it. The service drops
// a repeat by its base alone, so two lists under one base would lose the messages in which they differ.
func (a array) base() string {
	digest := sha256.New()
	var part [9]byte
	for _, m := range a.messages {
		binary.BigEndian.PutUint64(part[:8], uint64(m.Envelope.Part))
		part[8] = 0
		if m.resync {
			part[8] = 1
		}
		digest.Write(m.EventID[:])
		digest.Write(part[:])
		digest.Write([]byte(m.replay)) // what an operator wants sent again must not be taken for a repeat
	}
	return a.messages[0].EventID.String() + "-" + base64.RawURLEncoding.EncodeToString(digest.Sum(nil)[:9])
}

// split cuts the messages of one channel into arrays, in order. It looks at nothing that differs between two attempts at
// the same plan, names and opened texts apart: a name or a note that changes in between may repeat messages under other ids,
// never lose one.
func split(messages []outgoing) (arrays []array) {
	for start := 0; start < len(messages); {
		end, size := start, 0
		for end < len(messages) && end-start < maxArrayMessages {
			size += len(messages[end].data) + len(messages[end].Name) + headerAllowance
			if size > maxArrayBytes && end > start {
				break
			}
			end++
		}
		arrays = append(arrays, newArray(messages[start:end]))
		start = end
	}
	return arrays
}

// singles cuts an array into arrays of one, to find the message that is refused.
func (a array) singles() []array {
	out := make([]array, 0, len(a.messages))
	for i := range a.messages {
		out = append(out, newArray(a.messages[i:i+1]))
	}
	return out
}
