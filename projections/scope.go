package projections

import (
	"slices"

	"github.com/uptrace/bun"
)

// BranchScope says which branches a read may reach. The zero scope reaches none: whoever forgets to set it sees nothing.
type BranchScope struct {
	all bool
	ids []string
}

// EveryBranch reaches all branches.
func EveryBranch() BranchScope { return BranchScope{all: true} }

// InBranches reaches those with the given ids; none when there are no ids.
func InBranches(ids ...string) BranchScope { return BranchScope{ids: ids} }

// empty reports whether nothing can be found in the scope.
func (s BranchScope) empty() bool { return !s.all && len(s.ids) == 0 }

func (s BranchScope) reaches(branchID string) bool { return s.all || slices.Contains(s.ids, branchID) }

// each parts the scope into scopes of one branch, or all of them.
func (s BranchScope) each() []BranchScope {
	if s.all {
		return []BranchScope{s}
	}
	var parts []BranchScope
	for _, id := range slices.Compact(slices.Sorted(slices.Values(s.ids))) {
		parts = append(parts, InBranches(id))
	}
	return parts
}

// restrict adds the scope to a query as a condition on a column.
func (s BranchScope) restrict(q *bun.SelectQuery, column string) *bun.SelectQuery {
	switch {
	case s.all:
		return q
	case len(s.ids) == 1:
		return q.Where("? = ?", bun.Ident(column), s.ids[0]) // lets an index give the order, too
	}
	return q.Where("? IN (?)", bun.Ident(column), bun.List(s.ids))
}
