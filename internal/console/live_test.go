package console_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// inPane is a selector within the customer's pane (1) or the desk's (2).
func inPane(pane int, selector string) string {
	return fmt.Sprintf(".pane:nth-child(%d) %s", pane, selector)
}

// badge is a condition: the card of a booking shows a status.
func badge(pane int, id, status string) string {
	return fmt.Sprintf(`document.querySelector(%q)?.textContent === %q`,
		inPane(pane, fmt.Sprintf(".card[data-id='%s'] .badge", id)), status)
}

func live(pane int) string {
	return fmt.Sprintf(`document.querySelector(%q)?.dataset.state === 'live'`, inPane(pane, ".light"))
}

func TestAnApprovalThroughTheAPITurnsTheBadgeWithoutAReload(t *testing.T) {
	e := startEngine(t, engineOptions{})
	id := e.api.request(priya, 0, 1, 11)
	for i := range 3 {
		e.api.request(rahul, i, 2, 12+2*i)
	}
	b := openTab(t, e.url, 1280, 860)
	for _, pane := range []int{1, 2} {
		b.until("a live connection", live(pane))
		b.until("the pending booking", badge(pane, id, "Pending"))
	}
	b.shoot("pending")
	value[int](b, `window.marker = 'set before the approval', document.querySelector(".card[data-id='`+id+`']").marker = 1`)

	e.api.approve(id)
	b.until("the customer's badge to turn", badge(1, id, "Confirmed"))
	b.until("the desk's badge to turn", badge(2, id, "Confirmed"))
	b.until("the name of who does it", fmt.Sprintf(`document.querySelector(%q).textContent.startsWith('with ')`,
		inPane(1, ".card-line")))
	b.until("all of it, read", `!document.querySelector('[data-incomplete]')`)
	b.shoot("confirmed-light")

	if got := value[string](b, `window.marker`); got != "set before the approval" {
		t.Errorf("the page was loaded again: marker %v", got)
	}
	if got := value[int](b, `document.querySelector(".card[data-id='`+id+`']").marker`); got != 1 {
		t.Errorf("the card was made again: marker %v", got)
	}
	if got := value[string](b, `performance.getEntriesByType('navigation').length + ' ' + performance.getEntriesByType('navigation')[0].type`); got != "1 navigate" {
		t.Errorf("navigations: %v", got)
	}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	})
	check(t, err)
	b.shoot("confirmed-dark")
	b.do(chromedp.EmulateViewport(390, 844))
	if !value[bool](b, `document.documentElement.scrollWidth <= innerWidth`) {
		t.Error("the narrow page scrolls sideways")
	}
	b.shoot("confirmed-narrow")
	if said := b.said(); len(said) > 0 {
		t.Errorf("the page complained: %q", said)
	}
}

func TestTheDeskAndTheCustomerActOnThePageItself(t *testing.T) {
	e := startEngine(t, engineOptions{})
	declined := e.api.request(priya, 1, 3, 10)
	b := openTab(t, e.url, 1280, 860)
	b.until("the pending booking", badge(2, declined, "Pending"))
	b.until("a live connection", live(1)+" && "+live(2))

	// The customer asks for another booking.
	b.click(inPane(1, ".request-box summary"))
	b.click(inPane(1, ".request button[type=submit]"))
	b.until("the new booking on both panes", `document.querySelectorAll(".card[data-status='pending']").length === 4`)
	made := value[string](b, fmt.Sprintf(`[...document.querySelectorAll(".pane:first-child .card")].map((c) => c.dataset.id).find((id) => id !== %q)`,
		declined))

	// The desk approves one and declines the other, in words.
	b.click(inPane(2, ".card[data-id='"+made+"'] .button.primary"))
	b.until("the approved booking at the customer's", badge(1, made, "Confirmed"))
	value[bool](b, fmt.Sprintf(`[...document.querySelectorAll(%q)].find((b) => b.textContent === 'Decline').click(), true`,
		inPane(2, ".card[data-id='"+declined+"'] .button")))
	b.fill(inPane(2, ".card[data-id='"+declined+"'] input"), "Our stylist is ill, sorry.")
	b.click(inPane(2, ".card[data-id='"+declined+"'] button[type=submit]"))
	b.until("the declined booking among the closed", fmt.Sprintf(
		`document.querySelector(%q).textContent.includes('1')`, inPane(1, ".tab[data-group=closed] .count")))
	b.click(inPane(1, ".tab[data-group=closed]"))
	b.until("the reason", fmt.Sprintf(`document.querySelector(%q)?.textContent.includes('Our stylist is ill')`,
		inPane(1, ".card[data-id='"+declined+"'] .card-reason")))

	// The customer thinks again.
	b.click(inPane(1, ".tab[data-group=open]"))
	b.until("the approved booking", badge(1, made, "Confirmed"))
	b.click(inPane(1, ".card[data-id='"+made+"'] .button"))
	b.click(inPane(1, ".card[data-id='"+made+"'] button[type=submit]"))
	b.until("the desk to see it cancelled", badge(2, made, "Cancelled")+fmt.Sprintf(
		` || document.querySelector(%q).textContent.includes('2')`, inPane(2, ".tab[data-group=closed] .count")))
	b.until("all of it, read", `!document.querySelector('[data-incomplete]')`)
	b.shoot("acted")
	if said := b.said(); len(said) > 0 {
		t.Errorf("the page complained: %q", said)
	}
}

