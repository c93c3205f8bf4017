// Package browsertest starts browsers for tests: Chromium without a window, each with a folder of its own, that reaches
// nothing but this machine. Only tests import it.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Start starts a browser with one empty tab and returns the tab's context, for chromedp's functions; its children made by
// chromedp.NewContext are further tabs. The browser is closed when the test ends, and lives for at most limit. Without
// Chromium the test ends as Missing says.
func Start(tb testing.TB, limit time.Duration, options ...chromedp.ContextOption) context.Context {
	tb.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		Missing(tb, "no browser: chromium is missing")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(tb.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		// Nothing but this machine exists, also where there is a network.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	// Not the test's context: that ends before the browser is closed.
	limited, cancelTime := context.WithTimeout(context.WithoutCancel(tb.Context()), limit)
	allocator, cancelAllocator := chromedp.NewExecAllocator(limited, flags...)
	ctx, cancel := chromedp.NewContext(allocator, options...)
	tb.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			tb.Errorf("close browser: %v", err)
		}
		cancel()
		cancelAllocator()
		cancelTime()
	})
	if err := chromedp.Do(ctx); err != nil {
		tb.Fatalf("start browser: %v", err)
	}
	return ctx
}

// Missing ends a test that needs something that is not here: it is skipped on a developer's machine, and fails in CI.
func Missing(tb testing.TB, what string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatal(what)
	}
	tb.Skip(what)
}
