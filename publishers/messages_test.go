package publishers_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/publishers"
)

// directory knows the names of the stories and the texts of their notes and guests.
var directory = publishers.Directory{
	Names: map[string]string{customer: "Ananya Rao", asha: "Asha", meera: "Meera", tara: "Tara"},
	Texts: map[string]string{"key_guest": "Guest Gupta", "key_nt_first1": "Prefers the quiet room."},
}

func data(tb failer, m publishers.Message) json.RawMessage {
	raw, err := m.Data()
	if err != nil {
		tb.Fatalf("%s on %s: %v", m.Name, m.Channel, err)
	}
	return raw
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

// TestWhatIsNotKnownChangesWordsOnly: names and texts decide neither where messages go nor how many there are.
func TestWhatIsNotKnownChangesWordsOnly(t *testing.T) {
	t.Parallel()
	for name, e := range forms(t) {
		with, without := publishers.Messages(e, directory), publishers.Messages(e, publishers.Directory{})
		if len(with) != len(without) {
			t.Fatalf("%s: %d messages with names, %d without", name, len(with), len(without))
		}
		for i, m := range without {
			if m.Channel != with[i].Channel || m.Name != with[i].Name || m.Envelope != with[i].Envelope {
				t.Errorf("%s: message %d changes with the names", name, i)
			}
			for _, word := range []string{"Ananya", "Asha", "Meera", "Tara", "Gupta", "quiet"} {
				if bytes.Contains(data(t, m), []byte(word)) {
					t.Errorf("%s shows %q from nowhere", m.Name, word)
				}
			}
			if note, ok := field(t, m, "note").(string); ok && note != "removed" {
				t.Errorf("%s shows the note %q, which nobody could open", m.Name, note)
			}
		}
	}
}

// field returns a member of a message's data, nil where there is none.
func field(tb failer, m publishers.Message, key string) any {
	var all map[string]any
	if err := json.Unmarshal(data(tb, m), &all); err != nil {
		tb.Fatalf("%s: %v", m.Name, err)
	}
	return all[key]
}

// TestWhatIsLookedUpIsAllThatIsShown: with only those names and texts that an event asks for, its messages are the same.
func TestWhatIsLookedUpIsAllThatIsShown(t *testing.T) {
	t.Parallel()
	for name, e := range forms(t) {
		found := publishers.Directory{Names: map[string]string{}, Texts: map[string]string{}}
		for _, id := range publishers.People(e.Event) {
			found.Names[id] = directory.Names[id]
		}
		for _, sealed := range publishers.SealedTexts(e.Event) {
			found.Texts[sealed.KeyID] = directory.Texts[sealed.KeyID]
		}
		all, some := publishers.Messages(e, directory), publishers.Messages(e, found)
		for i := range all {
			if !bytes.Equal(data(t, all[i]), data(t, some[i])) {
				t.Errorf("%s: %s on %s shows what is not looked up", name, all[i].Name, all[i].Channel)
			}
		}
	}
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