func TestThePageSaysWhyItIsNotLive(t *testing.T) {
	for name, tt := range map[string]struct {
		options engineOptions
		words   string
	}{
		"realtime is off":                {engineOptions{withoutRealtime: true}, "switched off on this server"},
		"Ably's client is not to be had": {engineOptions{client: "// this is not Ably's client"}, "browser client could not be loaded"},
	} {
		t.Run(name, func(t *testing.T) {
			e := startEngine(t, tt.options)
			id := e.api.request(priya, 0, 1, 11)
			b := openTab(t, e.url, 1280, 860)
			b.until("the words", fmt.Sprintf(`document.querySelector('.notice')?.textContent.includes(%q)`, tt.words))
			b.until("the bookings all the same", badge(1, id, "Pending")+" && "+badge(2, id, "Pending"))
			b.until("the words to stay", fmt.Sprintf(
				`[...document.querySelectorAll('.notice')].filter((n) => n.textContent.includes(%q)).length === 2`, tt.words))
			b.shoot("not-live")
		})
	}
}

// The rules for what is news are those of every subscriber; here the page's own code is asked, with many histories.
func TestThePageNeverReplacesNewerByOlder(t *testing.T) {
	e := startEngine(t, engineOptions{withoutRealtime: true})
	b := openTab(t, e.url, 800, 600)
	got := value[string](b, `(async () => {
		const { Held } = await import('/assets/held.js');
		let seed = 7;
		const random = (n) => { seed = (seed * 48271) % 2147483647; return seed % n; };
		for (let history = 0; history < 3000; history += 1) {
			const held = new Held();
			let newest = [-1, -1];
			for (let step = 0; step < 30; step += 1) {
				const version = random(6), part = random(3), read = random(4) === 0;
				const news = read ? version >= newest[0] : version > newest[0] || (version === newest[0] && part > newest[1]);
				const taken = read ? held.read('b', version) : held.take('b', version, part);
				if (taken !== news) return 'history ' + history + ', step ' + step;
				if (news) newest = read ? [version, Infinity] : [version, part];
			}
		}
		return 'kept';
	})()`)
	if got != "kept" {
		t.Errorf("the rule was broken: %v", got)
	}
}

func TestScenario46AStragglerIsIgnoredAndAResyncReadsAgain(t *testing.T) {
	e := startEngine(t, engineOptions{})
	id := e.api.request(priya, 0, 1, 11)
	b := openTab(t, e.url, 1280, 860)
	b.until("a live connection", live(1))
	b.until("the pending booking", badge(1, id, "Pending"))
	e.api.approve(id)
	b.until("the badge to turn", badge(1, id, "Confirmed"))

	// What a straggler did, every change of the card would show.
	value[bool](b, fmt.Sprintf(`(() => {
		window.badges = [];
		const badge = document.querySelector(%q);
		new MutationObserver(() => window.badges.push(badge.textContent)).observe(badge, { childList: true, subtree: true });
		return true;
	})()`, inPane(1, ".card[data-id='"+id+"'] .badge")))
	const reads = `performance.getEntriesByType('resource').filter((r) => r.name.includes('/api/bookings?')).length`
	before := value[int](b, reads)
	channel := "customer:" + priya + ":bookings"
	for version, part := range map[int]int{0: 9, 1: 0} {
		e.publish(channel, "booking.status_changed", map[string]any{
			"entity": id, "bookingId": id, "version": version, "part": part, "position": 1,
			"occurredAt": "2026-01-01T00:00:00Z", "branchId": bandra, "fromStatus": "confirmed", "toStatus": "pending",
		})
	}
	e.publish(channel, "resync", map[string]any{"entity": id, "version": 1, "part": 0, "position": 1})
	b.until("the list to be read again", fmt.Sprintf("%s > %d", reads, before))
	if got := value[int](b, `window.badges.length`); got != 0 || !value[bool](b, badge(1, id, "Confirmed")) {
		t.Errorf("a straggler changed the badge %d times", got)
	}
}
