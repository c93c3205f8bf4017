package publishers_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

// notedWalkIn is a guest who walks in, and a note about him: its messages show a name and a text that are sealed.
func notedWalkIn(tb testing.TB) []eventstore.Recorded {
	tb.Helper()
	s := newStory(tb)
	s.walkIn(evening, noon, &domain.Guest{Name: domain.Sealed{KeyID: "key_guest"}, Phone: &domain.Sealed{KeyID: "key_phone"}},
		choices(asha)...)
	s.do(evening, byDesk, s.assigning("seg_1", tara))
	s.do(evening, byDesk, noting("nt_first1", domain.VisibleCustomer, byDesk))
	return s.log
}

// counting remembers what it was asked for.
type counting struct {
	names []string
	keys  []string
}

func (c *counting) Names(_ context.Context, ids ...string) (map[string]string, error) {
	c.names = append(c.names, ids...)
	return directory.Names, nil
}

func (c *counting) Open(ctx context.Context, sealed ...domain.Sealed) (map[string]string, error) {
	for _, s := range sealed {
		c.keys = append(c.keys, s.KeyID)
	}
	return textsOf(directory.Texts).Open(ctx, sealed...)
}

func TestNamesAndTextsAreLookedUpOnceForAPlan(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	log, asked := notedWalkIn(t), &counting{}
	cfg := b.config()
	cfg.Names, cfg.Texts = asked, asked
	if err := handle(t.Context(), open(t, cfg), log, len(log)); err != nil {
		t.Fatal(err)
	}
	slices.Sort(asked.keys)
	if !reflect.DeepEqual(asked.keys, []string{"key_guest", "key_nt_first1"}) || !reflect.DeepEqual(asked.names, []string{tara}) {
		t.Errorf("asked for the texts %q and the names %q", asked.keys, asked.names)
	}
	if got, want := shown(t, b.messages()), expected(t, log); !reflect.DeepEqual(got, want) {
		t.Errorf("channels show\n%v\nwant\n%v", got, want)
	}
	everything := fmt.Sprint(b.messages())
	for _, words := range []string{"Guest Gupta", "Prefers the quiet room.", "Tara"} {
		if !strings.Contains(everything, words) {
			t.Errorf("nobody hears %q", words)
		}
	}
}

// TestWhatCannotBeOpenedIsRemoved, whether there is nothing that opens texts, or their keys are gone. But when the keys cannot be
// asked for, nobody is told that a note is removed that is not: he is told to read again. Names are none of its business.
func TestWhatCannotBeOpenedIsRemoved(t *testing.T) {
	t.Parallel()
	const noteRemoved, readAgain = `"note":"removed"`, "resync"
	for name, tc := range map[string]struct {
		source     publishers.TextSource
		want, none string
	}{
		"nothing opens texts":  {nil, noteRemoved, readAgain},
		"it fails":             {failing{}, readAgain, noteRemoved},
		"the keys are deleted": {textsOf{}, noteRemoved, readAgain},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			log := notedWalkIn(t)
			cfg := b.config()
			cfg.Texts = tc.source
			if err := handle(t.Context(), open(t, cfg), log, len(log)); err != nil {
				t.Fatal(err)
			}
			everything := fmt.Sprint(b.messages())
			if !strings.Contains(everything, tc.want) || strings.Contains(everything, tc.none) ||
				!strings.Contains(everything, `"customerName":""`) || !strings.Contains(everything, `"staffName":"Tara"`) {
				t.Errorf("pages are told %s", everything)
			}
		})
	}
}

type failing struct{}

// Names and Open fail, whatever they are asked.
func (failing) Names(context.Context, ...string) (map[string]string, error) {
	return nil, errors.New("the directory is away")
}

func (failing) Open(context.Context, ...domain.Sealed) (map[string]string, error) {
	return nil, errors.New("the keys are away")
}

// TestSlowLookUpsDoNotHoldMessagesUp: names and texts are nice to have. Both together get no more time than one, and the one
// that answers is heard.
func TestSlowLookUpsDoNotHoldMessagesUp(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*publishers.Config)
		want   []string // what is told nevertheless
	}{
		"names":    {func(c *publishers.Config) { c.Names = slow{} }, []string{"Guest Gupta", "Prefers the quiet room."}},
		"texts":    {func(c *publishers.Config) { c.Texts = slow{} }, []string{"Tara", "resync"}},
		"both":     {func(c *publishers.Config) { c.Names, c.Texts = slow{}, slow{} }, []string{"resync"}},
		"no names": {func(c *publishers.Config) { c.Names = failing{} }, []string{"Guest Gupta"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var sent []spec
				log := notedWalkIn(t)
				pace(t, log, tc.change, func(_ int, body []spec) *reply { sent = append(sent, body...); return nil })
				if took := time.Since(begin); took > 200*time.Millisecond {
					t.Errorf("took %v", took)
				}
				everything, messages := fmt.Sprint(sent), 0
				for _, words := range tc.want {
					if !strings.Contains(everything, words) {
						t.Errorf("nobody hears %q", words)
					}
				}
				for _, s := range sent {
					messages += len(s.Messages)
				}
				want := 0
				for _, e := range log {
					want += len(publishers.Messages(e, directory))
				}
				if messages != want {
					t.Errorf("%d messages were sent, want %d", messages, want)
				}
			})
		})
	}
}

// slow answers when nobody waits any more.
type slow struct{}

func (slow) Names(ctx context.Context, _ ...string) (map[string]string, error) {
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

func (slow) Open(ctx context.Context, _ ...domain.Sealed) (map[string]string, error) {
	<-ctx.Done()
	return nil, context.Cause(ctx)
}
