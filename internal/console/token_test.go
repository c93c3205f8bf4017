package console_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
)

// refuse answers with a problem.
func refuse(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"code": %q, "detail": %q}`, code, detail)
}

// A token that cannot be had for a moment is asked for again, less and less often, and not by all pages at once.
func TestAFailedTokenIsAskedForAgain(t *testing.T) {
	var failing atomic.Bool
	var asked atomic.Int64
	failing.Store(true)
	g := &gate{}
	g.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != "/api/ably/token" || !failing.Load() {
			next.ServeHTTP(w, r)
			return
		}
		switch asked.Add(1) % 3 {
		case 0:
			panic(http.ErrAbortHandler) // the connection ends without an answer
		case 1:
			refuse(w, http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "this took too long; try again")
		case 2:
			refuse(w, http.StatusInternalServerError, "INTERNAL_ERROR", "something went wrong here; it has been noted")
		}
	})
	e := startEngine(t, engineOptions{gate: g})
	id := e.api.request(priya, 0, 1, 11)
	b := openTab(t, e.url, 1280, 860)
	b.until("the bookings", badge(1, id, "Pending")+" && "+badge(2, id, "Pending"))

	b.until("both panes to ask again and again", `hurry('live.js'), waited('live.js').length >= 20`)
	waits := value[[]float64](b, `waited('live.js')`)
	slices.Sort(waits)
	if first, last := waits[0], waits[len(waits)-1]; first < 200 || first > 600 || last < 15000 || last > 31000 {
		t.Errorf("the page waits from %.0f to %.0f ms", first, last)
	}
	if different := slices.Compact(waits); len(different) < 15 {
		t.Errorf("the waits do not differ: %v", different)
	}
	b.until("both panes to wait before they ask again", `waits('live.js').length === 2`)
	b.hurry("sign.js")
	b.until("the sign that it is not live", notLive(1)+" && "+notLive(2))

	failing.Store(false)
	b.hurry("live.js")
	b.until("a live connection", live(1)+" && "+live(2))
	e.api.approve(id)
	b.until("the approval", badge(1, id, "Confirmed")+" && "+count(2, "confirmed", 1))
	if said := b.broken(); len(said) > 0 {
		t.Errorf("the page complained: %q", said)
	}
}

// What does not pass by itself is said in words and hardly asked for, but it needs no reload either.
func TestATokenThatIsRefusedForGoodIsHardlyAskedForAgain(t *testing.T) {
	for name, tt := range map[string]struct {
		status             int
		code, detail, says string
	}{
		"no realtime here": {503, "SERVICE_UNAVAILABLE", "realtime is not configured", "switched off on this server"},
		"not for the user": {403, "FORBIDDEN", "this is not for your role or branch", "This is not for your role or branch."},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gate{}
			g.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if r.URL.Path == "/api/ably/token" {
					refuse(w, tt.status, tt.code, tt.detail)
					return
				}
				next.ServeHTTP(w, r)
			})
			e := startEngine(t, engineOptions{gate: g})
			id := e.api.request(priya, 0, 1, 11)
			b := openTab(t, e.url, 1280, 860)
			b.until("the words", notLive(1)+" && "+notLive(2)+fmt.Sprintf(
				` && [...document.querySelectorAll('.notice')].every((n) => n.textContent.includes(%q))`, tt.says))
			b.until("the bookings all the same", badge(1, id, "Pending")+" && "+badge(2, id, "Pending"))
			for _, ms := range value[[]float64](b, `waits('live.js')`) {
				if ms < 60_000 {
					t.Errorf("the page asks again after %.0f ms", ms)
				}
			}
			g.set(nil)
			if n := b.hurry("live.js"); n != 2 {
				t.Errorf("%d panes would ask again, want 2", n)
			}
			b.until("a live connection", live(1)+" && "+live(2))
			b.until("the words to go", `document.querySelectorAll('.notice:not([hidden])').length === 0`)
		})
	}
}

// The token that follows the first is no other: while it cannot be had the connection stays, and where there is none to be had
// any more the page says so.
func TestARenewalThatFailsIsJudgedLikeTheFirstToken(t *testing.T) {
	e := startEngine(t, engineOptions{})
	b := openTab(t, e.url, 800, 600)
	got := value[string](b, `(async () => {
		const { Live } = await import('/assets/live.js');
		const { Api, Problem } = await import('/assets/api.js');
		const who = await (await fetch('/demo/sign-in?as=customer')).json();
		const api = new Api(who.token), states = [];
		let denied, heard = () => {};
		const until = (state) => new Promise((done) => {
			heard = () => states.at(-1) === state && done();
			heard();
		});
		const sender = { send: (...request) => (denied ? Promise.reject(denied) : api.send(...request)) };
		const live = new Live(sender, {
			onState: (state) => { states.push(state); heard(); }, onAttached: () => {}, onMessage: () => {},
		});
		live.start(['customer:' + who.userId + ':bookings']);
		await until('live');
		denied = new Problem(503, { detail: 'sign-in cannot be checked right now' });
		await live.client.auth.authorize().then(() => states.push('renewed'), () => {});
		const between = states.at(-1);
		denied = new Problem(503, { detail: 'realtime is not configured' });
		await live.client.auth.authorize().catch(() => {});
		await until('off');
		denied = undefined;
		hurry('live.js');
		await until('live');
		live.stop();
		return between + ' ' + states.at(-1);
	})()`)
	if got != "live live" {
		t.Errorf("states between and in the end: %s", got)
	}
}

// A page that is opened in a bad moment starts when that has passed.
func TestThePageStartsWhenTheServerIsBack(t *testing.T) {
	g := &gate{}
	g.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/api/branches/"+bandra {
			refuse(w, http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "this took too long; try again")
			return
		}
		next.ServeHTTP(w, r)
	})
	e := startEngine(t, engineOptions{gate: g})
	id := e.api.request(priya, 0, 1, 11)
	b := openTab(t, e.url, 1280, 860)
	b.until("words", `document.body.innerText.includes('The page could not start')`)
	g.set(nil)
	b.until("the bookings", badge(1, id, "Pending")+" && "+badge(2, id, "Pending"))
}

// A call for a token that gets no answer leaves the page as it is without realtime: read, and read again.
func TestATokenThatDoesNotComeKeepsNothingWaiting(t *testing.T) {
	released := make(chan struct{})
	g := &gate{}
	g.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path == "/api/ably/token" {
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
	b.until("the bookings, with the next reads due, before the calls have ended", badge(1, id, "Pending")+" && "+badge(2, id, "Pending")+
		` && waits('reader.js').length === 2 && waited('live.js').length === 0`)
	b.hurry("sign.js")
	b.until("the sign that it is not live", notLive(1)+" && "+notLive(2))
	e.api.approve(id)
	b.hurry("reader.js")
	b.until("the approval", badge(1, id, "Confirmed")+" && "+count(2, "confirmed", 1))
	close(released)
	b.until("a live connection", live(1)+" && "+live(2))
}

// obedient is a client in Ably's place that does as it is told.
const obedient = `{
	const emitter = (state) => ({
		state, listeners: [], on(listener) { this.listeners.push(listener); },
		turn(current, resumed = false) {
			this.state = current;
			this.listeners.forEach((listener) => listener({ current, resumed }));
		},
	});
	window.Ably = { Realtime: class {
		connection = emitter('initialized');
		channel = Object.assign(emitter('initialized'), { subscribe: () => Promise.resolve() });
		channels = { get: () => this.channel };
		closed = 0;
		close() { this.closed += 1; this.connection.turn('closing'); this.connection.turn('closed'); }
	} };
}`

// Live is what is connected and has its channel, and after each gap the page reads.
func TestLiveIsWhatIsConnectedAndAttached(t *testing.T) {
	e := startEngine(t, engineOptions{client: obedient})
	b := openTab(t, e.url, 800, 600)
	b.until("two panes", `document.querySelectorAll('.pane').length === 2`)
	got := value[[]string](b, `(async () => {
		const { Live } = await import('/assets/live.js');
		const steps = [];
		const live = new Live({ send: async () => ({}) }, {
			onState: (...told) => steps.at(-1).push(...told), onAttached: () => steps.at(-1).push('read'), onMessage: () => {},
		});
		live.start(['a channel']);
		while (!live.client) await new Promise(requestAnimationFrame);
		const { client } = live;
		const step = (part, ...to) => { steps.push([]); part.turn(...to); };
		step(client.connection, 'connecting');
		step(client.connection, 'connected');
		step(client.channel, 'attaching');
		step(client.channel, 'attached');
		step(client.connection, 'disconnected');
		step(client.connection, 'connecting');
		step(client.connection, 'connected');
		step(client.channel, 'attached', true);
		step(client.channel, 'suspended');
		step(client.channel, 'attached');
		client.channel.errorReason = { message: 'no capability' };
		step(client.channel, 'failed');
		step(client.channel, 'attached');
		steps.push(['closed', client.closed, 'rests', waits('live.js').at(-1) > 60000]);
		live.stop();
		return steps.map((step) => step.join(' '));
	})()`)
	want := []string{
		"connecting", "connecting", "connecting", "read live", "waiting", "connecting", "live", "live", "connecting", "read live",
		"failed no capability", "", "closed 1 rests true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("it said\n%q, want\n%q", got, want)
	}
}
