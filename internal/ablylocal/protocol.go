package ablylocal

import (
	"fmt"
	"strings"
)

// action is the kind of a protocol message.
type action int

// The actions of protocol versions 2 to 6.
const (
	actHeartbeat action = iota
	actAck
	actNack
	actConnect
	actConnected
	actDisconnect
	actDisconnected
	actClose
	actClosed
	actError
	actAttach
	actAttached
	actDetach
	actDetached
	actPresence
	actMessage
	actSync
	actAuth
	actActivate
	actObject
	actObjectSync
	actAnnotation
)

// String gives the name of the protocol's documentation.
func (a action) String() string {
	names := [...]string{
		"HEARTBEAT", "ACK", "NACK", "CONNECT", "CONNECTED", "DISCONNECT", "DISCONNECTED", "CLOSE", "CLOSED", "ERROR", "ATTACH",
		"ATTACHED", "DETACH", "DETACHED", "PRESENCE", "MESSAGE", "SYNC", "AUTH", "ACTIVATE", "OBJECT", "OBJECT_SYNC", "ANNOTATION",
	}
	if a < 0 || int(a) >= len(names) {
		return fmt.Sprintf("action(%d)", int(a))
	}
	return names[a]
}

// flags are the bits of ATTACH and ATTACHED.
type flags int64

const (
	flagHasBacklog    flags = 1 << 1
	flagResumed       flags = 1 << 2
	flagAttachResume  flags = 1 << 5
	flagPresence      flags = 1 << 16
	flagPublish       flags = 1 << 17
	flagSubscribe     flags = 1 << 18
	flagPresenceSub   flags = 1 << 19
	flagAnnotationPub flags = 1 << 21
	flagAnnotationSub flags = 1 << 22

	// modesAll are the bits that are modes; modesDefault what an ATTACH without
	// any asks for.
	modesAll     = modesDefault | flagAnnotationPub | flagAnnotationSub
	modesDefault = flagPresence | flagPublish | flagSubscribe | flagPresenceSub
)

// has tells whether the bit is set.
func (f flags) has(bit flags) bool { return f&bit != 0 }

// modeOf reads a mode by its name in channel parameters.
func modeOf(name string) flags {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "presence":
		return flagPresence
	case "publish":
		return flagPublish
	case "subscribe":
		return flagSubscribe
	case "presence_subscribe":
		return flagPresenceSub
	case "annotation_publish":
		return flagAnnotationPub
	case "annotation_subscribe":
		return flagAnnotationSub
	}
	return 0
}

// permitted is the modes that a capability grants on a channel.
func permitted(c Capability, channel string) flags {
	var out flags
	for _, mode := range []struct {
		op   Op
		bits flags
	}{
		{OpSubscribe, flagSubscribe | flagPresenceSub},
		{OpPublish, flagPublish},
		{OpPresence, flagPresence},
		{OpAnnotationPublish, flagAnnotationPub},
		{OpAnnotationSubscribe, flagAnnotationSub},
	} {
		if c.Allows(channel, mode.op) {
			out |= mode.bits
		}
	}
	return out
}

// protocolMessage is one frame of the WebSocket. Absent and zero are the same on
// the wire, except for the two fields that are always written or nullable.
type protocolMessage struct {
	Action            action             `json:"action"`
	Flags             flags              `json:"flags,omitempty"`
	ID                string             `json:"id,omitempty"`
	Channel           string             `json:"channel,omitempty"`
	ChannelSerial     string             `json:"channelSerial,omitempty"`
	ConnectionID      string             `json:"connectionId,omitempty"`
	ConnectionDetails *connectionDetails `json:"connectionDetails,omitempty"`
	Error             *ErrorInfo         `json:"error,omitempty"`
	MsgSerial         *int64             `json:"msgSerial,omitempty"` // a pointer: serial 0 must be written
	Count             int                `json:"count,omitempty"`
	Timestamp         int64              `json:"timestamp,omitempty"`
	Messages          []Message          `json:"messages,omitempty"`
	Params            map[string]string  `json:"params,omitempty"`
	Auth              *authDetails       `json:"auth,omitempty"`
	Res               []publishResult    `json:"res,omitempty"`
}

// connectionDetails is what CONNECTED promises; times in milliseconds.
type connectionDetails struct {
	ClientID           string `json:"clientId,omitempty"`
	ConnectionKey      string `json:"connectionKey"`
	MaxMessageSize     int    `json:"maxMessageSize"`
	MaxFrameSize       int    `json:"maxFrameSize"`
	MaxInboundRate     int    `json:"maxInboundRate,omitempty"`
	ConnectionStateTTL int64  `json:"connectionStateTtl"`
	MaxIdleInterval    int64  `json:"maxIdleInterval"`
	ServerID           string `json:"serverId,omitempty"`
}

// authDetails carries a new token on a living connection.
type authDetails struct {
	AccessToken string `json:"accessToken,omitempty"`
}

// publishResult is one entry of an ACK: the serials of one publish.
type publishResult struct {
	Serials []string `json:"serials"`
}
