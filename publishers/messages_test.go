package publishers_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var directory = publishers.Directory{customer: "Ananya Rao", asha: "Asha", meera: "Meera", tara: "Tara"}

// golden is one message as it stands in a golden file.
type golden struct {
	Channel  string          `json:"channel"`
	Template string          `json:"template"`
	Name     string          `json:"name"`
	Data     json.RawMessage `json:"data"`
}

func goldens(t *testing.T, e eventstore.Recorded) []byte {
	t.Helper()
	var list []golden
	for _, m := range publishers.Messages(e, directory) {
		list = append(list, golden{Channel: m.Channel, Template: m.Template, Name: m.Name, Data: data(t, m)})
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

func data(tb failer, m publishers.Message) json.RawMessage {
	raw, err := m.Data()
	if err != nil {
		tb.Fatalf("%s on %s: %v", m.Name, m.Channel, err)
	}
	return raw
}

// TestEveryEventGivesItsGoldenMessages compares channels, names, order, keys and values with testdata/messages, and makes
// sure that no event of the catalogue has been forgotten on either side.
func TestEveryEventGivesItsGoldenMessages(t *testing.T) {
	t.Parallel()
	told := map[string]eventstore.Recorded{}
	for _, e := range dayStory(t).log {
		if _, seen := told[e.Event.EventType()]; !seen {
			told[e.Event.EventType()] = e
		}
	}
	for _, zero := range domain.Catalogue() {
		name := zero.EventType()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, ok := told[name]
			if !ok {
				// Not in the story: it publishes nothing.
				if got := publishers.Messages(eventstore.Recorded{Event: zero}, directory); len(got) != 0 {
					t.Fatalf("%d messages, and no golden file", len(got))
				}
				return
			}
			path := filepath.Join("testdata", "messages", name+".json")
			got := goldens(t, e)
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("messages differ from %s:\n%s", path, got)
			}
		})
	}
}

func TestAPendingBookingIsNotToldToStaff(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.request("bkg_pending01", start, asha)
	s.assign("bkg_pending01", "seg_1", meera)
	s.reject("bkg_pending01")
	for _, e := range s.log {
		for _, m := range publishers.Messages(e, directory) {
			if strings.HasPrefix(m.Channel, "staff:") {
				t.Errorf("%s gives %s on %s", m.EventType, m.Name, m.Channel)
			}
		}
	}
}

func TestAMissingNameIsEmptyAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, e := range dayStory(t).log {
		with, without := publishers.Messages(e, directory), publishers.Messages(e, nil)
		if len(with) != len(without) {
			t.Fatalf("%s: %d messages with names, %d without", e.Event.EventType(), len(with), len(without))
		}
		for i, m := range without {
			if m.Channel != with[i].Channel || m.Name != with[i].Name || m.Envelope != with[i].Envelope {
				t.Errorf("%s: message %d changes with the names", e.Event.EventType(), i)
			}
			if bytes.Contains(data(t, m), []byte("Ananya")) {
				t.Errorf("%s shows a name from nowhere", m.Name)
			}
		}
	}
}

func TestPeopleAreAllWhoseNamesAreShown(t *testing.T) {
	t.Parallel()
	for _, e := range dayStory(t).log {
		found := publishers.Directory{}
		for _, id := range publishers.People(e.Event) {
			found[id] = directory[id]
		}
		all, some := publishers.Messages(e, directory), publishers.Messages(e, found)
		for i := range all {
			if !bytes.Equal(data(t, all[i]), data(t, some[i])) {
				t.Errorf("%s on %s shows a name that People does not list", all[i].Name, all[i].Channel)
			}
		}
	}
}

// TestSecretsStayWithTheirAudience looks for canaries in every message of random stories.
func TestSecretsStayWithTheirAudience(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, e := range drawStory(t).log {
			for _, m := range publishers.Messages(e, directory) {
				text := string(data(t, m))
				kind, _, _ := strings.Cut(m.Channel, ":")
				internal := strings.HasSuffix(m.Channel, ":internal")
				schedule := strings.HasPrefix(m.Channel, "admin:schedule:")
				forbid := func(what string, canaries ...string) {
					for _, canary := range canaries {
						if strings.Contains(text, canary) {
							t.Fatalf("%s on %s shows %s: %s", m.Name, m.Channel, what, text)
						}
					}
				}
				if kind == "booking" || kind == "staff" || schedule {
					forbid("a price", "918273", "aise", "rice")
				}
				if kind == "customer" || (kind == "booking" && !internal) {
					forbid("what the salon keeps to itself", "code_canary", "equipment", "reasonCode", desk, "receptionist")
				}
				if schedule {
					forbid("a customer", "Ananya", customer)
				}
			}
		}
	})
}

// TestVersionAndPartOrderEveryChannel: within a channel and an entity, (version, part) rises strictly, from part 0 at each
// version, and positions never fall.
func TestVersionAndPartOrderEveryChannel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		type key struct{ channel, entity string }
		last := map[key]publishers.Envelope{}
		for _, e := range drawStory(t).log {
			for _, m := range publishers.Messages(e, directory) {
				k := key{m.Channel, m.Envelope.Entity}
				before, seen := last[k]
				now := m.Envelope
				switch {
				case seen && now.Version == before.Version:
					if now.Part != before.Part+1 {
						t.Fatalf("%s: part %d after %d", m.Channel, now.Part, before.Part)
					}
				case now.Part != 0 || (seen && now.Version < before.Version) || now.Position < before.Position:
					t.Fatalf("%s: %+v after %+v", m.Channel, now, before)
				}
				last[k] = now
			}
		}
	})
}
