package publishers

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ably/ably-go/ably"
	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/eventstore"
)

// What delivery rests on is written down once, and held against the local endpoint and, where there is a key for tests, the service.
// Without one the second is skipped: it is the only test that needs the internet.

func TestTheLocalEndpointKeepsTheDeliveryContract(t *testing.T) {
	t.Parallel()
	endpoint, err := ablylocal.New(ablylocal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(endpoint.Handler())
	t.Cleanup(server.Close)
	deliveryContract(t, contracted{key: endpoint.Key(), endpoint: strings.TrimPrefix(server.URL, "http://")})
}

func TestTheServiceKeepsTheDeliveryContract(t *testing.T) {
	t.Parallel()
	key := os.Getenv("ABLY_TEST_KEY")
	if key == "" {
		t.Skip("ABLY_TEST_KEY is not set: the service itself is not asked")
	}
	deliveryContract(t, contracted{key: key})
}

// contracted is what the contract is with: the service, or an endpoint (host:port) that stands for it.
type contracted struct{ key, endpoint string }

// contractTime is within what everything that is awaited comes.
const contractTime = 20 * time.Second

func deliveryContract(t *testing.T, with contracted) {
	t.Helper()
	sender := with.sender(t)
	for name, clause := range map[string]func(*testing.T, contracted, *ablySender){
		"arrays are heard as a whole and in order":               inOrder,
		"a repeat is dropped by its id, and by nothing else":     repeatsDropped,
		"a message that is too large is refused for its channel": tooLargeRefused,
		"the history tells whether an array has arrived":         historyTells,
		"a token lets its holder listen, and nothing else":       tokensListen,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clause(t, with, sender)
		})
	}
}

func inOrder(t *testing.T, with contracted, s *ablySender) {
	t.Helper()
	channel, other := contractChannel(), contractChannel()
	ear, ear2 := with.hear(t, channel), with.hear(t, other)
	first, second, third := contractArray(t, channel, 3), contractArray(t, channel, 2), contractArray(t, other, 128)
	takes(t, s, first)
	takes(t, s, second, third) // two channels in one request
	ear.hears(t, first, second)
	ear2.hears(t, third)
}

func repeatsDropped(t *testing.T, with contracted, s *ablySender) {
	t.Helper()
	channel := contractChannel()
	ear := with.hear(t, channel)
	first, second := contractArray(t, channel, 3), contractArray(t, channel, 1)
	takes(t, s, first)
	takes(t, s, first)
	takes(t, s, second)
	takes(t, s, first)
	again := contractAs(t, first, "rpl_"+rand.Text()) // what an operator wants sent again has other ids
	takes(t, s, again)
	ear.hears(t, first, second, again)
}

func tooLargeRefused(t *testing.T, with contracted, s *ablySender) {
	t.Helper()
	channel, spared := contractChannel(), contractChannel()
	ear, ear2 := with.hear(t, channel), with.hear(t, spared)
	large, small, after := contractArray(t, channel, 1), contractArray(t, spared, 1), contractArray(t, channel, 1)
	large.messages[0].data = json.RawMessage(`{"pad":"` + strings.Repeat("x", 300<<10) + `"}`)
	large = newArray(large.messages)
	a := s.send(t.Context(), []array{large, small})
	if r, spoken := a.of(channel); !spoken || r.outcome != outcomePermanent || r.code != codeTooLarge {
		t.Errorf("the large message: %+v, of %+v", r, a)
	}
	if r, _ := a.of(spared); r.outcome != outcomeOK {
		t.Errorf("the other channel: %+v, of %+v", r, a)
	}
	takes(t, s, after)
	ear.hears(t, after)
	ear2.hears(t, small)
}

func historyTells(t *testing.T, _ contracted, s *ablySender) {
	t.Helper()
	channel := contractChannel()
	sent, other := contractArray(t, channel, 2), contractArray(t, channel, 1)
	takes(t, s, sent)
	takes(t, s, contractArray(t, channel, 1))
	if found, a := s.has(t.Context(), sent); !found || a.outcome != outcomeOK {
		t.Errorf("what was sent: %v, %+v", found, a)
	}
	if found, a := s.has(t.Context(), other); found || a.outcome != outcomeOK {
		t.Errorf("what was not sent: %v, %+v", found, a)
	}
}

