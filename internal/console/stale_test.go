package console_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// allCards is what a visitor can see and do in every group of every pane, by booking.
const allCards = `(() => {
	const text = (card, part) => card.querySelector(part)?.textContent ?? '';
	const all = {};
	document.querySelectorAll('.pane').forEach((pane, index) => {
		const chosen = pane.querySelector('.tab[aria-pressed=true]');
		for (const tab of pane.querySelectorAll('.tab')) {
			tab.click();
			for (const card of pane.querySelectorAll('.card')) {
				all[(index + 1) + ' ' + tab.dataset.group + ' ' + card.dataset.id] = [
					'revision ' + card.dataset.revision, card.hasAttribute('data-incomplete') ? 'incomplete' : 'complete',
					card.querySelector('.card-time').dateTime, text(card, '.card-time'), text(card, '.card-day'), text(card, 'h3'),
					text(card, '.card-line'), text(card, '.card-reason'), text(card, '.badge'), text(card, '.card-price'),
					[...card.querySelectorAll('.card-actions > *')].map((action) => action.textContent).join('+'),
				].join(' | ');
			}
		}
		chosen.click();
	});
	return JSON.stringify(all, Object.keys(all).sort());
})()`

// wantCards waits until two pages show the same.
func wantCards(t *testing.T, b, fresh *tab) {
	t.Helper()
	var got, want string
	defer func() {
		if got != want {
			t.Errorf("the page differs from a fresh one:\n%s", differences(t, got, want))
		}
	}()
	eventually(t, "the page to show what a fresh one shows", func() bool {
		got, want = value[string](b, allCards), value[string](fresh, allCards)
		return got == want
	})
}

func differences(t *testing.T, got, want string) string {
	t.Helper()
	var have, fresh map[string]string
	check(t, json.Unmarshal([]byte(got), &have))
	check(t, json.Unmarshal([]byte(want), &fresh))
	var text strings.Builder
	for card := range merged(have, fresh) {
		if have[card] != fresh[card] {
			fmt.Fprintf(&text, "%s\n  here:  %s\n  fresh: %s\n", card, have[card], fresh[card])
		}
	}
	return text.String()
}

func merged(a, b map[string]string) map[string]bool {
	all := map[string]bool{}
	for _, m := range []map[string]string{a, b} {
		for key := range m {
			all[key] = true
		}
	}
	return all
}

// requestBoth asks for a booking of two services.
func (c *caller) requestBoth(customer string, days, hour int) string {
	c.t.Helper()
	return c.requestServices(customer, days, hour, salonServices[0].ServiceID, salonServices[1].ServiceID)
}

// segments returns the ids of a booking's services and of who does them.
func (c *caller) segments(id string) (ids, staff []string) {
	c.t.Helper()
	list, _ := c.do(meera, http.MethodGet, "/api/bookings/"+id, "", nil)["segments"].([]any)
	for _, s := range list {
		segment, _ := s.(map[string]any)
		ids, staff = append(ids, segment["segmentId"].(string)), append(staff, segment["staffId"].(string))
	}
	return ids, staff
}

// swap gives a service of a booking to the other member of staff.
func (c *caller) swap(id, revision string, service int) string {
	c.t.Helper()
	ids, staff := c.segments(id)
	to := asha
	if staff[service] == asha {
		to = dev
	}
	return c.change(meera, id, revision, map[string]any{"action": "assign", "segmentId": ids[service], "staffId": to})
}

