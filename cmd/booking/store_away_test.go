package main

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/royalglow/booking/internal/esdbnode/nodetest"
)

// oneSentence runs a command that must fail for its event store, and say so: without a password, and not with a library's paragraph.
func oneSentence(t *testing.T, env map[string]string, want string, args ...string) {
	t.Helper()
	said := map[bool]string{}
	for _, asJSON := range []bool{false, true} {
		if args[0] == "serve" && asJSON {
			continue // it has no answer to give
		}
		run := args
		if asJSON {
			run = append(slices.Clip(args), "-json")
		}
		got := runProgram(t.Context(), t, env, run...)
		text := got.stderr
		if asJSON {
			var line struct {
				Error struct{ Code, Message string }
			}
			if err := json.Unmarshal([]byte(got.stdout), &line); err != nil || line.Error.Code != "FAILED" || got.stderr != "" {
				t.Errorf("%q: stdout %q, stderr %q: %v", run, got.stdout, got.stderr, err)
			}
			text = "booking: " + line.Error.Message + "\n"
		} else if got.stdout != "" {
			t.Errorf("%q: stdout %q", run, got.stdout)
		}
		if got.code != exitFailed || !strings.HasPrefix(text, "booking: the event store at ") || !strings.Contains(text, want) || strings.Count(text, "\n") != 1 {
			t.Errorf("%q: exit %d, %q, want %q", run, got.code, text, want)
		}
		if strings.Contains(text, "SENSITIVE") || strings.Contains(text, "desc =") {
			t.Errorf("%q says %q", run, text)
		}
		said[asJSON] = text
	}
	if len(said) == 2 && said[true] != said[false] {
		t.Errorf("%q is %q in JSON", said[false], said[true])
	}
}

// TestAStoreThatIsAwayIsSaidInOneSentence by every command that needs it, and nothing is changed.
func TestAStoreThatIsAwayIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	filled := filledFolder(t)
	env := map[string]string{"EVENTSTORE_URL": "esdb://127.0.0.1:1?tls=false"}
	before := everything(t, filled)
	folders := map[string]string{} // by what is done there
	var all sync.WaitGroup
	for _, args := range []string{
		"projections list", "projections status", "projections rebuild bookings", "projections rebuild customers -stream customer-usr_customer001",
		"projections rollback bookings", "projections pause bookings", "projections resume bookings", "projections skip bookings",
		"projections audit", "adopt -yes",
	} {
		dir := t.TempDir()
		copyFolder(t, filled, dir)
		folders[args] = dir
		all.Go(func() {
			oneSentence(t, env, "127.0.0.1:1 cannot be used: nothing answers there (connection refused)", append(strings.Fields(args), "-data", dir)...)
		})
	}
	all.Wait()
	for args, dir := range folders {
		if everything(t, dir) != before {
			t.Errorf("%s: something was changed", args)
		}
	}
}

// TestAStoreThatIsAwayStopsTheStart before anything is made in the data folder, or in the database.
func TestAStoreThatIsAwayStopsTheStart(t *testing.T) {
	t.Parallel()
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	web := httptest.NewUnstartedServer(nil)
	web.Config.ErrorLog = log.New(io.Discard, "", 0) // it is called by what it does not understand
	web.StartTLS()
	t.Cleanup(web.Close)
	authority := filepath.Join(t.TempDir(), "authority.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(authority, text, 0o600); err != nil {
		t.Fatal(err)
	}
	plain := strings.TrimSuffix(strings.TrimPrefix(nodetest.Start(t), "esdb://"), "?tls=false")
	var all sync.WaitGroup
	for name, c := range map[string]struct{ url, want string }{
		"nobody listens": {"127.0.0.1:1?tls=false", "nothing answers there"},
		"nobody speaks":  {silent.Addr().String() + "?tls=false", "it does not answer in time"},
		"a web server":   {web.Listener.Addr().String() + "?tlsCaFile=" + authority, "no EventStoreDB"},
		"no TLS":         {"admin:SENSITIVE@" + plain, "it does not speak TLS"},
	} {
		dir := t.TempDir()
		all.Go(func() {
			env := map[string]string{"SESSION_SECRET": childSecret, "EVENTSTORE_URL": "esdb://" + c.url}
			oneSentence(t, env, c.want, "serve", "-data", dir, "-listen", "127.0.0.1:0", "-log-level", "error")
			files, err := os.ReadDir(dir)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, f := range files {
				if f.Name() != "engine.lock" {
					t.Errorf("%s: %s was made", name, f.Name())
				}
			}
		})
	}
	all.Wait()
}
