package ablylocal

import (
	"fmt"
	"strconv"
	"strings"
)

// publication is one atomic publish to one channel: all of it is accepted, or
// none.
type publication struct {
	channel      string
	messages     []Message
	connectionID string // "" for REST
	base         string // names this list; what de-duplication looks at
	forgotten    bool   // by a fault: the base counts as new
}

// receipt is what the publisher learns of an accepted publication.
type receipt struct {
	messageID string
	serials   []string
}

// publisher is who publishes, as far as messages show it.
type publisher struct {
	identity     identity
	clientID     string // goes into messages without one
	connectionID string
	base         string // the base for messages without ids; "" for a random one
}

// prepare checks the messages of a publish and completes ids and client ids.
func (p publisher) prepare(channel string, messages []Message) (publication, *ErrorInfo) {
	if err := checkChannel(channel); err != nil {
		return publication{}, err
	}
	if len(messages) == 0 {
		return publication{}, refuse(CodeInvalidBody, "no messages to publish")
	}
	if !p.identity.capability.Allows(channel, OpPublish) {
		return publication{}, refuse(CodeNotPermitted, "publish to %q is not permitted with the provided capability", channel)
	}
	out, total := make([]Message, len(messages)), 0
	for i, m := range messages {
		m, err := m.sanitize()
		if err != nil {
			return publication{}, err
		}
		if m.ClientID, err = p.messageClientID(m.ClientID); err != nil {
			return publication{}, err
		}
		total += m.size()
		m.ConnectionID = p.connectionID
		out[i] = m
	}
	if total > maxMessageBytes {
		return publication{}, refuse(CodeMessageTooLarge, "maximum message length exceeded: %d bytes, limit %d", total, maxMessageBytes)
	}
	base, err := p.assignIDs(out)
	if err != nil {
		return publication{}, err
	}
	return publication{channel: channel, messages: out, connectionID: p.connectionID, base: base}, nil
}

// messageClientID completes or refuses the client id that a message claims.
func (p publisher) messageClientID(claimed string) (string, *ErrorInfo) {
	switch {
	case claimed == "":
		return p.clientID, nil
	case claimed == wildcardClient:
		return "", refuse(CodeInvalidClientID, "invalid clientId: a message cannot have the wildcard")
	case !p.identity.mayBe(claimed), p.clientID != "" && p.clientID != claimed:
		return "", refuse(CodeInvalidClientID, "invalid clientId: credentials do not allow %q", claimed)
	}
	return claimed, nil
}

// assignIDs completes the ids of a publish and gives their base. Clients that name
// ids name all of them, "<base>:0", "<base>:1", …; a single message may also have
// an id of any other form, which then is its own base.
func (p publisher) assignIDs(messages []Message) (string, *ErrorInfo) {
	named := 0
	for _, m := range messages {
		if m.ID != "" {
			named++
		}
	}
	if named == 0 {
		base := p.base
		if base == "" {
			base = randomID(12)
		}
		for i := range messages {
			messages[i].ID = base + ":" + strconv.Itoa(i)
		}
		return base, nil
	}
	if len(messages) == 1 {
		return strings.TrimSuffix(messages[0].ID, ":0"), nil
	}
	base, found := strings.CutSuffix(messages[0].ID, ":0")
	for i, m := range messages {
		if !found || base == "" || m.ID != fmt.Sprintf("%s:%d", base, i) {
			return "", refuse(CodeInvalidMessageID,
				"invalid publish request: ids of one publish must be <base>:0, <base>:1, …; message %d has %q", i, m.ID)
		}
	}
	return base, nil
}

// checkChannel refuses what the service does not take for a channel's name.
func checkChannel(name string) *ErrorInfo {
	switch {
	case name == "":
		return refuse(CodeInvalidChannel, "invalid channel name: empty")
	case name[0] == '[', name[0] == ':':
		return refuse(CodeInvalidChannel, "invalid channel name: must not start with %q", name[:1])
	case strings.ContainsAny(name, "\r\n"):
		return refuse(CodeInvalidChannel, "invalid channel name: contains a newline")
	case len(name) > maxChannelName:
		return refuse(CodeInvalidChannel, "invalid channel name: longer than %d bytes", maxChannelName)
	}
	namespace, _, found := strings.Cut(name, ":")
	if found && strings.Contains(namespace, wild) {
		return refuse(CodeInvalidChannel, "invalid channel name: a namespace must not contain '*'")
	}
	return nil
}