// Whatever happens to bookings, in whatever order, a page that has only listened shows the same as one that has just been
// opened: times, names, reasons, buttons and the revision for the next change.
func TestEveryCardIsAsAFreshPageShowsIt(t *testing.T) {
	e := startEngine(t, engineOptions{})
	c := e.api
	both, mine := c.requestBoth(priya, 1, 10), c.requestBoth(priya, 2, 10)
	declined, salon, left := c.request(priya, 0, 3, 11), c.request(priya, 1, 3, 13), c.requestBoth(rahul, 4, 12)
	b := openTab(t, e.url, 1280, 860)
	b.until("a live connection", live(1)+" && "+live(2))
	b.until("the bookings", badge(1, mine, "Pending")+" && "+badge(2, left, "Pending"))

	// Staff of one service among two, before the approval and after it.
	r := c.swap(both, "0", 1)
	r = c.change(meera, both, r, map[string]any{"action": "approve"})
	r = c.swap(both, r, 0)
	c.swap(both, r, 1)
	// Reasons, given to the customer and not.
	c.change(meera, declined, "0", map[string]any{"action": "reject", "reason": "Our stylist is ill, sorry."})
	r = c.change(meera, salon, "0", map[string]any{"action": "approve"})
	c.change(meera, salon, r, map[string]any{"action": "cancel", "reasonCode": "equipment", "reason": "The steamer broke."})
	c.change(priya, mine, "", map[string]any{"action": "cancel", "reason": "I have a cold."})
	// One that is new, and one that goes all the way.
	c.request(rahul, 2, 5, 16)
	r = c.change(meera, left, "0", map[string]any{"action": "approve"})
	r = c.swap(left, r, 0)
	c.change(meera, left, r, map[string]any{"action": "cancel", "reasonCode": "customer_left"})

	fresh := openTab(t, e.url, 1280, 860)
	fresh.until("a live connection", live(1)+" && "+live(2))
	wantCards(t, b, fresh)
	if said := b.said(); len(said) > 0 {
		t.Errorf("the page complained: %q", said)
	}
}

// reads is a gate's rule that keeps the first read of a booking by each of the panes, with the answer of that time, until it is
// let go; and counts.
type reads struct {
	path string

	mu            sync.Mutex
	kept          map[string]chan struct{} // by who reads
	all, at, most map[string]int
}

func (k *reads) rule(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Method != http.MethodGet || r.URL.Path != k.path {
		next.ServeHTTP(w, r)
		return
	}
	who := r.Header.Get("Authorization")
	k.mu.Lock()
	k.all[who]++
	k.at[who]++
	k.most[who] = max(k.most[who], k.at[who])
	let, first := k.kept[who], false
	if let == nil {
		let, first = make(chan struct{}), true
		k.kept[who] = let
	}
	failing := k.all[who] == 2
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		k.at[who]--
		k.mu.Unlock()
	}()
	if failing {
		refuse(w, http.StatusServiceUnavailable, "READ_BEHIND", "the read model has not come so far")
		return
	}
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	if first {
		select {
		case <-let:
		case <-time.After(browserTime):
		}
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// letGo answers what was kept.
func (k *reads) letGo() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, let := range k.kept {
		close(let)
	}
}

func (k *reads) keeps() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.kept)
}

// A booking is read once at a time, however much is told of it meanwhile; a read that fails is repeated; and an answer that
// took long does not set the card back.
func TestABookingIsReadOneAtATimeAndNotSetBack(t *testing.T) {
	g := &gate{}
	e := startEngine(t, engineOptions{gate: g})
	id := e.api.request(priya, 0, 1, 11)
	k := &reads{path: "/api/bookings/" + id, kept: map[string]chan struct{}{}, all: map[string]int{}, at: map[string]int{}, most: map[string]int{}}
	b := openTab(t, e.url, 1280, 860)
	b.settled()
	b.until("the booking, read", badge(1, id, "Pending")+" && "+badge(2, id, "Pending"))
	value[bool](b, fmt.Sprintf(`(() => {
		window.seen = [];
		document.querySelectorAll(".card[data-id='%s']").forEach((card, pane) => {
			const note = () => window.seen.push(pane + ' ' + card.querySelector('.badge').textContent);
			new MutationObserver(note).observe(card.querySelector('.badge'), { childList: true, subtree: true });
		});
		window.kept = document.querySelectorAll(".card[data-id='%s']");
		return true;
	})()`, id, id))
	g.set(k.rule)

	r := e.api.change(meera, id, "0", map[string]any{"action": "approve"})
	eventually(t, "both panes to read the approved booking", func() bool { return k.keeps() == 2 })
	r = e.api.swap(id, r, 0)
	e.api.change(meera, id, r, map[string]any{"action": "cancel", "reasonCode": "equipment", "reason": "The steamer broke."})
	b.until("the cancellation, told by messages alone", `[...kept].every((card) => card.dataset.status === 'cancelled' && card.hasAttribute('data-incomplete'))`)
	k.letGo()
	b.until("the rest of it, read", `hurry('errands.js'), [...kept].every((card) => !card.hasAttribute('data-incomplete') &&
		card.querySelector('.card-reason').textContent.includes('The steamer broke.') && card.dataset.revision === '3')`)

	if got, want := value[[]string](b, `seen.sort()`), "[0 Cancelled 0 Confirmed 1 Cancelled 1 Confirmed]"; fmt.Sprint(got) != want {
		t.Errorf("the badges showed %v, want each of these once: %s", got, want)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for who, n := range k.all {
		if n != 3 || k.most[who] != 1 {
			t.Errorf("a pane read the booking %d times, %d at once; want 3 (kept, failed, done), one at a time", n, k.most[who])
		}
	}
}

// However many messages one change has, the booking is read once for it.
func TestAChangeIsReadOnce(t *testing.T) {
	g := &gate{}
	var asked atomic.Int64
	e := startEngine(t, engineOptions{gate: g})
	id := e.api.requestBoth(priya, 1, 11)
	g.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/api/bookings/"+id {
			asked.Add(1)
		}
		next.ServeHTTP(w, r)
	})
	b := openTab(t, e.url, 1280, 860)
	b.settled()
	b.until("the booking, read", badge(1, id, "Pending")+" && "+badge(2, id, "Pending"))
	before := asked.Load()
	e.api.approve(id) // the customer is told of the status, and of who does it
	b.until("the approval, read", fmt.Sprintf(`document.querySelector(%q)?.textContent.startsWith('with ')`,
		inPane(1, ".card[data-id='"+id+"']:not([data-incomplete]) .card-line"))+" && "+count(2, "confirmed", 1))
	fresh := openTab(t, e.url, 1280, 860) // long enough for what may still come
	fresh.until("a live connection", live(1)+" && "+live(2))
	wantCards(t, b, fresh)
	if n := asked.Load() - before; n != 2 {
		t.Errorf("two panes read the booking %d times for one change", n)
	}
}

