package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/royalglow/booking"

// importRule says what a package, and everything below it, may import of this module: nothing but what is allowed.
type importRule struct {
	pkg   string
	allow []string
	why   string
}

func importRules() []importRule {
	return []importRule{
		{"domain", nil, "the domain is pure: standard library only"},
		{"internal/esdbnode", nil, "passing against a local server means something only if it knows nothing of us"},
		{"internal/ablylocal", nil, "passing against a local server means something only if it knows nothing of us"},
		{"internal/telemetry", nil, "telemetry is set up before everything else"},
		{"internal/database", []string{}, "the database package knows no table"},
		{"internal/eventstore", []string{"domain"}, "the store knows events and nothing that uses them"},
		{"internal/subscription", []string{"domain", "internal/eventstore", "internal/database"}, "the runner is under every consumer"},
		{"internal/nodelog", []string{"domain", "internal/eventstore", "internal/esdbnode"}, "a log for benchmarks is under those who measure with it"},
		{"internal/plaintext", []string{}, "a rule about text knows nobody's texts"},
		{"internal/vault", []string{"domain", "internal/eventstore", "internal/subscription", "internal/database"}, "keys know no roles and no API"},
		{"internal/calendars", []string{"internal/database"}, "a link knows whose it is, not what it shows"},
		{"internal/directory", []string{"domain", "internal/database", "internal/plaintext"}, "names depend on nothing"},
		{"internal/httpapi/contract", []string{}, "a checker that knows the code would believe it"},
		{"commands", []string{"domain", "internal/eventstore", "internal/subscription", "internal/database", "internal/plaintext"}, "siblings meet only through events"},
		{"projections", []string{"domain", "internal/eventstore", "internal/subscription", "internal/database"}, "siblings meet only through events"},
		{"publishers", []string{"domain", "internal/eventstore", "internal/subscription", "internal/database"}, "siblings meet only through events"},
		{"internal/demo", []string{"domain", "internal/eventstore", "publishers"}, "simulated people use the API, not the engine"},
		{"internal/console", []string{}, "the page is files"},
		{"internal/browsertest", []string{}, "a browser knows no page"},
	}
}

// broken returns why from may not import to, or "".
func broken(rules []importRule, from, to string) string {
	for _, r := range rules {
		if !within(from, r.pkg) || within(to, r.pkg) {
			continue
		}
		if !slices.ContainsFunc(r.allow, func(a string) bool { return within(to, a) }) {
			return r.why
		}
	}
	if within(to, "cmd") {
		return "nothing imports cmd"
	}
	return ""
}

// meets reports whether a package sees more than one of the three sides.
func meets(imports []string) bool {
	sides := map[string]bool{}
	for _, to := range imports {
		for _, side := range []string{"commands", "projections", "publishers"} {
			if within(to, side) {
				sides[side] = true
			}
		}
	}
	return len(sides) > 1
}

func within(pkg, dir string) bool { return pkg == dir || strings.HasPrefix(pkg, dir+"/") }

func TestImportRules(t *testing.T) {
	t.Parallel()
	rules := importRules()
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		from, ours := strings.CutPrefix(p.ImportPath, module+"/")
		if !ours {
			continue
		}
		seen[from] = true
		var all []string
		for _, imp := range p.Imports {
			all = append(all, strings.TrimPrefix(imp, module+"/"))
		}
		if meets(all) && !within(from, "cmd") && !within(from, "internal/httpapi") {
			t.Errorf("%s sees several of commands, projections and publishers: only cmd and internal/httpapi do", from)
		}
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, module+"/")
			if !ours {
				if from == "domain" && strings.Contains(strings.Split(imp, "/")[0], ".") {
					t.Errorf("domain imports %s: the domain is pure", imp)
				}
				if strings.Contains(imp, "EventStore-Client-Go/v4/esdb") && from != "internal/eventstore" && from != "internal/nodelog" {
					t.Errorf("%s imports the event store's client: only internal/eventstore does, and internal/nodelog to measure against it", from)
				}
				continue
			}
			if why := broken(rules, from, to); why != "" {
				t.Errorf("%s imports %s: %s", from, to, why)
			}
		}
	}
	for _, r := range rules {
		if !seen[r.pkg] {
			t.Errorf("the rule for %s has no package: is it named right?", r.pkg)
		}
	}
}

func TestImportRulesObject(t *testing.T) {
	t.Parallel()
	if !meets([]string{"commands", "domain", "publishers"}) || meets([]string{"commands/claimkeeper", "commands"}) {
		t.Error("the rule about the three sides does not tell them apart")
	}
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"domain", "internal/eventstore", false},
		{"commands", "projections", false},
		{"projections", "publishers", false},
		{"publishers", "commands", false},
		{"commands/keeper", "commands", true},
		{"commands", "domain", true},
		{"internal/ablylocal", "domain", false},
		{"internal/httpapi", "commands", true},
		{"internal/httpapi", "cmd/booking", false},
	} {
		if got := broken(importRules(), c.from, c.to) == ""; got != c.ok {
			t.Errorf("%s importing %s: allowed = %v, want %v", c.from, c.to, got, c.ok)
		}
	}
}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

// listPackages returns the packages of the module with their imports, tests excluded.
func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = path.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listedPackage
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listedPackage
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
