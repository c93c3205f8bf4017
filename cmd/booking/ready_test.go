package main

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/httpapi"
)

func TestAFullDiskShows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := checkRoom(dir, 1); err != nil {
		t.Errorf("with room: %v", err)
	}
	err := checkRoom(dir, 1<<63)
	if e, ok := errors.AsType[*httpapi.NotReadyError](err); !ok || e.Word != "full" || !strings.Contains(err.Error(), dir) {
		t.Errorf("without room: %v", err)
	}
	if err := checkRoom(dir+"/nowhere", 1); err == nil {
		t.Error("a folder that is not there has room")
	}
	e := startEngine(t, nil, nil)
	parts, _ := e.callWith(t, "", http.MethodGet, "/readyz", nil).want(t, http.StatusOK).body["parts"].([]any)
	if !slices.ContainsFunc(parts, func(p any) bool { m, _ := p.(map[string]any); return m["name"] == "data folder" }) {
		t.Errorf("/readyz does not look at the disk: %v", parts)
	}
}

// TestWithoutEngineFileTheEngineRuns: a folder is in the way, as a full disk would be.
func TestWithoutEngineFileTheEngineRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(engineFilePath(dir)+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	e := startEngine(t, func(c *Config) { c.DataDir = dir }, nil)
	e.callWith(t, "", http.MethodGet, "/readyz", nil).want(t, http.StatusOK)
	if _, _, err := readEngineFile(dir); err == nil {
		t.Error("the file was written: nothing was in the way")
	}
}
