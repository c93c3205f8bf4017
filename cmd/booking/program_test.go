package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/demo/check"
)

// output is what a command printed and how it ended.
type output struct {
	code           int
	stdout, stderr string
}

func runProgram(ctx context.Context, tb testing.TB, env map[string]string, args ...string) output {
	tb.Helper()
	var stdout, stderr bytes.Buffer
	p := &program{
		Args: append([]string{"booking"}, args...), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(name string) string { return env[name] },
	}
	code := p.Run(ctx)
	return output{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

func TestWrongUseIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	secret := map[string]string{"SESSION_SECRET": childSecret}
	with := func(name, value string) map[string]string {
		return map[string]string{"SESSION_SECRET": childSecret, name: value}
	}
	for name, c := range map[string]struct {
		env  map[string]string
		args string
		want string
	}{
		"no way to sign in":      {nil, "serve", "SESSION_SECRET or SESSION_JWKS_URL"},
		"two ways to sign in":    {with("SESSION_JWKS_URL", "https://a.example/keys"), "serve", "contradict"},
		"a short secret":         {map[string]string{"SESSION_SECRET": "short"}, "serve", "at least 32"},
		"a plain JWKS URL":       {map[string]string{"SESSION_JWKS_URL": "http://a.example/keys"}, "serve", "https"},
		"no database's URL":      {with("DATABASE_URL", "mysql://u:SENSITIVE@x/y"), "serve", "postgres://"},
		"a malformed database":   {with("DATABASE_URL", "postgres://u:SENSITIVE@x:many/y"), "serve -single-instance", "DATABASE_URL"},
		"two schemas":            {with("DATABASE_URL", "postgres://x/y?search_path=a,b"), "serve -single-instance", "exactly one schema"},
		"a shared database":      {with("DATABASE_URL", "postgres://u:SENSITIVE@x/y"), "serve", "-single-instance"},
		"perhaps revocable":      {with("ABLY_REVOCABLE", "perhaps"), "serve", "true or false"},
		"revocable without key":  {with("ABLY_REVOCABLE", "true"), "serve", "ABLY_PRIVATE_KEY"},
		"perhaps in the demo":    {with("ABLY_REVOCABLE", "perhaps"), "demo", "true or false"},
		"nobody to revoke":       {nil, "users revoke", "give the user's id"},
		"two to revoke":          {nil, "users revoke usr_member0001 usr_member0002", "give the user's id"},
		"no user to revoke":      {nil, "users revoke stf_asha01", "usr_"},
		"channels alone":         {nil, "ably serve -revoke-channels", "needs -revocable"},
		"perhaps alone":          {with("SINGLE_INSTANCE", "perhaps"), "serve", "true or false"},
		"tables of no kind":      {nil, "migrate -database-url mysql://u:SENSITIVE@x/y", "postgres://"},
		"a word too many there":  {nil, "migrate now", `unexpected argument "now"`},
		"an endpoint, no key":    {with("ABLY_ENDPOINT", "127.0.0.1:1"), "serve", "set both or neither"},
		"a malformed key":        {with("ABLY_PRIVATE_KEY", "nonsense"), "serve", "APP.KEY:SECRET"},
		"a malformed address":    {secret, "serve -listen nowhere", "host:port"},
		"a port beyond all":      {secret, "serve -listen 127.0.0.1:99999", "host:port"},
		"a store of no kind":     {with("EVENTSTORE_URL", "http://x"), "serve", "EVENTSTORE_URL"},
		"an unknown log format":  {secret, "serve -log-format xml", "text or json"},
		"an unknown log level":   {secret, "serve --log-level loud", "debug, info"},
		"a word too many":        {secret, "serve now", `unexpected argument "now"`},
		"an unknown command":     {nil, "frobnicate", "unknown command"},
		"an unknown sub-command": {nil, "ably frobnicate", "unknown command"},
		"an unknown flag":        {nil, "demo -speed 3", "not defined"},
		"a rate of nothing":      {nil, "demo -rate 0", "-rate"},
		"a negative duration":    {nil, "demo -duration -3s", "-duration"},
		"a demo for everybody":   {nil, "demo -listen 0.0.0.0:0", "loopback"},
		"unknown limits":         {nil, "ably serve -limits huge", "huge"},
		"the endpoint for all":   {nil, "ably serve -listen 0.0.0.0:0", "-expose"},
		"the node for all":       {nil, "eventstore serve -listen 0.0.0.0:0", "-password"},
		"half a certificate":     {nil, "eventstore serve -tls-cert a.pem", "belong together"},
		"a password in clear":    {nil, "eventstore serve -password x", "in clear"},
		"flags after arguments":  {nil, "serve now -listen nowhere", "unexpected argument"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runProgram(t.Context(), t, c.env, strings.Fields(c.args)...)
			if got.code != exitUsage || !strings.Contains(got.stderr, c.want) || strings.Count(got.stderr, "\n") != 1 {
				t.Errorf("exit %d, stderr %q, want 2 and one line with %q", got.code, got.stderr, c.want)
			}
			if got.stdout != "" || strings.Contains(got.stderr, "SENSITIVE") {
				t.Errorf("stdout %q, stderr %q", got.stdout, got.stderr)
			}
		})
	}
}

