package check

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/royalglow/booking/domain"
)

// The words by which secrets are known: people put the first into every internal note that they write, and the second begins
// every telephone number of a guest.
const (
	NoteCanary  = "between us:"
	PhoneCanary = "+91 5550"
)

// audience is those to whom something was told: who sits on a channel, or whose eyes an answer of the API came to.
type audience string

// The channels of the fan-out, by the letters of its matrix, and who reads the API.
const (
	customerChannel audience = "C"
	bookingChannel  audience = "B"
	internalChannel audience = "Bi"
	queueChannel    audience = "A"
	scheduleChannel audience = "D"
	staffChannel    audience = "S"
	leaveChannel    audience = "L"
	unknownChannel  audience = "nobody's"

	customerReads audience = "customer"
	staffReads    audience = "staff"
	deskReads     audience = "desk"
)

// audienceOf tells whose a channel is. It knows the names of channels as the reference lists them, not the engine's code.
func audienceOf(channel string) audience {
	parts := strings.Split(channel, ":")
	switch kind := parts[0]; {
	case kind == "customer":
		return customerChannel
	case kind == "staff":
		return staffChannel
	case kind == "booking" && len(parts) == 3 && parts[2] == "internal":
		return internalChannel
	case kind == "booking":
		return bookingChannel
	case kind == "admin" && len(parts) > 1:
		switch parts[1] {
		case "bookings":
			return queueChannel
		case "schedule":
			return scheduleChannel
		case "leave":
			return leaveChannel
		}
	}
	return unknownChannel
}

func readerOf(role domain.Role) audience {
	switch role {
	case domain.RoleCustomer:
		return customerReads
	case domain.RoleStaff:
		return staffReads
	case domain.RoleReceptionist, domain.RoleManager, domain.RoleOwner, domain.RoleDeveloper, domain.RoleSystem:
	}
	return deskReads
}

// secret is something that not everybody may learn.
type secret struct {
	// text gives it away wherever it stands, keys as a part of a member's name.
	text string
	keys []string
	// may is who may learn it.
	may []audience
}

// secrets lists what the demo looks for. Each can be seen by somebody, or it would be no secret but an absence; only the
// telephone number travels on no channel at all.
func secrets() []secret {
	return []secret{
		{text: NoteCanary, may: []audience{internalChannel, staffReads, deskReads}},
		{text: PhoneCanary, may: []audience{deskReads}},
		{
			keys: []string{"price", "total", "paise", "paid", "payment", "amount"},
			may:  []audience{customerChannel, queueChannel, customerReads, deskReads},
		},
		{keys: []string{"leavetype"}, may: []audience{staffChannel, leaveChannel, staffReads, deskReads}},
		{keys: []string{"reasoncode"}, may: []audience{internalChannel, deskReads}},
	}
}

// leaks counts the secrets in a text that its audience may not learn.
func leaks(to audience, data []byte) (n int) {
	var names []string
	for _, s := range secrets() {
		if s.known(to) {
			continue
		}
		if s.text != "" && bytes.Contains(data, []byte(s.text)) {
			n++
		}
		if len(s.keys) > 0 {
			if names == nil {
				names = members(data)
			}
			n += s.named(names)
		}
	}
	return n
}

func (s secret) known(to audience) bool {
	return slices.Contains(s.may, to)
}

// named counts the members whose names give the secret away.
func (s secret) named(members []string) (n int) {
	for _, m := range members {
		for _, k := range s.keys {
			if strings.Contains(m, k) {
				n++
				break
			}
		}
	}
	return n
}

// members lists the names of all members of the objects in a JSON text, in lower case. Of a text that is none it finds none.
func members(data []byte) []string {
	var v any
	if json.Unmarshal(data, &v) != nil {
		return []string{}
	}
	names := []string{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				names = append(names, strings.ToLower(name))
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(v)
	return names
}