// What somebody types stays when the booking changes under his hands. He is told, and may confirm what he sees now.
func TestWhatIsTypedStaysWhenTheBookingChanges(t *testing.T) {
	e := startEngine(t, engineOptions{})
	id := e.api.request(priya, 0, 1, 11)
	b := openTab(t, e.url, 1280, 860)
	b.until("a live connection", live(1)+" && "+live(2))
	b.until("the booking", badge(2, id, "Pending"))
	card := inPane(2, ".card[data-id='"+id+"']")
	value[bool](b, fmt.Sprintf(`[...document.querySelectorAll(%q)].find((b) => b.textContent === 'Decline').click(), true`, card+" .button"))
	b.fill(card+" input", "Our stylist is ill, sorry.")

	e.api.swap(id, "0", 0)
	b.until("the change", fmt.Sprintf(`document.querySelector(%q).dataset.revision === '1'`, card))
	b.click(card + " button[type=submit]")
	b.until("the words that it has changed", fmt.Sprintf(`document.querySelector(%q)?.textContent.startsWith('It has just changed.')`,
		card+" .card-error:not([hidden])"))
	if got := value[string](b, fmt.Sprintf(`document.querySelector(%q)?.value`, card+" input")); got != "Our stylist is ill, sorry." {
		t.Errorf("what was typed has become %q", got)
	}
	b.until("the buttons to be free again", fmt.Sprintf(`!document.querySelector(%q).disabled`, card+" button[type=submit]"))
	b.click(card + " button[type=submit]")
	b.until("the booking among the closed", count(2, "closed", 1)+" && "+count(1, "closed", 1))
	if said := b.broken(); len(said) > 0 {
		t.Errorf("the page complained: %q", said)
	}
}

// A page that stays open over midnight does not go on calling a day tomorrow.
func TestTomorrowBecomesToday(t *testing.T) {
	e := startEngine(t, engineOptions{withoutRealtime: true})
	id := e.api.request(priya, 0, 1, 11)
	b := openTab(t, e.url, 800, 600)
	day := fmt.Sprintf(`document.querySelector(%q)?.textContent`, inPane(1, ".card[data-id='"+id+"'] .card-day"))
	b.until("a day", day+` === 'Tomorrow' || `+day+` === 'Today'`) // it may be midnight here
	value[bool](b, `(() => {
		const Clock = Date;
		window.Date = class extends Clock { constructor(...at) { at.length > 0 ? super(...at) : super(Clock.now() + 10 * 86400e3); } };
		return true;
	})()`)
	if n := b.hurry("pane.js"); n < 2 {
		t.Errorf("%d panes look at the clock, want 2", n)
	}
	b.until("another day", `!['Tomorrow', 'Today', ''].includes(`+day+`)`)
}
