package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// notLive is a condition: the pane says in words that it is not live, and how it is kept right meanwhile.
func notLive(pane int) string {
	return fmt.Sprintf(`document.querySelector(%q)?.textContent === 'Not live' && document.querySelector(%q).textContent.includes('read again every 10 seconds')`,
		inPane(pane, ".state"), inPane(pane, ".notice:not([hidden])"))
}

// count is a condition: so many bookings are in a group. A card that has changed stays in its own for a moment only.
func count(pane int, group string, n int) string {
	return fmt.Sprintf(`document.querySelector(%q)?.textContent === '%d'`, inPane(pane, ".tab[data-group="+group+"] .count"), n)
}

// broken lists what the page complained about, but for the connections and answers that the test denied it.
func (b *tab) broken() (list []string) {
	for _, line := range b.said() {
		if !strings.Contains(line, "WebSocket connection to") && !strings.Contains(line, "Failed to load resource") {
			list = append(list, line)
		}
	}
	return list
}

// While Ably cannot be reached the page shows what it can read, keeps up by reading, and says that it is not live. It goes live
// by itself.
func TestThePageIsRightWhileAblyIsDead(t *testing.T) {
	for name, hang := range map[string]bool{"connections are refused": false, "connections hang": true} {
		t.Run(name, func(t *testing.T) {
			f := newFront(t)
			if hang {
				f.hang()
			}
			e := startEngine(t, engineOptions{front: f})
			id, other := e.api.request(priya, 0, 1, 11), e.api.request(priya, 1, 1, 15)
			b := openTab(t, e.url, 1280, 860)
			for _, pane := range []int{1, 2} {
				b.until("the bookings", badge(pane, id, "Pending")+" && "+badge(pane, other, "Pending"))
			}
			if hang {
				// Of two connections to one place a browser opens the second when the first is done.
				eventually(t, "a connection that hangs", func() bool { return f.taken() > 0 })
			}

			// After a moment it says that this is not what it should be.
			b.hurry("sign.js")
			for _, ms := range value[[]float64](b, `waited('sign.js')`) {
				if ms < 1000 || ms > 5000 {
					t.Errorf("the page keeps the sign back for %.0f ms", ms)
				}
			}
			b.until("the sign that it is not live", notLive(1)+" && "+notLive(2))

			// What changes is read, at a modest pace.
			e.api.approve(id)
			b.until("the next read to be due", `waits('reader.js').length === 2`)
			for _, ms := range value[[]float64](b, `waits('reader.js')`) {
				if ms < 5000 || ms > 15000 {
					t.Errorf("the page reads again after %.0f ms", ms)
				}
			}
			b.hurry("reader.js")
			b.until("the approval on both panes", badge(1, id, "Confirmed")+" && "+count(2, "confirmed", 1))
			b.until("the next read to be due", `waits('reader.js').length === 2`)
			b.shootAll("not-live")

			// Ably is back.
			value[int](b, `window.marker = 1`)
			if !hang {
				f.hang()
			}
			f.pass()
			b.until("a live connection", live(1)+" && "+live(2))
			b.until("the notices to go", `document.querySelectorAll('.notice:not([hidden])').length === 0`)
			b.until("no more reads", `waits('reader.js').length === 0`)
			e.api.approve(other)
			b.until("the approval on both panes", badge(1, other, "Confirmed")+" && "+count(2, "confirmed", 2))
			if got := value[int](b, `window.marker`); got != 1 {
				t.Error("the page was loaded again")
			}

			// And gone again.
			f.cut()
			b.until("the connection to be missed", `document.querySelectorAll(".light[data-state='live']").length === 0`)
			b.until("reads in its place", `waits('reader.js').length === 2`)
			if said := b.broken(); len(said) > 0 {
				t.Errorf("the page complained: %q", said)
			}
		})
	}
}

// What is asked for on a page that is not live is seen at once.
func TestOwnChangesAreSeenWhileAblyIsDead(t *testing.T) {
	e := startEngine(t, engineOptions{front: newFront(t)})
	id := e.api.request(priya, 0, 1, 15) // not when the form asks for
	b := openTab(t, e.url, 1280, 860)
	b.until("the booking", badge(2, id, "Pending"))
	b.click(inPane(2, ".card[data-id='"+id+"'] .button.primary"))
	b.until("the approval on the pane where it was made", count(2, "confirmed", 1))
	b.click(inPane(1, ".request-box summary"))
	b.click(inPane(1, ".request button[type=submit]"))
	b.until("the new booking", fmt.Sprintf("document.querySelectorAll(%q).length === 2", inPane(1, ".card")))
}

// A read that hangs keeps nothing else waiting: neither the connection nor the read that belongs to it.
func TestAReadThatHangsDoesNotKeepThePageFromGoingLive(t *testing.T) {
	g := &gate{}
	released := make(chan struct{})
	g.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/api/bookings" && r.URL.Query().Get("minPosition") == "" {
			select {
			case <-released:
			case <-r.Context().Done():
			}
		}
		next.ServeHTTP(w, r)
	})
	e := startEngine(t, engineOptions{gate: g})
	id := e.api.request(priya, 0, 1, 11)
	b := openTab(t, e.url, 1280, 860)
	t.Cleanup(func() { close(released) })
	b.until("a live connection", live(1)+" && "+live(2))
	b.until("the booking", badge(1, id, "Pending")+" && "+badge(2, id, "Pending"))
	e.api.approve(id)
	b.until("the approval", badge(1, id, "Confirmed")+" && "+count(2, "confirmed", 1))
}

// shootAll keeps pictures of the page by day, by night and on a telephone.
func (b *tab) shootAll(name string) {
	b.t.Helper()
	for _, scheme := range []string{"dark", "light"} {
		_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		check(b.t, err)
		b.shoot(name + "-" + scheme)
	}
	b.do(chromedp.EmulateViewport(390, 844))
	if !value[bool](b, `document.documentElement.scrollWidth <= innerWidth`) {
		b.t.Error("the narrow page scrolls sideways")
	}
	b.shoot(name + "-narrow")
	b.do(chromedp.EmulateViewport(1280, 860))
}
