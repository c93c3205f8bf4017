package projections_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/database"
)

// step is a lease that was taken, or a checkpoint that was moved, as the database has noted it.
type step struct {
	Seq      int64  `bun:"seq"`
	Lease    string `bun:"lease"` // of the read model
	Taken    bool   `bun:"taken"`
	Term     int64  `bun:"term"`
	Position int64  `bun:"position"`
	Who      string `bun:"who"` // the new owner, or whose connection it was
}

// noteSteps lets a PostgreSQL database note what becomes of leases and checkpoints, whoever writes there. The numbers of committed steps of
// one read model are in the order of its locks: a trigger runs while its transaction has the row, and who takes a lease waits for those
// who have checked its term. What is undone is not noted.
const noteSteps = `
CREATE TABLE steps (seq BIGSERIAL PRIMARY KEY, lease TEXT NOT NULL, taken BOOLEAN NOT NULL, term BIGINT NOT NULL,
	position BIGINT NOT NULL, who TEXT NOT NULL);

CREATE FUNCTION note_lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF NEW.owner <> '' AND (TG_OP = 'INSERT' OR NEW.term <> OLD.term OR NEW.owner <> OLD.owner) THEN
		INSERT INTO steps (lease, taken, term, position, who) VALUES (NEW.name, true, NEW.term, 0, NEW.owner);
	END IF;
	RETURN NULL;
END $$;

CREATE FUNCTION note_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	INSERT INTO steps (lease, taken, term, position, who)
		VALUES (split_part(NEW.name, '_g', 1), false, NEW.term, NEW.position, current_setting('application_name'));
	RETURN NULL;
END $$;

CREATE TRIGGER note AFTER INSERT OR UPDATE ON leases FOR EACH ROW EXECUTE FUNCTION note_lease();
CREATE TRIGGER note AFTER INSERT OR UPDATE ON checkpoints FOR EACH ROW EXECUTE FUNCTION note_checkpoint();`

func steps(ctx context.Context, t *testing.T, db *database.DB) (all []step) {
	t.Helper()
	if err := db.Read.NewSelect().Table("steps").OrderExpr("seq").Scan(ctx, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// wrongSteps says what is wrong: terms that do not rise, two owners of one, checkpoints that go back, or that another than the owner has
// moved, or in another term.
func wrongSteps(all []step) (objections []string) {
	owned, at := map[string]step{}, map[string]int64{}
	for _, s := range all {
		now := owned[s.Lease]
		object := func(what string) {
			objections = append(objections, fmt.Sprintf("step %d of %s: %s: %+v, in term %d of %s", s.Seq, s.Lease, what, s, now.Term, now.Who))
		}
		if s.Taken {
			if s.Term <= now.Term {
				object("a term that was there before")
			}
			owned[s.Lease] = s
			continue
		}
		switch {
		case s.Who != now.Who:
			object("written by another than the owner")
		case s.Term != now.Term:
			object("written in another term")
		}
		if s.Position < at[s.Lease] {
			object("written further back")
		}
		at[s.Lease] = s.Position
	}
	return objections
}

func TestTheCheckOfStepsObjects(t *testing.T) {
	t.Parallel()
	good := []step{
		{Lease: "x", Taken: true, Term: 1, Who: "a"},
		{Lease: "x", Term: 1, Position: 5, Who: "a"},
		{Lease: "y", Taken: true, Term: 1, Who: "b"},
		{Lease: "y", Term: 1, Position: 2, Who: "b"},
		{Lease: "x", Taken: true, Term: 3, Who: "b"},
		{Lease: "x", Term: 3, Position: 5, Who: "b"},
	}
	if wrong := wrongSteps(good); wrong != nil {
		t.Error(wrong)
	}
	for want, bad := range map[string]step{
		"a term that was there before":      {Lease: "x", Taken: true, Term: 3, Who: "a"},
		"written by another than the owner": {Lease: "x", Term: 3, Position: 6, Who: "a"},
		"written in another term":           {Lease: "x", Term: 1, Position: 6, Who: "b"},
		"written further back":              {Lease: "x", Term: 3, Position: 4, Who: "b"},
	} {
		if wrong := wrongSteps(append(slices.Clip(good), bad)); len(wrong) != 1 || !strings.Contains(wrong[0], want) {
			t.Errorf("%s: %v", want, wrong)
		}
	}
}
