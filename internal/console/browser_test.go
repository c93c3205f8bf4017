package console_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/royalglow/booking/internal/browsertest"
)

// browserTime bounds everything that a test does in the browser.
const browserTime = 90 * time.Second

// ablyClient returns the file of Ably's browser client: what npm ci has put beside package.json, else a copy fetched here.
func ablyClient(t *testing.T) string {
	t.Helper()
	const file = "node_modules/ably/build/ably.min.js"
	if _, err := os.Stat(file); err == nil {
		path, err := filepath.Abs(file)
		check(t, err)
		return path
	}
	if _, err := exec.LookPath("npm"); err != nil {
		browsertest.Missing(t, "Ably's client is not here and cannot be fetched: npm is missing")
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(name)
		check(t, err)
		check(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	cmd := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		browsertest.Missing(t, "Ably's client is not here and could not be fetched: "+string(out))
	}
	return filepath.Join(dir, file)
}

// tab is a page in a browser of its own, with all that the page complains about.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // the library keeps the browser in it

	mu         sync.Mutex
	complaints []string
}

// openTab starts a browser with a folder of its own and opens the URL. It is closed when the test ends.
func openTab(t *testing.T, url string, width, height int64) *tab {
	t.Helper()
	b := &tab{t: t}
	b.ctx = browsertest.Start(t, browserTime, chromedp.WithListener(b.listen))
	b.do(chromedp.EmulateViewport(width, height))
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: timers})
	check(t, err)
	b.do(chromedp.Navigate(url))
	return b
}

// timers notes who waits for how long, lets a test end the waiting of one part of the page, and counts requests under way.
const timers = `{
	performance.setResourceTimingBufferSize(10000); // it notes 250 requests by itself
	const waiting = new Map(), all = [], { setTimeout: set, clearTimeout: clear } = window;
	window.setTimeout = (work, ms, ...args) => {
		const run = () => { waiting.delete(id); work(...args); };
		const id = set(run, ms);
		waiting.set(id, { ms, run, who: new Error().stack.match(/\/assets\/([a-z.]+)/)?.[1] });
		all.push(waiting.get(id));
		return id;
	};
	window.clearTimeout = (id) => { waiting.delete(id); clear(id); };
	const of = (part) => [...waiting].filter(([, timer]) => timer.who === part);
	window.waits = (part) => of(part).map(([, timer]) => timer.ms);
	window.waited = (part) => all.filter((timer) => timer.who === part).map((timer) => timer.ms);
	window.hurry = (part) => of(part).map(([id, timer]) => { clear(id); timer.run(); }).length;

	const { fetch: ask } = window;
	window.asking = 0; // requests whose answers have not been read
	const read = () => { asking -= 1; };
	window.fetch = async (...args) => {
		asking += 1;
		const answer = await ask(...args).catch((problem) => { read(); throw problem; });
		const json = answer.json.bind(answer);
		answer.json = () => json().finally(read);
		return answer;
	};
}`

// settled waits until both panes are live and have read what they read then: from here on, only a change makes them read.
func (b *tab) settled() {
	b.t.Helper()
	b.until("a live connection", live(1)+" && "+live(2))
	b.until("the end of the first reads", "asking === 0")
}

// hurry ends what a part of the page waits for now, and returns how many waits that were.
func (b *tab) hurry(part string) int {
	b.t.Helper()
	return value[int](b, fmt.Sprintf("hurry(%q)", part))
}

// listen collects errors: a page that works has none, and one that breaks its own policy has some.
func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Text+" "+e.ExceptionDetails.URL)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.complaints = append(b.complaints, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// do runs actions.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("in the browser: %v\n%s", err, strings.Join(b.said(), "\n"))
	}
}

// said returns what the page has complained about.
func (b *tab) said() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.complaints...)
}

// until waits for a condition in the page, which looks at it with every frame. (The library's own polling compiles text in
// the page, which the page's policy forbids.)
func (b *tab) until(what, condition string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise((done) => {
		const look = () => (`+condition+`) ? done(true) : requestAnimationFrame(look);
		look();
	})`, chromedp.EvalAwaitPromise))
	if err == nil {
		return
	}
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	b.shoot("failed")
	b.t.Fatalf("never in the page: %s (%v)\n%s\n%s", what, err, text, strings.Join(b.said(), "\n"))
}

// click clicks an element as soon as it is shown. It finds and clicks it in one step of the page: between two, the page may put
// another element in its place.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.act(selector, "element.click()")
}

// fill types into an input as soon as it is shown.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.act(selector, fmt.Sprintf("element.value = %q, element.dispatchEvent(new Event('input', {bubbles: true}))", text))
}

func (b *tab) act(selector, what string) {
	b.t.Helper()
	b.until("shown: "+selector, fmt.Sprintf(
		`((element) => element?.checkVisibility() && !element.disabled && (%s, true))(document.querySelector(%q))`, what, selector))
}

// value returns what an expression gives.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("in the browser: %v\n%s", err, strings.Join(b.said(), "\n"))
	}
	return v
}

// shoot keeps a picture of the page among the test's artifacts. Colours that are changing have changed by then.
func (b *tab) shoot(name string) {
	b.t.Helper()
	value[bool](b, `document.getAnimations().forEach((a) => a instanceof CSSTransition && a.finish()), true`)
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	check(b.t, err)
	check(b.t, os.WriteFile(filepath.Join(b.t.ArtifactDir(), name+".png"), png, 0o600))
}

// eventually waits for a condition outside of the page.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}
