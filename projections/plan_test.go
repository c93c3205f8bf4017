package projections_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/database"
)

// plan is what a database would do to answer a query.
type plan struct {
	used   []string // indexes
	faults []string // where it reads a whole table that grows, or reads or sorts far more than it shows
}

// explain returns the plan of a query. A list of everything may be read from its beginning.
func explain(t *testing.T, db *database.DB, query string, everything bool) (p plan) {
	t.Helper()
	if db.Kind() == database.PostgreSQL {
		return explainServer(t, db, query, everything)
	}
	return explainFile(t, db, query, everything)
}

// wholeList matches the indexes that hold a list of everything in its order.
var wholeList = regexp.MustCompile(`^bookings_v2_g1_(start|needs_staff)$`)

func explainFile(t *testing.T, db *database.DB, query string, everything bool) (p plan) {
	t.Helper()
	// To explain does not look whether others have changed the tables: only the writer knows for sure.
	rows, err := db.Write.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // the error of the iteration is checked
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		_, index, _ := strings.Cut(step, " INDEX ")
		index, _, _ = strings.Cut(index, " ")
		p.used = append(p.used, index)
		given := step == "SCAN CONSTANT ROW" || strings.HasSuffix(step, "-ROW VALUES CLAUSE") // keys in the query itself
		if strings.Contains(step, "(ANY(") {                                                  // it skips through all of the index
			p.faults = append(p.faults, step)
		}
		if strings.HasPrefix(step, "SCAN") && !given && (!everything || !wholeList.MatchString(index)) {
			p.faults = append(p.faults, step)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

// planNode is a node of a plan as PostgreSQL's EXPLAIN (FORMAT JSON) gives it
// (https://www.postgresql.org/docs/15/sql-explain.html). Numbers of rows are estimates.
type planNode struct {
	Type      string     `json:"Node Type"`
	Relation  string     `json:"Relation Name"`
	Index     string     `json:"Index Name"`
	Condition string     `json:"Index Cond"`
	Rows      float64    `json:"Plan Rows"`
	Plans     []planNode `json:"Plans"`
}

func explainServer(t *testing.T, db *database.DB, query string, everything bool) (p plan) {
	t.Helper()
	var text string
	if err := db.Read.QueryRowContext(t.Context(), "EXPLAIN (FORMAT JSON) "+query).Scan(&text); err != nil {
		t.Fatal(err)
	}
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		t.Fatal(err)
	}
	for _, top := range plans {
		for _, n := range top.Plan.all() {
			p.used = append(p.used, n.Index)
			if fault := n.fault(top.Plan.Rows, everything); fault != "" {
				p.faults = append(p.faults, fault+"\n"+text)
			}
		}
	}
	return p
}

// all lists the node and those below it.
func (n planNode) all() []planNode {
	list := []planNode{n}
	for _, below := range n.Plans {
		list = append(list, below.all()...)
	}
	return list
}

// small matches the tables whose size follows from how many salons and read models there are, not from the log.
var small = regexp.MustCompile(
	`^((branches|branch_services|branch_closures|branch_staff|staff)_v1_g1|projections|generations|checkpoints|projection_skips)(_pkey)?$`)

// How many rows a node may read or sort, whatever the query shows.
const (
	readFreely   = 2000
	sortedFreely = 200
)

// fault says what is wrong with one node of a plan that shows so many rows; empty when nothing is.
func (n planNode) fault(shown float64, everything bool) string {
	list := everything && wholeList.MatchString(n.Index)
	switch {
	case n.Type == "Seq Scan" && !small.MatchString(n.Relation):
		return "reads all of " + n.Relation
	case strings.Contains(n.Type, "Index") && n.Condition == "" && !list && !small.MatchString(n.Index):
		return "reads all of " + n.Index
	case n.Type == "Bitmap Index Scan" && n.Rows > max(readFreely, 10*shown):
		return "reads much more of " + n.Index + " than it shows"
	case n.Type == "Sort" && n.Rows > max(sortedFreely, 10*shown):
		return "sorts much more than it shows"
	}
	return ""
}
