package databasetest

import (
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
)

// folders are where packages put PostgreSQL's programs, which are often not in PATH.
func folders() []string {
	return []string{
		"/usr/lib/postgresql/*/bin", // Debian
		"/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
	}
}

var errNotInstalled = errors.New("no initdb and postgres in PATH or where packages put them")

// binaries returns the folder with initdb and postgres, of the newest version that is there.
func binaries() (dir string, err error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if followed, err := filepath.EvalSymlinks(path); err == nil && complete(filepath.Dir(followed)) {
			return filepath.Dir(followed), nil
		}
	}
	for _, pattern := range folders() {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		slices.Sort(found)
		for _, dir := range slices.Backward(found) {
			if complete(dir) {
				return dir, nil
			}
		}
	}
	return "", errNotInstalled
}

func complete(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}
