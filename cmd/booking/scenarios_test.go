package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// scenarios is how many the domain's reference lists.
const scenarios = 48

// TestEveryScenarioIsATest finds the scenarios by the names of their tests: TestScenario09… is the ninth.
func TestEveryScenarioIsATest(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`(?m)^func TestScenario(\d\d)[A-Z]\w+\(`)
	found := map[int]string{}
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			n, _ := strconv.Atoi(m[1])
			found[n] = path
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= scenarios; n++ {
		if found[n] == "" {
			t.Errorf("scenario %d has no test", n)
		}
		delete(found, n)
	}
	for n, path := range found {
		t.Errorf("%s has a test of a scenario %d, which is none", path, n)
	}
}
