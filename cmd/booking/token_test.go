package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestATokenIsTakenByTheEngine(t *testing.T) {
	t.Parallel()
	e := startEngine(t, nil, nil)
	got := runProgram(t.Context(), t, map[string]string{"SESSION_SECRET": childSecret},
		"token", "-user", "usr_anybody1", "-role", "receptionist", "-branch", "br_first001", "--branch=br_second01")
	if got.code != exitOK || got.stderr != "" {
		t.Fatalf("exit %d, stderr %q", got.code, got.stderr)
	}
	r := e.callWith(t, strings.TrimSpace(got.stdout), http.MethodGet, "/api/session", nil).want(t, http.StatusOK)
	if branches, _ := r.body["branchIds"].([]any); r.text("userId") != "usr_anybody1" || r.text("role") != "receptionist" || len(branches) != 2 {
		t.Errorf("session %v", r.body)
	}
}

func TestATokenThatNobodyWouldTakeIsNotSigned(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-user usr_anybody1 -session-secret short": "SESSION_SECRET",
		"-user ada":                                   "usr_",
		"-user usr_anybody1 -role king":               "-role",
		"-user usr_anybody1 -role system":             "-role",
		"-user usr_anybody1 -role staff":              "-staff",
		"-user usr_anybody1 -staff stf_*":             "-staff",
		"-user usr_anybody1 -branch mitte":            "-branch",
		"-user usr_anybody1 -valid -1h":               "-valid",
		"-user usr_anybody1 -role owner unasked":      "unexpected argument",
		"-user usr_anybody1 -role owner -valid never": "invalid value",
	} {
		got := runProgram(t.Context(), t, map[string]string{"SESSION_SECRET": childSecret}, append([]string{"token"}, strings.Fields(args)...)...)
		if got.code != exitUsage || got.stdout != "" || !strings.Contains(got.stderr, want) || strings.Contains(got.stderr, childSecret) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", args, got.code, got.stdout, got.stderr)
		}
	}
}
