package console

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"
)

//go:embed assets
var embedded embed.FS

// Config says what the page is to know. The zero value is a page for Ably itself, without the demo's sign-in.
type Config struct {
	// AblyEndpoint is the host:port of a server in Ably's place; empty: Ably. On loopback it is reached without TLS.
	AblyEndpoint string
	// AblyJS is the file of Ably's browser client. Empty: what npm ci has put in the usual places, if anything.
	AblyJS string
	// Demo offers the demo's people instead of asking for the user's own session.
	Demo bool
}

// page is what the template needs.
type page struct {
	Demo        bool
	LocalClient string // the path of Ably's client here; empty: only the CDN has it
	CDN         string
	Integrity   string
	Host, Port  string // of AblyEndpoint
	TLS         bool
}

// New returns the page and its parts: "/" and "/assets/…". Everything else is not found. It fails when a file that was
// named cannot be read or the endpoint has no port.
func New(c Config) (http.Handler, error) {
	p := page{Demo: c.Demo, CDN: cdnURL, Integrity: cdnIntegrity}
	if c.AblyEndpoint != "" {
		var err error
		if p.Host, p.Port, err = net.SplitHostPort(c.AblyEndpoint); err != nil {
			return nil, fmt.Errorf("read ably endpoint: %w", err)
		}
		p.TLS = !loopback(p.Host)
	}
	client, err := findClient(c.AblyJS)
	if err != nil {
		return nil, err
	}
	if client != nil {
		p.LocalClient = clientPath
	}
	index, err := render(p)
	if err != nil {
		return nil, err
	}
	assets, err := fs.Sub(embedded, "assets")
	if err != nil {
		return nil, fmt.Errorf("open assets: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(index))
	})
	if client != nil {
		mux.HandleFunc("GET "+clientPath, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(client))
		})
	}
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(noFolders{assets})))
	return guarded(mux, p), nil
}

func render(p page) ([]byte, error) {
	text, err := embedded.ReadFile("assets/index.html")
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	t, err := template.New("page").Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, p); err != nil {
		return nil, fmt.Errorf("render page: %w", err)
	}
	return out.Bytes(), nil
}

// guarded sets the headers that keep the page to itself: scripts from here and from Ably's CDN, connections to here and to
// the realtime endpoint, no frames, nothing inline.
func guarded(next http.Handler, p page) http.Handler {
	policy := strings.Join([]string{
		"default-src 'none'", "script-src 'self' " + cdnOrigin, "style-src 'self'", "img-src 'self' data:",
		"connect-src 'self' " + strings.Join(p.sources(), " "),
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		// A new build must be seen at the next load; the files are small.
		h.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}

// sources lists where the realtime client may connect to.
func (p page) sources() []string {
	switch {
	case p.Host == "":
		return []string{
			"https://*.ably.net", "wss://*.ably.net", "https://*.ably.io", "wss://*.ably.io",
			"https://*.ably-realtime.com", "wss://*.ably-realtime.com",
		}
	case p.TLS:
		at := net.JoinHostPort(p.Host, p.Port)
		return []string{"https://" + at, "wss://" + at}
	}
	at := net.JoinHostPort(p.Host, p.Port)
	return []string{"http://" + at, "ws://" + at}
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// findClient returns Ably's browser client, or nil when there is none here.
func findClient(file string) ([]byte, error) {
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read ably client: %w", err)
		}
		return text, nil
	}
	for _, file := range clientFiles() {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read ably client: %w", err)
		}
		return text, nil
	}
	return nil, nil //nolint:nilnil // none is fine: the page has another place to look
}

// noFolders hides the listings that a file server makes of folders.
type noFolders struct{ fs.FS }

// Open returns the file, and not found for a folder.
func (n noFolders) Open(name string) (fs.File, error) {
	f, err := n.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.Join(fs.ErrNotExist, f.Close())
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}