func TestAFailureWithJSONIsOneObject(t *testing.T) {
	t.Parallel()
	got := runProgram(t.Context(), t, nil, "demo", "--json=1", "-rate", "-1")
	var line struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &line); err != nil || line.Error.Code != "USAGE" {
		t.Errorf("stdout %q: %v", got.stdout, err)
	}
	if got.code != exitUsage || got.stderr != "" {
		t.Errorf("exit %d, stderr %q", got.code, got.stderr)
	}
}

func TestSecretsAreNotRepeated(t *testing.T) {
	t.Parallel()
	got := runProgram(t.Context(), t, map[string]string{
		"SESSION_SECRET": childSecret, "ABLY_PRIVATE_KEY": "app.key-without-its-end-SENSITIVE",
	}, "serve")
	if strings.Contains(got.stderr+got.stdout, "SENSITIVE") {
		t.Errorf("printed %q", got.stderr)
	}
	help := runProgram(t.Context(), t, map[string]string{"SESSION_SECRET": "SENSITIVE"}, "serve", "--help")
	if strings.Contains(help.stdout+help.stderr, "SENSITIVE") {
		t.Error("the help text shows the secret")
	}
}

// TestTheDemoKeepsItsPromises runs the demo as a user does. It does not share the machine with the package's other tests: how many
// commands it takes until every verb was used depends on how fast the pages follow. That all of them are is tested with the demo.
func TestTheDemoKeepsItsPromises(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	got := runProgram(ctx, t, map[string]string{"ABLY_REVOCABLE": "true"}, "demo", "-duration", "15s", "--rate=20", "-json")
	var r check.Report
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil {
		t.Fatalf("exit %d: %v: %s%s", got.code, err, got.stdout, got.stderr)
	}
	if broken := r.Broken(); len(broken) > 0 {
		t.Errorf("promises broken: %q", broken)
	}
	if r.Received == 0 || r.Commands < 100 || r.Revoked == nil || strings.Count(got.stdout, "\n") != 1 {
		t.Errorf("summary %s", got.stdout)
	}
	if failures := r.Failures(); (got.code == exitOK) != (len(failures) == 0) {
		t.Errorf("exit %d with %q", got.code, failures)
	}
	lines := 1
	if got.code != exitOK {
		lines = 2 // the address, and why it failed
		for _, action := range check.Actions() {
			if r.ByAction[action] == 0 && action != check.ClearStanding { // it takes three absences
				t.Errorf("nobody used %s", action)
			}
		}
	}
	if !strings.HasPrefix(got.stderr, "booking http://127.0.0.1:") || strings.Count(got.stderr, "\n") != lines {
		t.Errorf("stderr %q, want %d lines that begin with the address", got.stderr, lines)
	}
}

// TestTheDemoKeepsItsPromisesUnderChaos is the short form of a minute at 200 commands a second. That enough went wrong is among what
// the run itself is judged by; here every kind of it must have.
func TestTheDemoKeepsItsPromisesUnderChaos(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	got := runProgram(ctx, t, nil, "demo", "-chaos", "-duration", "15s", "-rate=20", "-json")
	var r check.Report
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil {
		t.Fatalf("exit %d: %v: %s%s", got.code, err, got.stdout, got.stderr)
	}
	if broken := r.Broken(); len(broken) > 0 || r.Received == 0 {
		t.Errorf("promises broken: %q", broken)
	}
	for _, f := range chaosFaults() {
		if r.Faults[f.Kind.String()] == 0 {
			t.Errorf("no request failed with %s: %s", f.Kind, got.stdout)
		}
	}
	if r.Chaos == nil || r.Faults["socketDropped"] == 0 {
		t.Errorf("summary %s", got.stdout)
	}
	if failures := r.Failures(); (got.code == exitOK) != (len(failures) == 0) {
		t.Errorf("exit %d with %q", got.code, failures)
	}
}

func TestASignalBeforeTheDemoBeginsStillGivesASummary(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := runProgram(ctx, t, nil, "demo", "-json")
	var r check.Report
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil || r.Commands != 0 {
		t.Errorf("stdout %q: %v", got.stdout, err)
	}
	if got.code != exitFailed || !strings.Contains(got.stderr, "no message was received") {
		t.Errorf("exit %d, stderr %q", got.code, got.stderr)
	}
}