func tokensListen(t *testing.T, with contracted, s *ablySender) {
	t.Helper()
	own, others := "usr_"+rand.Text(), "usr_"+rand.Text()
	token, err := TokenIssuer{Key: with.key}.Issue(time.Now(), Grant{UserID: own, Role: domain.RoleCustomer})
	if err != nil {
		t.Fatal(err)
	}
	channel := "customer:" + own + ":bookings"
	client := with.realtime(t, ably.WithToken(token.Token))
	ear := listenOn(t, client, channel)
	sent := contractArray(t, channel, 2)
	takes(t, s, sent)
	ear.hears(t, sent)

	ctx, cancel := context.WithTimeout(t.Context(), contractTime)
	defer cancel()
	if err := client.Channels.Get("customer:" + others + ":bookings").Attach(ctx); code(err) != 40160 {
		t.Errorf("another's channel: %v", err)
	}
	rest, err := ably.NewREST(append(with.options(t), ably.WithToken(token.Token))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := rest.Channels.Get(channel).Publish(ctx, "contract", "{}"); code(err) != 40160 {
		t.Errorf("published with a token: %v", err)
	}
	last := contractArray(t, channel, 1)
	takes(t, s, last)
	ear.hears(t, sent, last)
}

// code is the service's code of an error; 0 of none.
func code(err error) ably.ErrorCode {
	if e, ok := errors.AsType[*ably.ErrorInfo](err); ok && e != nil {
		return e.Code
	}
	return 0
}

// contractChannel is a channel that nobody else uses.
func contractChannel() string { return "contract:" + rand.Text() }

// contractArray is an array of n messages, of an event that never happened before.
func contractArray(t *testing.T, channel string, n int) array {
	t.Helper()
	event := uuid.New()
	messages := make([]outgoing, n)
	for i := range messages {
		m := Message{Channel: channel, Name: "contract", EventID: event, EventType: "contract", Envelope: Envelope{
			Entity: "bkg_contract1", Version: 1, Part: i, Position: eventstore.Position(7), BranchID: "br_contract1",
		}}
		data, err := m.Data()
		if err != nil {
			t.Fatal(err)
		}
		messages[i] = outgoing{Message: m, data: data, headers: headers{EventID: event.String(), EventType: m.EventType}}
	}
	return contractAs(t, array{messages: messages}, "")
}

// contractAs is the array as it is sent in a replay, or for the first time.
func contractAs(t *testing.T, a array, replay string) array {
	t.Helper()
	messages := slices.Clone(a.messages)
	for i := range messages {
		messages[i].replay = replay
	}
	a = newArray(messages)
	a.first = time.Now()
	return a
}

// takes sends arrays, all of which must be taken.
func takes(t *testing.T, s *ablySender, arrays ...array) {
	t.Helper()
	a := s.send(t.Context(), arrays)
	for _, one := range arrays {
		if r, _ := a.of(one.messages[0].Channel); a.outcome != outcomeOK || r.outcome != outcomeOK {
			t.Fatalf("%s is not taken: %+v, of %+v", one.base(), r, a)
		}
	}
}

func (c contracted) options(t *testing.T) []ably.ClientOption {
	t.Helper()
	options, err := endpointOptions(c.endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return append(options, ably.WithLogLevel(ably.LogNone), ably.WithUseBinaryProtocol(false))
}

func (c contracted) sender(t *testing.T) *ablySender {
	t.Helper()
	cfg := Config{Key: c.key, Endpoint: c.endpoint}.withDefaults()
	transport := newTransport(nil)
	t.Cleanup(transport.CloseIdleConnections)
	cfg.Transport = transport
	s, err := newAblySender(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// realtime opens a connection that is closed when the test ends.
func (c contracted) realtime(t *testing.T, as ably.ClientOption) *ably.Realtime {
	t.Helper()
	client, err := ably.NewRealtime(append(c.options(t), as, ably.WithAutoConnect(false))...)
	if err != nil {
		t.Fatal(err)
	}
	// await returns what a failure says; not the error's own words, which may hold the key.
	await := func(want ably.ConnectionState, act func()) error {
		done := make(chan struct{})
		off := client.Connection.Once(ably.ConnectionEvent(want), func(ably.ConnectionStateChange) { close(done) })
		defer off()
		act()
		select {
		case <-done:
			return nil
		case <-time.After(contractTime):
			return fmt.Errorf("the connection is %v, not %v (code %d)", client.Connection.State(), want, code(client.Connection.ErrorReason()))
		}
	}
	t.Cleanup(func() {
		if err := await(ably.ConnectionStateClosed, client.Close); err != nil {
			t.Error(err)
		}
	})
	if err := await(ably.ConnectionStateConnected, client.Connect); err != nil {
		t.Fatal(err)
	}
	return client
}

// contractEar notes what is said on a channel.
type contractEar struct {
	mu    sync.Mutex
	heard []string // ids with their data and event
	more  chan struct{}
}

func (c contracted) hear(t *testing.T, channel string) *contractEar {
	t.Helper()
	return listenOn(t, c.realtime(t, ably.WithKey(c.key)), channel)
}

func listenOn(t *testing.T, client *ably.Realtime, channel string) *contractEar {
	t.Helper()
	e := &contractEar{more: make(chan struct{}, 1)}
	ctx, cancel := context.WithTimeout(t.Context(), contractTime)
	defer cancel()
	_, err := client.Channels.Get(channel).SubscribeAll(ctx, func(m *ably.Message) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.heard = append(e.heard, saidOf(m))
		select {
		case e.more <- struct{}{}:
		default:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// saidOf is what a message says, in one line: its id, its name, the event in its headers, and its data.
func saidOf(m *ably.Message) string {
	beside, _ := m.Extras["headers"].(map[string]any)
	event, _ := beside["eventId"].(string)
	data, isText := m.Data.(string)
	if !isText {
		decoded, _ := json.Marshal(m.Data)
		data = string(decoded)
	}
	return strings.Join([]string{m.ID, m.Name, event, canonical(data)}, " ")
}

// canonical is a JSON text with its members in order.
func canonical(text string) string {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	sorted, _ := json.Marshal(v)
	return string(sorted)
}

// hears waits until as much was heard as the arrays have, and compares all of it.
func (e *contractEar) hears(t *testing.T, arrays ...array) {
	t.Helper()
	var want []string
	for _, a := range arrays {
		for i, m := range a.messages {
			want = append(want, strings.Join([]string{idOf(a.base(), i), m.Name, m.EventID.String(), canonical(string(m.data))}, " "))
		}
	}
	timeout := time.After(contractTime)
	for {
		e.mu.Lock()
		heard := slices.Clone(e.heard)
		e.mu.Unlock()
		if len(heard) >= len(want) {
			if !reflect.DeepEqual(heard, want) {
				t.Errorf("heard\n%s\nwant\n%s", strings.Join(heard, "\n"), strings.Join(want, "\n"))
			}
			return
		}
		select {
		case <-e.more:
		case <-timeout:
			t.Fatalf("heard %d messages within %v, want %d", len(heard), contractTime, len(want))
		}
	}
}
